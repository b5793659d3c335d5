/**
 * The loopback network of a fake world as one process sees it.
 *
 * @module
 */

import {
  HostError,
  type LoopbackReply,
  type LoopbackRequest,
  type Network,
} from "../../src/host/host.ts";
import type { FakeClock } from "./fake_clock.ts";
import type { FakeProcess, Respond } from "./fake_process.ts";
import type { FakeListener, FakeProcessTable } from "./fake_process_table.ts";

const REPLY_LIMIT_BYTES = 64 * 1024;
const STOP_GRACE_MS = 1000;
const FIRST_EPHEMERAL_PORT = 49_152;

/** What the network of one process needs. */
export interface NetworkContext {
  /** Time. */
  readonly clock: FakeClock;
  /** Processes, which hold the sockets. */
  readonly table: FakeProcessTable;
  /** The process whose network this is. */
  readonly process: FakeProcess;
  /** Every request, in order. */
  readonly requests: LoopbackRequest[];
  /** Awaited before every operation. */
  readonly enter: (operation: string) => Promise<void>;
}

/** A reply with a JSON body. */
export function healthReply(
  payload: Readonly<Record<string, unknown>>,
  status = 200,
): LoopbackReply {
  return { kind: "reply", status, body: JSON.stringify(payload) };
}

/** The network of one process. */
export function fakeNetwork(context: NetworkContext): Network {
  const { table, process, requests, enter } = context;
  return {
    async request(request) {
      await enter(`${request.method} ${request.port}${request.path}`);
      requests.push(request);
      const listener = table.listenerOn(request.port);
      if (listener === undefined) return { kind: "refused" };
      const reply = await exchange(context, listener, request);
      // Whoever ended meanwhile learns nothing any more.
      if (process.hasEnded) return await new Promise(() => {});
      return limit(reply, request.maxBytes ?? REPLY_LIMIT_BYTES);
    },
    async serve(port, handler) {
      await enter(`serve ${port}`);
      if (table.isTaken(port)) {
        throw new HostError("address_in_use", `port ${port}`);
      }
      const bound = port === 0 ? freePort(table) : port;
      return listen(context, bound, handler);
    },
    async canBind(port) {
      await enter(`canBind ${port}`);
      return !table.isTaken(port) && !table.isTaken(port, ["::1"]);
    },
    acceptSocket() {
      throw new TypeError("Cannot be used here");
    },
  };
}

function freePort(table: FakeProcessTable): number {
  let port = FIRST_EPHEMERAL_PORT;
  while (table.isTaken(port)) port++;
  return port;
}

/** Whatever comes first: the answer, the end of the process or the timeout. */
async function exchange(
  { clock, process }: NetworkContext,
  { process: server, socket }: FakeListener,
  request: LoopbackRequest,
): Promise<LoopbackReply> {
  const done = new AbortController();
  const late = async (connected: boolean): Promise<LoopbackReply> => {
    await clock.sleep(request.timeoutMs, done.signal, process);
    return { kind: "timeout", connected };
  };
  const ended = async (): Promise<LoopbackReply> => {
    await server.exited;
    // A reply that was on its way when it ended still arrives.
    await clock.pause(0, done.signal, process);
    return { kind: "reset" };
  };
  try {
    if (server.acceptQueueFull) {
      const isConnected = false;
      return await late(isConnected);
    }
    const respond = socket.respond ?? server.respond;
    // The kernel takes the connection even if nobody ever looks at it.
    const isConnected = true;
    const isSilent = respond === undefined || server.state !== "running";
    return await Promise.race([
      late(isConnected),
      ended(),
      ...isSilent ? [] : [respond(request)],
    ]);
  } finally {
    done.abort();
  }
}

function limit(reply: LoopbackReply, maxBytes: number): LoopbackReply {
  if (reply.kind !== "reply") return reply;
  const size = new TextEncoder().encode(reply.body).length;
  return size > maxBytes ? { kind: "too_large" } : reply;
}

function listen(
  { clock, process }: NetworkContext,
  port: number,
  handler: (request: Request) => Promise<Response>,
) {
  const inProgress = new Set<Promise<LoopbackReply>>();
  const respond: Respond = async (request) => {
    const answer = serveOne(handler, request);
    inProgress.add(answer);
    try {
      return await answer;
    } finally {
      inProgress.delete(answer);
    }
  };
  process.listen({ port, respond });
  return {
    port,
    async stop() {
      process.unlisten(port);
      const done = new AbortController();
      await Promise.race([
        Promise.all(inProgress),
        clock.sleep(STOP_GRACE_MS, done.signal, process),
      ]);
      done.abort();
    },
  };
}

async function serveOne(
  handler: (request: Request) => Promise<Response>,
  { port, method, path, body = "" }: LoopbackRequest,
): Promise<LoopbackReply> {
  const host = `127.0.0.1:${port}`;
  const length = new TextEncoder().encode(body).length;
  const hasBody = method === "POST";
  const request = new Request(`http://${host}${path}`, {
    method,
    headers: {
      "Host": host,
      "Accept": "application/json",
      "Connection": "close",
      ...(hasBody
        ? {
          "Content-Type": "application/json",
          "Content-Length": String(length),
        }
        : {}),
    },
    body: hasBody ? body : null,
  });
  try {
    const response = await handler(request);
    const { status } = response;
    return { kind: "reply", status, body: await response.text() };
  } catch {
    return { kind: "reply", status: 500, body: "Internal Server Error" };
  }
}
