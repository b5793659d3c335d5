/**
 * Servers elsewhere, as a fake world sees them.
 *
 * @module
 */

import type { Socket, Web, WebReply, WebRequest } from "../../src/host/web.ts";
import type { FakeClock } from "./fake_clock.ts";
import type { FakeProcess } from "./fake_process.ts";
import { FakePeer } from "./fake_socket.ts";

const REPLY_LIMIT_BYTES = 1024 * 1024;

/** Answers the requests to servers elsewhere. */
export type RespondElsewhere = (
  request: WebRequest,
) => WebReply | Promise<WebReply>;

/** Meets those who open a socket. */
export type OnSocket = (
  url: string,
  headers: Readonly<Record<string, string>>,
  peer: FakePeer,
) => void;

/** A reply with a body; header names are in lower case. */
export function webReply(
  status: number,
  body: string | Readonly<Record<string, unknown>> = "",
  headers: Readonly<Record<string, string>> = {},
): WebReply {
  return {
    kind: "reply",
    status,
    header: (name) => headers[name.toLowerCase()],
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

/** Servers elsewhere; a test plays them all. */
export class FakeWeb {
  /** Every request, in order. */
  readonly requests: WebRequest[] = [];
  /** Answers requests. @default nothing is there */
  respond: RespondElsewhere = () => ({
    kind: "unreachable",
    reason: "connection refused",
  });
  /** Meets those who open a socket. @default nothing is there */
  onSocket: OnSocket = (_url, _headers, peer) => {
    peer.close(1006, "connection refused");
  };
  readonly #clock: FakeClock;
  readonly #peers = new Set<FakePeer>();

  /** Creates a web in which nothing is there. */
  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** How one process sees it; `enter` is awaited before each request. */
  seenBy(
    process: FakeProcess,
    enter: (operation: string) => Promise<void>,
  ): Web {
    return {
      request: async (request) => {
        await enter(`${request.method} ${request.url}`);
        const reply = await this.#exchange(process, request);
        // Whoever ended meanwhile learns nothing any more.
        if (process.hasEnded) return await new Promise(() => {});
        return limit(reply, request.maxBytes ?? REPLY_LIMIT_BYTES);
      },
      openSocket: (url, headers, events): Socket => {
        process.assertAlive();
        const peer = new FakePeer(process, events);
        this.#peers.add(peer);
        this.onSocket(url, headers, peer);
        return peer.socket;
      },
    };
  }

  /** Closes the sockets of a process that has ended. */
  forget(process: FakeProcess): void {
    for (const peer of this.#peers) {
      if (peer.process === process) peer.lose();
    }
  }

  /** Whatever comes first: the answer, the timeout or the signal. */
  async #exchange(
    process: FakeProcess,
    request: WebRequest,
  ): Promise<WebReply> {
    const { signal, timeoutMs } = request;
    if (signal?.aborted) return { kind: "aborted" };
    this.requests.push(request);
    const done = new AbortController();
    const both = AbortSignal.any([done.signal, ...signal ? [signal] : []]);
    const late = async (): Promise<WebReply> => {
      await this.#clock.sleep(timeoutMs, both, process);
      return { kind: signal?.aborted ? "aborted" : "timeout" };
    };
    try {
      return await Promise.race([late(), this.respond(request)]);
    } finally {
      done.abort();
    }
  }
}

function limit(reply: WebReply, maxBytes: number): WebReply {
  if (reply.kind !== "reply") return reply;
  const size = new TextEncoder().encode(reply.body).length;
  return size > maxBytes ? { kind: "too_large" } : reply;
}
