/**
 * What commands and daemons of the model see, in the words of the real
 * decisions, which are called as they are.
 *
 * @module
 */

import type { Candidate, Viewpoint } from "../../src/daemon/candidate.ts";
import { classify } from "../../src/daemon/classify.ts";
import { decideCompatibility } from "../../src/daemon/compatibility.ts";
import type { DaemonContext } from "../../src/daemon/context.ts";
import { FAMILIES, familyOf, SYNC_PORTS } from "../../src/daemon/family.ts";
import { decideRetirement, isNamed } from "../../src/daemon/retirement.ts";
import { planStartCleaning } from "../../src/daemon/start_cleaning.ts";
import { targetOf } from "../../src/daemon/target.ts";
import { compareIdentity } from "../../src/process/identity.ts";
import { compareVersions } from "../../src/version.ts";
import {
  listenerOf,
  type Look,
  type Named,
  type Process,
  type Rules,
  type State,
} from "./protocol_state.ts";

const SCOPE = "/own";
const NOT_FORCED = false;
const IDLE_LIMIT_MS = 900_000;

const CONTEXT: DaemonContext = {
  scope: SCOPE,
  // Nothing of the model is on a disk.
  paths: {} as DaemonContext["paths"],
  families: FAMILIES,
  family: familyOf(FAMILIES, "reeve", "sync"),
  version: "0.0.0",
};

/** Whether a process answers a question about its health. */
export function answers({ kind, phase }: Process): boolean {
  return kind === "daemon" &&
    (phase === "ready" || phase === "stopping" || phase === "ending" ||
      phase === "leaving");
}

/** Whether its answer says that it is well, and not that it is stopping. */
export function isWell(one: Process, { faults }: Rules): boolean {
  return answers(one) &&
    (one.phase === "ready" || faults.has("stopping_looks_well"));
}

function candidateOf(one: Process, port: number, rules: Rules): Candidate {
  const isOurs = one.kind === "daemon";
  const release = rules.releases[one.release];
  return {
    port,
    pid: one.pid,
    process: { startStamp: `${one.id}`, startedAt: 0, state: "running" },
    spawn: {
      shape: isOurs ? "marked" : "none",
      ...isOurs
        ? { product: "reeve" as const, family: "sync" as const, scope: SCOPE }
        : {},
      isProofWithoutMarker: false,
      argv: [],
    },
    health: {
      responded: answers(one),
      outcome: answers(one) ? "ok" : "timeout",
      ...answers(one) && release !== undefined
        ? {
          status: isWell(one, rules) ? "ok" : "stopping",
          product: "reeve",
          daemonFamily: "sync",
          scope: SCOPE,
          protocolVersion: release.protocol,
          packageVersion: release.version,
          ownerPid: one.pid,
          ownerPort: port,
        }
        : {},
      hasOwner: answers(one),
      isDashboardShaped: false,
    },
    credentials: { ownerBlock: "not_read" },
    ownerPresent: isOurs,
  };
}

function scanOf(state: State, rules: Rules) {
  const { file } = state;
  const singleton = file === undefined
    ? {}
    : { singleton: { port: file.port, pid: file.pid } };
  const viewpoint: Viewpoint = {
    takenAt: 0,
    family: "sync",
    ports: SYNC_PORTS,
    scopes: { reeve: { scope: SCOPE, ...singleton }, "spec-kitty": {} },
  };
  const candidates = state.processes.toSorted((a, b) =>
    (a.port ?? 0) - (b.port ?? 0)
  ).flatMap((one) =>
    one.port === undefined ? [] : [candidateOf(one, one.port, rules)]
  );
  return {
    candidates,
    viewpoint,
    machine: { host: "model", bootId: "1", pidNamespace: "1" },
  };
}

/** Whom cleaning at start would end, by the real plan. */
export function cleaningOf(state: State, rules: Rules): readonly Named[] {
  const { stops } = planStartCleaning(scanOf(state, rules), CONTEXT);
  return stops.map(({ target: { pid, port, startStamp } }) => ({
    id: Number(startStamp),
    pid,
    port,
  }));
}

