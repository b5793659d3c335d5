/**
 * Raw TCP through Deno.
 *
 * @module
 */

import type { Tcp, TcpExchange, TcpReply } from "./tcp.ts";

const LOOPBACK = "127.0.0.1";
const REPLY_LIMIT_BYTES = 4096;

async function exchange(request: TcpExchange): Promise<TcpReply> {
  const limit = AbortSignal.timeout(request.timeoutMs);
  const { signal } = request;
  const deadline = signal === undefined
    ? limit
    : AbortSignal.any([limit, signal]);
  let connection: Deno.TcpConn | undefined;
  const close = () => connection?.close();
  deadline.addEventListener("abort", close);
  try {
    connection = await Deno.connect({
      hostname: request.hostname ?? LOOPBACK,
      port: request.port,
      signal: deadline,
    });
    if (deadline.aborted) {
      connection.close();
      return { kind: "timeout", connected: true };
    }
    return await converse(connection, request, deadline);
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

/** A server may answer and close before it has read everything. */
async function converse(
  connection: Deno.TcpConn,
  request: TcpExchange,
  deadline: AbortSignal,
): Promise<TcpReply> {
  const { bytes, maxBytes = REPLY_LIMIT_BYTES } = request;
  const received = new Uint8Array(maxBytes);
  let length = 0;
  const { isEnough = () => true } = request;
  const sent = writeAll(connection, bytes);
  // Its failure is that of reading, which is waited for.
  sent.catch(() => undefined);
  try {
    while (length < maxBytes) {
      const count = await connection.read(received.subarray(length));
      if (count === null) break;
      length += count;
      if (isEnough(received.subarray(0, length))) break;
    }
  } catch (error) {
    if (length === 0) throw error;
  }
  if (maxBytes === 0) await sent;
  if (length === 0 && maxBytes > 0) {
    return deadline.aborted
      ? { kind: "timeout", connected: true }
      : { kind: "reset" };
  }
  return { kind: "reply", bytes: received.slice(0, length) };
}

async function writeAll(
  connection: Deno.TcpConn,
  bytes: Uint8Array,
): Promise<void> {
  let sent = 0;
  while (sent < bytes.length) {
    sent += await connection.write(bytes.subarray(sent));
  }
}

function failureOf(error: unknown): TcpReply {
  if (error instanceof Deno.errors.ConnectionRefused) {
    return { kind: "refused" };
  }
  if (
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.UnexpectedEof
  ) return { kind: "reset" };
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: "unreachable", reason };
}

/** Real TCP. */
export const denoTcp: Tcp = { exchange };
