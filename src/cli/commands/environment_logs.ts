/**
 * `reeve logs`.
 *
 * @module
 */

import { type ObservedUnit, observeRuns } from "../../environment/observe.ts";
import { followLog, readTail } from "../../environment/service_log.ts";
import type { Host } from "../../host/host.ts";
import type { CommandResult } from "../command.ts";
import {
  followedText,
  logsJson,
  logsText,
  type UnitLog,
} from "../environment_logs_text.ts";
import { chooseRuns, type EnvironmentSession } from "../environment_session.ts";
import { EXIT, exitCodeForSignal } from "../exit_code.ts";

const TAIL = 20;
const FOLLOW_PAUSE_MS = 200;

/** Shows the ends of logs, and what comes after them when asked to. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, isJson, place, route } = session;
  const { mode } = route;
  const tail = route.flags.tail ?? TAIL;
  const runs = chooseRuns(route, await observeRuns(host, place, { mode }));
  const logs = runs.flatMap(({ units }) => units)
    .map((unit) => readLog(host, unit, tail));
  if (route.flags.follow !== true || isJson) {
    return {
      exit: EXIT.ok,
      text: logsText(logs),
      json: logsJson(tail, logs),
    };
  }
  const shown = logs.filter(({ lines }) => lines.length > 0);
  if (shown.length > 0) host.terminal.out(`${logsText(shown)}\n`);
  return { exit: await follow(session, logs) };
}

function readLog(
  host: Pick<Host, "blocking">,
  unit: ObservedUnit,
  tail: number,
): UnitLog {
  const path = unit.record.logPath;
  const size = path === undefined ? undefined : host.blocking.stat(path)?.size;
  if (path === undefined || size === undefined) {
    return { unit, path, size, lines: [], isCut: false };
  }
  return { unit, path, size, ...readTail(host, path, tail) };
}

/** Shows new lines until Ctrl-C, or for as long as the line says. */
async function follow(
  { host, route, takeInterrupts }: EnvironmentSession,
  logs: readonly UnitLog[],
): Promise<number> {
  const interrupt = takeInterrupts();
  const { durationS } = route.flags;
  const until = durationS === undefined
    ? Infinity
    : host.clock.elapsed() + durationS * 1000;
  const followers = logs.flatMap(({ path, size, unit }) =>
    path === undefined
      ? []
      : [{ unit, follower: followLog(host, path, size ?? 0) }]
  );
  const isNamed = followers.length > 1;
  while (!interrupt.aborted && host.clock.elapsed() < until) {
    const left = until - host.clock.elapsed();
    await host.clock.sleep(Math.min(FOLLOW_PAUSE_MS, left), interrupt);
    for (const { follower, unit } of followers) {
      for (const line of follower.read()) {
        const name = isNamed ? unit.name : undefined;
        host.terminal.out(`${followedText(name, line)}\n`);
      }
    }
  }
  return interrupt.aborted ? exitCodeForSignal(interrupt.reason) : EXIT.ok;
}
