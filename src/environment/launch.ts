/**
 * Starts one unit so that it can always be found again: what is about to
 * happen is written down before there is a process, the process carries its
 * marker from its first instruction on, and who it is is written down after.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import type { SpawnedProcess } from "../host/processes.ts";
import { lookAtIdentities } from "../process/identity_look.ts";
import {
  type Proof,
  terminate,
  type TerminateOutcome,
} from "../process/terminate.ts";
import { MARKER_VARIABLE } from "./facts.ts";
import type { UnitIdentity } from "./model.ts";

/** One unit to start, with nothing left to be filled in. */
export interface LaunchPlan {
  /** For people: `Main backend`. */
  readonly name: string;
  /** Random words that its environment will carry. */
  readonly marker: string;
  /** Words of its command. */
  readonly command: readonly [string, ...string[]];
  /** All its variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Directory that it runs in. */
  readonly cwd: string;
  /** File that its output is appended to. */
  readonly logPath: string;
}

/** Where starts are written down. Each call settles when it is durable. */
export interface LaunchJournal {
  /** Before there is a process. */
  intended(plan: LaunchPlan): Promise<void>;
  /** Who the process is. */
  spawned(plan: LaunchPlan, identity: UnitIdentity): Promise<void>;
  /** There is none, and there never was. */
  refused(plan: LaunchPlan, reason: string): Promise<void>;
}

/** A unit that was started. */
export interface LaunchedUnit {
  /** Who it is. */
  readonly identity: UnitIdentity;
  /** Epoch milliseconds of its start. */
  readonly startedAt: number;
  /** Settles with its exit code when it ends while we still run. */
  readonly exited: Promise<number>;
}

/** Start stamp of a process that ended before it could be looked at. */
export const UNSEEN_START = "unseen";

/** What a shell can hand on to a program. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Starts a unit.
 *
 * @throws {KnownError} `start_failed` when there is no such program or
 * directory, or the machine refuses. What was started and cannot be looked at
 * is ended again at once.
 */
export async function launchUnit(
  host: Pick<Host, "clock" | "processes">,
  plan: LaunchPlan,
  journal: LaunchJournal,
): Promise<LaunchedUnit> {
  checkVariables(plan);
  await journal.intended(plan);
  const startedAt = host.clock.now();
  const child = await spawn(host, plan, journal);
  const identity = await identify(host, plan, child);
  await journal.spawned(plan, identity);
  return { identity, startedAt, exited: child.exited };
}

function checkVariables({ name, env }: LaunchPlan): void {
  const bad = Object.keys(env).find((key) => !VARIABLE_NAME.test(key));
  if (bad === undefined) return;
  throw new KnownError(
    "usage",
    `Cannot start ${name}: ${JSON.stringify(bad)} is no name of a variable`,
    { hint: "Use letters, digits and underscores, and no digit first." },
  );
}

async function spawn(
  host: Pick<Host, "processes">,
  plan: LaunchPlan,
  journal: LaunchJournal,
): Promise<SpawnedProcess> {
  const { command, cwd, logPath, marker } = plan;
  // Whatever the plan says: an inherited marker would name another unit.
  const env = { ...plan.env, [MARKER_VARIABLE]: marker };
  try {
    return await host.processes.spawnService({ command, env, cwd, logPath });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const problem = explain(plan, error);
    await journal.refused(plan, problem.message);
    throw problem;
  }
}

function explain(plan: LaunchPlan, error: HostError): KnownError {
  const { command: [program], cwd, logPath } = plan;
  const start = `Cannot start ${plan.name} (${program} in ${cwd})`;
  const fail = (why: string, hint: string) =>
    new KnownError("start_failed", `${start}: ${why}`, { hint, cause: error });
  if (error.subject === cwd) {
    return fail(
      error.code === "not_found"
        ? "there is no such directory"
        : `its directory is unusable: ${error.code.replaceAll("_", " ")}`,
      "Set the directory of the service to one that exists.",
    );
  }
  if (error.subject === logPath) {
    return fail(error.message, `Make ${logPath} writable.`);
  }
  if (error.code === "not_found") {
    return fail(
      `there is no program ${program}`,
      "Install it, or correct the command of the service.",
    );
  }
  if (error.code === "permission_denied") {
    return fail(
      `${program} may not be run`,
      "Make it executable, or run it through its interpreter.",
    );
  }
  return fail(error.message, "Correct the command of the service.");
}

async function identify(
  host: Pick<Host, "clock" | "processes">,
  { marker, name }: LaunchPlan,
  child: SpawnedProcess,
): Promise<UnitIdentity> {
  const { pid } = child;
  const [{ bootId, pidNamespace }, seen] = await Promise.all([
    host.processes.machine(),
    lookAtIdentities(host, [pid]).then((found) => found.get(pid)),
  ]).catch(async (error) => {
    // Nobody could find it again but by its marker.
    await endAtOnce(host, child, marker);
    throw error;
  });
  const identity = (startStamp: string) => ({
    pid,
    startStamp,
    bootId,
    pidNamespace,
    marker,
  });
  if (seen?.kind === "found") return identity(seen.facts.startStamp);
  const hasEnded = seen?.kind === "gone" ||
    await endAtOnce(host, child, marker) === "already_gone";
  // No process ever has this stamp, so nothing will be taken for it.
  if (hasEnded) return identity(UNSEEN_START);
  const why = seen === undefined ? "" : `: ${seen.reason}`;
  throw new KnownError(
    "start_failed",
    `Cannot look at ${name}, which was started as process ${pid}${why}`,
    { hint: "It was ended again. See: reeve doctor" },
  );
}

/** Ends our own child: it has the marker, or nobody told us of its end. */
async function endAtOnce(
  host: Pick<Host, "clock" | "processes">,
  { exited, pid }: SpawnedProcess,
  marker: string,
): Promise<TerminateOutcome["kind"]> {
  let hasEnded = false;
  exited.finally(() => hasEnded = true).catch(() => undefined);
  const held = await host.processes.hold(pid);
  if (held === "gone") return "already_gone";
  if (held === "denied") return held;
  using hold = held;
  const { kind } = await terminate(host, hold, async (): Promise<Proof> => {
    const markers = await host.processes.readVariable(MARKER_VARIABLE, [pid])
      .catch(() => new Map<number, string>());
    if (hasEnded) return { kind: "gone" };
    return (markers.get(pid) ?? marker) === marker
      ? { kind: "proved" }
      : { kind: "refused", reason: "carries another marker" };
  });
  return kind;
}
