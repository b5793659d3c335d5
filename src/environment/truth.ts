/**
 * What a unit is really doing, decided from its record and one look at the
 * machine. Processes decide whether it runs; a port is evidence and never
 * authority: whoever listens there without being proved to be ours is named,
 * and nothing more.
 *
 * @module
 */

import type { Listener } from "../host/processes.ts";
import { type Evidence, explainNoMembers, ownerText } from "./evidence.ts";
import type { EnvironmentFacts } from "./facts.ts";
import type { ServiceRecord, ServiceStatus } from "./model.ts";
import { reboundOf } from "./rebound.ts";
import { treeOf, type UnitTree } from "./process_tree.ts";

/** What truth needs of a record; those of dependencies fit after a mapping. */
export type TruthRecord =
  & Pick<ServiceRecord, "expectsListener" | "identity" | "status">
  & Partial<Pick<ServiceRecord, "actualPort" | "requestedPort" | "startedAt">>;

/** What a person allows and how patient they are. */
export interface TruthPolicy {
  /** How long after its start a unit may not listen yet, in milliseconds. */
  readonly graceMs: number;
  /** Whether a unit may listen on another port than the one it was given. */
  readonly allowsRebound: boolean;
}

/** Somebody else on a unit's port. */
export interface ForeignOwner {
  /** Process id; `undefined` when the owner cannot be seen. */
  readonly pid: number | undefined;
  /** User id, where the platform tells. */
  readonly uid: number | undefined;
  /** Name of the program, when it is known. */
  readonly program: string | undefined;
}

/** The verdict on one unit. */
export interface Truth {
  /** What it is doing. */
  readonly status: ServiceStatus;
  /** Why we think so, the weightiest first. */
  readonly evidence: readonly Evidence[];
  /** Port that it listens on, if it does. */
  readonly actualPort: number | undefined;
  /** Who has its port instead. */
  readonly foreignOwner?: ForeignOwner;
}

type KnownTree = Extract<UnitTree, { kind: "known" }>;

/** Decides what a unit is doing. */
export function truthOf(
  record: TruthRecord,
  facts: EnvironmentFacts,
  nowMs: number,
  policy: TruthPolicy,
): Truth {
  if (record.identity === undefined) {
    return say("stopped", "stopped", "it was stopped");
  }
  const tree = treeOf(record.identity, facts);
  if (tree.kind === "unknown") {
    return say("unverified", "unknown", tree.reason);
  }
  if (tree.members.length === 0) return truthOfNobody(record, tree, facts);
  if (record.status === "termination_failed") {
    const [first] = tree.members;
    return say(
      "termination_failed",
      "alive",
      `it was told to end, and process ${first?.row.pid} still runs`,
    );
  }
  return truthOfMembers(record, tree, facts, { nowMs, policy });
}

/** Nothing of it runs. Whoever has its port is not it. */
function truthOfNobody(
  record: TruthRecord,
  tree: KnownTree,
  facts: EnvironmentFacts,
): Truth {
  const [suspect] = tree.suspects;
  if (suspect !== undefined) {
    return say(
      "unverified",
      "unproved_member",
      `process ${suspect.pid} is in its session, but nothing proves that it is its own`,
    );
  }
  const ended = explainNoMembers(tree.leader);
  if (record.status === "finished") {
    return say("finished", ended.fact, ended.text);
  }
  return withForeign(say("stale", ended.fact, ended.text), record, facts, []);
}

interface Moment {
  readonly nowMs: number;
  readonly policy: TruthPolicy;
}

function truthOfMembers(
  record: TruthRecord,
  tree: KnownTree,
  facts: EnvironmentFacts,
  { nowMs, policy }: Moment,
): Truth {
  const alive = aliveEvidence(tree);
  const running = (actualPort?: number): Truth => ({
    status: "running",
    evidence: [alive],
    actualPort,
  });
  if (!record.expectsListener) return running();
  if (facts.listeners.kind === "unknown") {
    return say("unverified", "unknown", facts.listeners.reason);
  }
  const { listeners } = facts.listeners;
  const pids = new Set(tree.members.map(({ row }) => row.pid));
  const owned = listeners.filter((one) =>
    one.pids.some((pid) => pids.has(pid))
  );
  const port = portOf(record);
  if (owned.some((one) => one.port === port)) return running(port);
  const other = port === undefined ? undefined : reboundOf(owned, port);
  if (other !== undefined && policy.allowsRebound) {
    return withForeign(rebound(alive, other, port), record, facts, owned);
  }
  if (mayBeUnseen(tree, listeners, facts, port)) {
    return say(
      "unverified",
      "unseen_owner",
      `the owner of port ${port} cannot be seen`,
    );
  }
  const isYoung = record.startedAt !== undefined &&
    nowMs - record.startedAt < policy.graceMs;
  const status = isYoung ? "starting" : "unreachable";
  const evidence = [alive, notListening(port, owned[0])];
  const truth = { status, evidence, actualPort: undefined } as const;
  return withForeign(truth, record, facts, owned);
}

function rebound(
  alive: Evidence,
  { port: actual }: Listener,
  port: number | undefined,
): Truth {
  const text = `it listens on port ${actual} instead of ${port ?? "none"}`;
  return {
    status: "running",
    evidence: [alive, { fact: "rebound", text }],
    actualPort: actual,
  };
}

function notListening(
  port: number | undefined,
  other: Listener | undefined,
): Evidence {
  const where = port === undefined ? "any port" : `port ${port}`;
  const text = `it does not listen on ${where}`;
  return other === undefined ? { fact: "no_listener", text } : {
    fact: "other_listener",
    text: `${text}, but on port ${other.port}`,
  };
}

/** A member of another user may hold a socket whose owner nobody shows us. */
function mayBeUnseen(
  tree: KnownTree,
  listeners: readonly Listener[],
  { ownUid }: EnvironmentFacts,
  port: number | undefined,
): boolean {
  const isUnowned = listeners.some((one) =>
    one.port === port && one.pids.length === 0
  );
  return isUnowned && tree.members.some(({ row }) => row.uid !== ownUid);
}

function aliveEvidence({ leader, members }: KnownTree): Evidence {
  const [first] = members;
  const pid = first?.row.pid;
  if (leader === "same") {
    return {
      fact: "alive",
      text: `process ${pid} is the one that was started`,
    };
  }
  return {
    fact: "alive",
    text: `what was started has ended; process ${pid} is left of it`,
  };
}

/** Names whoever else has the unit's port. */
function withForeign(
  truth: Truth,
  record: TruthRecord,
  facts: EnvironmentFacts,
  owned: readonly Listener[],
): Truth {
  const port = portOf(record);
  if (port === undefined || facts.listeners.kind === "unknown") return truth;
  const foreign = facts.listeners.listeners.find((one) =>
    one.port === port && !owned.includes(one)
  );
  if (foreign === undefined) return truth;
  const [pid] = foreign.pids;
  const program = pid === undefined ? undefined : facts.programs.get(pid);
  const foreignOwner = { pid, uid: foreign.uid, program };
  const evidence = {
    fact: "port_taken",
    text: ownerText(port, foreignOwner),
  } as const;
  return { ...truth, evidence: [...truth.evidence, evidence], foreignOwner };
}

function portOf(record: TruthRecord): number | undefined {
  return record.actualPort ?? record.requestedPort;
}

function say(
  status: ServiceStatus,
  fact: Evidence["fact"],
  text: string,
): Truth {
  return { status, evidence: [{ fact, text }], actualPort: undefined };
}
