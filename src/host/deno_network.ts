/**
 * The loopback network through raw sockets: a proxy variable, a redirect or a
 * second host cannot divert a probe that never speaks to anything else.
 *
 * @module
 */

import { denoClock } from "./deno_clock.ts";
import { toHostError } from "./deno_error.ts";
import { acceptSocket, canBind } from "./deno_sockets.ts";
import type {
  LoopbackReply,
  LoopbackRequest,
  LoopbackServer,
  Network,
} from "./host.ts";
import { parseReply } from "./http_reply.ts";

const LOOPBACK = "127.0.0.1";
const REPLY_LIMIT_BYTES = 64 * 1024;
/** How long requests in progress may delay a stop, in milliseconds. */
const STOP_GRACE_MS = 1000;

function hostOf({ address = LOOPBACK }: LoopbackRequest): string {
  return address.includes(":") ? `[${address}]` : address;
}

function formatRequest(request: LoopbackRequest): Uint8Array {
  const body = new TextEncoder().encode(request.body ?? "");
  const head = [
    `${request.method} ${request.path} HTTP/1.1`,
    `Host: ${hostOf(request)}:${request.port}`,
    "Accept: application/json",
    "Connection: close",
    ...(request.method === "POST"
      ? ["Content-Type: application/json", `Content-Length: ${body.length}`]
      : []),
  ];
  const start = new TextEncoder().encode(head.join("\r\n") + "\r\n\r\n");
  const bytes = new Uint8Array(start.length + body.length);
  bytes.set(start);
  bytes.set(body, start.length);
  return bytes;
}

async function exchange(
  connection: Deno.TcpConn,
  request: LoopbackRequest,
): Promise<LoopbackReply> {
  // Reading begins at once: each turn of the event loop costs every probe.
  const [, reply] = await Promise.all([
    send(connection, formatRequest(request)),
    receive(connection, request),
  ]);
  return reply;
}

/** A peer may answer and close before it has read everything. */
async function send(connection: Deno.TcpConn, bytes: Uint8Array) {
  try {
    let sent = 0;
    while (sent < bytes.length) {
      sent += await connection.write(bytes.subarray(sent));
    }
  } catch (error) {
    if (failureOf(error).kind !== "reset") throw error;
  }
}

async function receive(
  connection: Deno.TcpConn,
  request: LoopbackRequest,
): Promise<LoopbackReply> {
  const limit = request.maxBytes ?? REPLY_LIMIT_BYTES;
  const received = new Uint8Array(limit + 1);
  let length = 0;
  while (true) {
    const count = await connection.read(received.subarray(length));
    length += count ?? 0;
    if (length > limit) return { kind: "too_large" };
    if (length === 0 && count === null) return { kind: "reset" };
    const state = parseReply(received.subarray(0, length), count === null);
    if (state.kind !== "incomplete") return state;
    if (count === null) return { kind: "not_http" };
  }
}

function failureOf(error: unknown): LoopbackReply {
  if (error instanceof Deno.errors.ConnectionRefused) {
    return { kind: "refused" };
  }
  if (
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.UnexpectedEof
  ) return { kind: "reset" };
  return { kind: "unreachable", reason: String(error) };
}

async function request(request: LoopbackRequest): Promise<LoopbackReply> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  let connection: Deno.TcpConn | undefined;
  const close = () => connection?.close();
  deadline.addEventListener("abort", close);
  try {
    connection = await Deno.connect({
      hostname: request.address ?? LOOPBACK,
      port: request.port,
      signal: deadline,
    });
    if (deadline.aborted) {
      connection.close();
      return { kind: "timeout", connected: true };
    }
    return await exchange(connection, request);
  } catch (error) {
    if (deadline.aborted) {
      return { kind: "timeout", connected: connection !== undefined };
    }
    return failureOf(error);
  } finally {
    deadline.removeEventListener("abort", close);
    // The deadline has closed the connection if it has passed.
    if (!deadline.aborted) connection?.close();
  }
}

function serve(
  port: number,
  handler: (request: Request) => Promise<Response>,
): Promise<LoopbackServer> {
  try {
    const server = Deno.serve({
      hostname: LOOPBACK,
      port,
      onListen: () => undefined,
    }, handler);
    return Promise.resolve({
      port: server.addr.port,
      async stop() {
        // A request that never ends must not keep a daemon from ending; its
        // connection closes with the process.
        const done = new AbortController();
        const late = denoClock.sleep(STOP_GRACE_MS, done.signal);
        await Promise.race([server.shutdown(), late]);
        done.abort();
      },
    });
  } catch (error) {
    return Promise.reject(toHostError(`port ${port}`, error));
  }
}

/** The real loopback network. */
export const denoNetwork: Network = { request, serve, canBind, acceptSocket };
