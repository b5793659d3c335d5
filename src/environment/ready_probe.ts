/**
 * Whether one unit is ready by its own rule.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Listener, ListenerTable } from "../host/processes.ts";
import type { UnitIdentity } from "./model.ts";
import { reboundOf } from "./rebound.ts";
import type { StartingUnit } from "./readiness.ts";
import { followLog } from "./service_log.ts";

/** What was seen of the machine at one moment. */
export interface Sight {
  /** Listeners, with their owners as far as those are units. */
  readonly listeners: ListenerTable;
  /** Running processes of each unit. */
  readonly members: ReadonlyMap<UnitIdentity, readonly number[]>;
  /** Whether all processes were looked at. */
  readonly isFull: boolean;
}

/** A unit that is ready. */
export interface FoundReady {
  /** Port that it listens on, if its rule is about a port. */
  readonly port: number | undefined;
}

/** Asks one unit again and again. */
export interface Probe {
  /**
   * Whether it is ready now.
   *
   * @param afterMs time since the beginning of the wait.
   */
  look(sight: Sight, afterMs: number): FoundReady | undefined;
  /** What has been seen of it instead, in half a sentence. */
  describe(): string;
}

type ProbeHost = Pick<Host, "blocking" | "clock" | "network">;

/** Many open a port for a debugger first and their own a moment later. */
const REBOUND_SETTLE_MS = 300;

/** One that only has to run must get over its first moments. */
const RUNNING_MS = 100;

const REQUEST_MS = 2000;

/** Opens the probe that the rule of a unit asks for. */
export function openProbe(
  host: ProbeHost,
  unit: StartingUnit,
  wake: () => void,
): Probe {
  switch (unit.ready.kind) {
    case "listen":
      return listenProbe(host, unit);
    case "http":
      return httpProbe(host, unit, unit.ready.path, wake);
    case "log":
      return logProbe(host, unit, unit.ready.pattern);
    case "exit":
      return never("it has not ended yet");
    case "running":
      return {
        look: (_, afterMs) =>
          afterMs >= RUNNING_MS ? { port: undefined } : undefined,
        describe: () => "it runs",
      };
  }
}

function never(text: string): Probe {
  return { look: () => undefined, describe: () => text };
}

function listenProbe({ blocking }: ProbeHost, unit: StartingUnit): Probe {
  const { port, identity, allowsRebound, logPath } = unit;
  if (port === undefined) return never("it was given no port");
  let owned: readonly Listener[] = [];
  let reboundSince: number | undefined;
  let size = unit.logFrom;
  return {
    look({ listeners, members }, afterMs) {
      if (listeners.kind === "unknown") return undefined;
      const pids = members.get(identity) ?? [];
      owned = listeners.listeners.filter((row) =>
        row.pids.some((pid) => pids.includes(pid))
      );
      if (owned.some((row) => row.port === port)) return { port };
      const other = reboundOf(owned, port);
      if (other === undefined || !allowsRebound) {
        reboundSince = undefined;
        return undefined;
      }
      reboundSince ??= afterMs;
      return afterMs - reboundSince >= REBOUND_SETTLE_MS
        ? { port: other.port }
        : undefined;
    },
    describe() {
      const before = size;
      size = blocking.stat(logPath)?.size ?? 0;
      const ports = [...new Set(owned.map((row) => row.port))].join(", ");
      const where = ports === ""
        ? `it does not listen on port ${port}`
        : `it listens on port ${ports} and not on ${port}`;
      return size > before
        ? `${where}, but it writes to its log`
        : `${where} and has written nothing`;
    },
  };
}

function httpProbe(
  host: ProbeHost,
  unit: StartingUnit,
  path: string,
  wake: () => void,
): Probe {
  const listen = listenProbe(host, unit);
  let seen: string | undefined;
  let answered: FoundReady | undefined;
  let isAsking = false;
  const request = (port: number, address: Loopback) =>
    host.network.request({
      address,
      port,
      method: "GET",
      path,
      timeoutMs: REQUEST_MS,
      maxBytes: 1024 * 1024,
    });
  const ask = async (port: number, [first, ...others]: Loopbacks) => {
    isAsking = true;
    let reply = await request(port, first);
    for (const other of others) {
      if (reply.kind === "refused") reply = await request(port, other);
    }
    isAsking = false;
    seen = reply.kind === "reply"
      ? `status ${reply.status}`
      : reply.kind.replaceAll("_", " ");
    const isFine = reply.kind === "reply" && reply.status >= 200 &&
      reply.status < 400;
    if (!isFine) return;
    answered = { port };
    wake();
  };
  return {
    look(sight, afterMs) {
      if (answered !== undefined) return answered;
      const found = listen.look(sight, afterMs);
      if (found?.port === undefined || isAsking) return undefined;
      ask(found.port, loopbacksOf(unit, sight, found.port)).catch((error) => {
        isAsking = false;
        seen = String(error);
      });
      return undefined;
    },
    describe: () =>
      seen === undefined ? listen.describe() : `GET ${path} gave ${seen}`,
  };
}

type Loopback = "127.0.0.1" | "::1";
type Loopbacks = readonly [Loopback, ...Loopback[]];

/**
 * Where a unit may answer: many servers listen on one of the two addresses that
 * `localhost` has. On the other one somebody else may.
 */
function loopbacksOf(
  { identity }: StartingUnit,
  { listeners, members }: Sight,
  port: number,
): Loopbacks {
  const pids = members.get(identity) ?? [];
  const rows = listeners.kind === "unknown" ? [] : listeners.listeners;
  const own = rows.filter((row) =>
    row.port === port && row.pids.some((pid) => pids.includes(pid))
  );
  return own.length > 0 && own.every(({ address }) => address === "::1")
    ? ["::1"]
    : ["127.0.0.1", "::1"];
}

function logProbe(
  host: ProbeHost,
  unit: StartingUnit,
  pattern: string,
): Probe {
  const follower = followLog(host, unit.logPath, unit.logFrom);
  const expression = new RegExp(pattern);
  let lines = 0;
  return {
    look() {
      const news = follower.read();
      lines += news.length;
      return news.some((line) => expression.test(line))
        ? { port: unit.port }
        : undefined;
    },
    describe: () => `none of the ${lines} lines of its log matches ${pattern}`,
  };
}