/** What asking the recorded daemon for the proof of its token gives. */
export function challengeOf(
  state: State,
  named: Named,
  rules: Rules,
): "healthy" | "other" | "silent" {
  const found = listenerOf(state, named.port);
  if (found === undefined) return "other";
  if (!answers(found)) return "silent";
  const isIt = found.id === named.id && found.pid === named.pid;
  return isIt && isWell(found, rules) ? "healthy" : "other";
}

/** The recorded daemon, proved as a command proves it. */
export function recordedTarget(
  state: State,
  named: Named,
  rules: Rules,
): Named | undefined {
  const found = listenerOf(state, named.port);
  if (found === undefined) return undefined;
  const candidate = candidateOf(found, named.port, rules);
  const record = state.owners.find(({ port }) => port === named.port);
  if (candidate.pid !== named.pid || candidate.spawn.shape !== "marked") {
    return undefined;
  }
  if (record?.pid !== named.pid || record.id !== found.id) return undefined;
  const target = targetOf(candidate, FAMILIES);
  return target === undefined
    ? undefined
    : { id: Number(target.startStamp), pid: target.pid, port: target.port };
}

/** The lost daemon that a command may take back, the newest of several. */
export function adoptableOf(
  state: State,
  release: number,
  rules: Rules,
): Named | undefined {
  const { candidates, viewpoint } = scanOf(
    { ...state, file: undefined },
    rules,
  );
  const found = candidates.flatMap((candidate) => {
    const { cleanupClass } = classify(candidate, viewpoint);
    if (cleanupClass !== "safe_auto") return [];
    const record = state.owners.find(({ port, pid, id }) =>
      port === candidate.port && pid === candidate.pid &&
      `${id}` === candidate.process?.startStamp
    );
    if (record === undefined) return [];
    const isUsable = compare(release, record.release, rules) === "use";
    return isUsable ? [record] : [];
  }).toSorted((a, b) =>
    compareVersions(versionOf(b.release, rules), versionOf(a.release, rules))
  );
  const [first] = found;
  return first === undefined
    ? undefined
    : { id: first.id, pid: first.pid, port: first.port };
}

function versionOf(release: number, { releases }: Rules): string {
  return releases[release]?.version ?? "unknown";
}

/** What a command does with a healthy daemon, by the real decision. */
export function compare(
  own: number,
  running: number,
  rules: Rules,
): "refuse" | "replace" | "use" {
  if (rules.faults.has("replace_any_other")) {
    return own === running ? "use" : "replace";
  }
  const [a, b] = [rules.releases[own], rules.releases[running]];
  if (a === undefined || b === undefined) throw new TypeError("no release");
  return decideCompatibility(a, b, NOT_FORCED).action;
}

/** Whether one look lets a daemon end by itself, by the real decision. */
export function retires(
  state: State,
  { pid, port }: Process,
  { saw, isIdle }: Pick<Look, "saw" | "isIdle">,
  rules: Rules,
): boolean {
  if (port === undefined) return false;
  const own = { pid, port };
  const other = saw === undefined ? undefined : listenerOf(state, saw.port);
  const isRecordedAlive = isNamed(own, saw) ||
    (other !== undefined && isWell(other, rules) && other.pid === saw?.pid);
  return decideRetirement({
    isBusy: false,
    idleMs: isIdle ? IDLE_LIMIT_MS : 0,
    own,
    ...saw === undefined ? {} : { recorded: { pid: saw.pid, port: saw.port } },
    isRecordedAlive,
    idleLimitMs: IDLE_LIMIT_MS,
  }).kind === "retire";
}

/** Proves a target once more, as before each signal. */
export function prove(
  state: State,
  { id, pid, port }: Named,
  mayHaveClosed: boolean,
): "gone" | "proved" | "refused" {
  const now = state.processes.find((one) => one.pid === pid);
  const identity = compareIdentity(
    { pid, startStamp: `${id}` },
    now === undefined ? { kind: "gone" } : {
      kind: "found",
      facts: { startStamp: `${now.id}`, state: "running" },
    },
  );
  if (identity === "gone" || identity === "reused") return "gone";
  if (identity === "unknown") return "refused";
  const owner = listenerOf(state, port);
  const owns = owner?.pid === pid;
  const hasClosed = owner === undefined && mayHaveClosed;
  return (owns || hasClosed) && now?.kind === "daemon" ? "proved" : "refused";
}
