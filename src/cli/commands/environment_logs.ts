/**
 * `reeve logs`.
 *
 * @module
 */

import {
  type ObservedUnit,
  observeRecorded,
} from "../../environment/observe.ts";
import type { Mode } from "../../environment/model.ts";
import type { EnvironmentPlace } from "../../environment/place.ts";
import { readRuns, selectRuns } from "../../environment/run_repository.ts";
import { unitKey } from "../../environment/selectable_units.ts";
import {
  followLog,
  type LogFollower,
  readTail,
} from "../../environment/service_log.ts";
import type { Host } from "../../host/host.ts";
import type { CommandResult } from "../command.ts";
import {
  lineJson,
  logPrefixes,
  logsJson,
  logsText,
  plainLine,
  type UnitLog,
} from "../environment_logs_text.ts";
import { chooseRuns, type EnvironmentSession } from "../environment_session.ts";
import { EXIT, exitCodeForSignal } from "../exit_code.ts";

const TAIL = 20;
const FOLLOW_PAUSE_MS = 200;
const LOOK_PAUSE_MS = 1000;

/** Shows the ends of logs, and what comes after them when asked to. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, isJson, place, route } = session;
  const { mode } = route;
  const tail = route.flags.tail ?? TAIL;
  const runs = chooseRuns(route, await observeRecorded(host, place, { mode }));
  const logs = runs.flatMap(({ units }) => units)
    .map((unit) => readLog(host, unit, tail));
  if (route.flags.follow !== true) {
    return {
      exit: EXIT.ok,
      text: logsText(logs),
      json: logsJson(tail, logs),
    };
  }
  const shown = logs.filter(({ lines }) => lines.length > 0);
  const head = isJson
    ? shown.flatMap(({ lines, path, unit }) =>
      lines.map((line) => lineJson(unit, path, line))
    )
    : shown.length > 0
    ? [logsText(shown)]
    : [];
  tell(host, head);
  return { exit: await follow(session, logs) };
}

function tell({ terminal }: Pick<Host, "terminal">, lines: readonly string[]) {
  if (lines.length > 0) terminal.out(`${lines.join("\n")}\n`);
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
  { host, isJson, place, route, takeInterrupts }: EnvironmentSession,
  logs: readonly UnitLog[],
): Promise<number> {
  const { clock, terminal } = host;
  const interrupt = takeInterrupts();
  const { durationS } = route.flags;
  const until = durationS === undefined
    ? Infinity
    : clock.elapsed() + durationS * 1000;
  const followed = followersOf(host, logs, terminal.hasColor);
  let lookAt = clock.elapsed() + LOOK_PAUSE_MS;
  while (!interrupt.aborted && !terminal.isDeserted()) {
    const left = until - clock.elapsed();
    if (left <= 0) return EXIT.ok;
    await clock.sleep(Math.min(FOLLOW_PAUSE_MS, left), interrupt);
    if (clock.elapsed() >= lookAt) {
      if (route.flags.runId === undefined) {
        await moveOn(host, place, route.mode, followed);
      }
      lookAt = clock.elapsed() + LOOK_PAUSE_MS;
    }
    for (const { follower, path, prefix, unit } of followed) {
      const lines = follower.read().map((line) =>
        isJson ? lineJson(unit, path, line) : prefix + plainLine(line)
      );
      tell(host, lines);
    }
  }
  return interrupt.aborted ? exitCodeForSignal(interrupt.reason) : EXIT.ok;
}

interface Followed {
  readonly unit: ObservedUnit;
  readonly prefix: string;
  path: string;
  follower: LogFollower;
}

function followersOf(
  host: Pick<Host, "blocking">,
  logs: readonly UnitLog[],
  hasColor: boolean,
): readonly Followed[] {
  const color = hasColor ? "some" : "none";
  const prefixes = logPrefixes(logs.map(({ unit }) => unit.name), color);
  return logs.flatMap(({ path, size, unit }, at) =>
    path === undefined ? [] : [{
      unit,
      prefix: prefixes[at] ?? "",
      path,
      follower: followLog(host, path, size ?? 0),
    }]
  );
}

/** What was started anew in another run writes to another log. */
async function moveOn(
  host: Host,
  place: EnvironmentPlace,
  mode: Mode,
  followed: readonly Followed[],
): Promise<void> {
  const { runs } = await readRuns(host, place.paths);
  const paths = new Map(
    selectRuns(runs, mode).toReversed().flatMap(({ run }) =>
      [
        ...run.services.map(({ logPath, project, slug }) => ({
          key: unitKey({ project, id: slug }),
          logPath,
        })),
        ...run.dependencies.map(({ id, logPath, project }) => ({
          key: unitKey({ project, id }),
          logPath,
        })),
      ].map(({ key, logPath }) => [key, logPath] as const)
    ),
  );
  for (const one of followed) {
    const path = paths.get(unitKey(one.unit));
    if (path === undefined || path === one.path) continue;
    one.path = path;
    one.follower = followLog(host, path, 0);
  }
}
