/**
 * Raw TCP of a fake world as one process sees it.
 *
 * @module
 */

import type { Tcp, TcpExchange, TcpReply } from "../../src/host/tcp.ts";
import type { FakeClock } from "./fake_clock.ts";
import type { FakeProcess } from "./fake_process.ts";
import type { FakeProcessTable } from "./fake_process_table.ts";

const REPLY_LIMIT_BYTES = 4096;

/** What the connections of one process need. */
export interface TcpContext {
  /** Time. */
  readonly clock: FakeClock;
  /** Processes, which hold the sockets. */
  readonly table: FakeProcessTable;
  /** The process whose connections these are. */
  readonly process: FakeProcess;
  /** Awaited before every operation. */
  readonly enter: (operation: string) => Promise<void>;
}

/** Connections of one process; other machines cannot be reached. */
export function fakeTcp(context: TcpContext): Tcp {
  return {
    async exchange(request) {
      const { hostname = "127.0.0.1", port } = request;
      await context.enter(`exchange ${hostname}:${port}`);
      if (!/^(?:127\.0\.0\.1|localhost)$/.test(hostname)) {
        return { kind: "unreachable", reason: `no way to ${hostname}` };
      }
      return await converse(context, request);
    },
  };
}

async function converse(
  { clock, table, process }: TcpContext,
  request: TcpExchange,
): Promise<TcpReply> {
  const { bytes, timeoutMs, maxBytes = REPLY_LIMIT_BYTES } = request;
  const listener = table.listenerOn(request.port);
  if (listener === undefined) return { kind: "refused" };
  if (maxBytes === 0) return { kind: "reply", bytes: new Uint8Array() };
  const answer = listener.socket.answer?.(bytes) ?? "silence";
  if (answer === "hangs_up") return { kind: "reset" };
  if (answer !== "silence" && answer.length > 0) {
    return { kind: "reply", bytes: answer.slice(0, maxBytes) };
  }
  await clock.sleep(timeoutMs, request.signal, process);
  return { kind: "timeout", connected: true };
}
