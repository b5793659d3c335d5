/**
 * What of the network is there as soon as the call returns, or is so small that
 * loading the rest for it would not pay.
 *
 * @module
 */

import { toHostError } from "./deno_error.ts";
import type { Socket, SocketEvents } from "./web.ts";

/** Only the program at the other end may close with a code below 3000. */
const CLOSE_NO_TEXT = 4003;
/** What RFC 6455 calls an end without a code. */
const CLOSE_ABNORMAL = 1006;
/** How long a silent client of a WebSocket is kept, in seconds. */
const SOCKET_IDLE_SECONDS = 60;

const OWN_ADDRESSES = ["127.0.0.1", "::1"];

/** A port is free for a moment only: who needs it must try to listen. */
export function canBind(port: number): Promise<boolean> {
  return Promise.resolve(
    OWN_ADDRESSES.every((hostname) => canListen(hostname, port)),
  );
}

function canListen(hostname: string, port: number): boolean {
  try {
    Deno.listen({ hostname, port }).close();
    return true;
  } catch (error) {
    // Without the address nobody can be there either.
    if (error instanceof Deno.errors.AddrNotAvailable) return true;
    if (error instanceof Deno.errors.AddrInUse) return false;
    if (error instanceof Deno.errors.PermissionDenied) return false;
    throw toHostError(`port ${port}`, error);
  }
}

/** Turns a request into a WebSocket; see `Network`. */
export function acceptSocket(
  request: Request,
  events: SocketEvents,
): { readonly response: Response; readonly socket: Socket } {
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: SOCKET_IDLE_SECONDS,
  });
  return { response, socket: watchSocket(socket, events) };
}

/** Opens a WebSocket to a server elsewhere; see `Web`. */
export function openSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
  events: SocketEvents,
): Socket {
  const socket = new WebSocket(url, { headers: { ...headers } });
  return watchSocket(socket, events);
}

/** Gives a WebSocket of either side our small face. */
function watchSocket(socket: WebSocket, events: SocketEvents): Socket {
  let failure = "";
  socket.addEventListener("open", () => events.onOpen?.());
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string") events.onText(data);
    else socket.close(CLOSE_NO_TEXT, "text only");
  });
  socket.addEventListener("error", (event) => {
    if (event instanceof ErrorEvent) failure = event.message;
  });
  socket.addEventListener("close", ({ code, reason }) => {
    // Deno says 0 when the socket could not be opened.
    events.onClose(code || CLOSE_ABNORMAL, reason || failure);
  });
  return {
    send(text) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(text);
      return true;
    },
    close(code = 1000, reason = "") {
      if (socket.readyState < WebSocket.CLOSING) socket.close(code, reason);
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
  };
}
