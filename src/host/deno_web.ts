/**
 * Servers elsewhere, through `fetch` and `WebSocket`.
 *
 * @module
 */

import type { Socket, SocketEvents, Web, WebReply, WebRequest } from "./web.ts";

const REPLY_LIMIT_BYTES = 1024 * 1024;
const REASON_LIMIT = 200;
/** Only the program at the other end may close with a code below 3000. */
const CLOSE_NO_TEXT = 4003;
/** What RFC 6455 calls an end without a code. */
const CLOSE_ABNORMAL = 1006;

async function readBody(
  response: Response,
  maxBytes: number,
): Promise<string | undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** What is wrong, without URL and headers: what they hold may be secret. */
function reasonOf(error: unknown, url: string): string {
  const isWrapped = error instanceof Error && error.cause instanceof Error;
  const fault = isWrapped ? error.cause : error;
  const text = fault instanceof Error ? fault.message : String(fault);
  return text.replace(/^error sending request .*client error \(\w+\): /, "")
    .replace(/^(Invalid header \w+): .*$/s, "$1")
    .replaceAll(url, "URL")
    .replaceAll(/\S+:\/\/\S+/g, "URL")
    .slice(0, REASON_LIMIT);
}

async function request(request: WebRequest): Promise<WebReply> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined
    ? deadline
    : AbortSignal.any([deadline, request.signal]);
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: { ...request.headers },
      redirect: "manual",
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const body = await readBody(
      response,
      request.maxBytes ?? REPLY_LIMIT_BYTES,
    );
    if (body === undefined) return { kind: "too_large" };
    const { status, headers } = response;
    const header = (name: string) => headers.get(name) ?? undefined;
    return { kind: "reply", status, header, body };
  } catch (error) {
    if (request.signal?.aborted) return { kind: "aborted" };
    if (deadline.aborted) return { kind: "timeout" };
    return { kind: "unreachable", reason: reasonOf(error, request.url) };
  }
}

function openSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
  events: SocketEvents,
): Socket {
  const socket = new WebSocket(url, { headers: { ...headers } });
  return watchSocket(socket, events);
}

/** Gives a WebSocket of either side our small face. */
export function watchSocket(socket: WebSocket, events: SocketEvents): Socket {
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

/** Real servers. */
export const denoWeb: Web = { request, openSocket };
