/**
 * Ends recorded units in the order that their graph asks for: whoever needs
 * somebody ends before that one, and nobody waits for anybody else.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import type { Change } from "./attempt.ts";
import { dependentsByKey } from "./unit_graph.ts";
import type {
  DependencyRecord,
  Mode,
  ServiceRecord,
  UnitIdentity,
} from "./model.ts";
import { unitKey } from "./selectable_units.ts";
import { type StopResult, stopUnits, type UnitToStop } from "./stop_unit.ts";

/** A recorded unit to end. */
export type EndableUnit =
  | {
    readonly kind: "dependency";
    readonly mode: Mode;
    readonly record: DependencyRecord;
  }
  | {
    readonly kind: "service";
    readonly mode: Mode;
    readonly record: ServiceRecord;
  };

/** What became of a unit. */
export type EndOutcome =
  /** Nothing of it runs, and we ended it. */
  | { readonly kind: "stopped" }
  /** Nothing of it ran. */
  | { readonly kind: "gone" }
  /** It could not be ended, or nobody can tell. */
  | { readonly kind: "kept"; readonly why: string };

/** The name of a recorded unit for people. */
export function nameOf({ kind, record }: EndableUnit): string {
  return kind === "service" ? record.name : `${record.project} ${record.id}`;
}

/** The key of a recorded unit. */
export function keyOf({ kind, record }: EndableUnit): string {
  const id = kind === "service" ? record.slug : record.id;
  return unitKey({ project: record.project, id });
}

/**
 * Whether nothing of a unit was left to end: a step that is done, or what was
 * never started. To tell that it has ended would be odd.
 */
export function wasOver({ kind, record }: EndableUnit): boolean {
  if (record.status === "finished") return true;
  const isOwn = kind === "service" || record.mode === "command" ||
    record.mode === "native";
  return isOwn && record.identity === undefined;
}

const DEFAULT_GRACE_MS = 5000;

/**
 * Ends units.
 *
 * @param reason why they may be ended, in one sentence.
 * @returns what became of each, by key.
 */
export async function endUnits(
  change: Change,
  units: readonly EndableUnit[],
  reason: string,
): Promise<ReadonlyMap<string, EndOutcome>> {
  const { settings } = change.place.loaded;
  const keys = new Set(units.map(keyOf));
  const dependents = dependentsByKey(
    settings,
    units.map((unit) => ({
      key: keyOf(unit),
      kind: unit.kind,
      mode: unit.mode,
      project: unit.record.project,
      id: unit.kind === "service" ? unit.record.slug : unit.record.id,
    })),
  );
  const endProcesses = joinEnds(change, reason);
  const ends = new Map<string, Promise<EndOutcome>>();
  const byKey = new Map(units.map((unit) => [keyOf(unit), unit]));
  const end = (key: string): Promise<EndOutcome> => {
    const begun = ends.get(key);
    if (begun !== undefined) return begun;
    const unit = byKey.get(key);
    if (unit === undefined) return Promise.resolve({ kind: "gone" });
    const before = (dependents.get(key) ?? []).filter((one) => keys.has(one));
    const ending = Promise.all(before.map(end))
      .then(() => endOne(change, unit, endProcesses))
      .then((outcome) => tell(change, unit, outcome));
    ends.set(key, ending);
    return ending;
  };
  return new Map(
    await Promise.all(
      [...keys].map(async (key) => [key, await end(key)] as const),
    ),
  );
}

function tell(
  { reporter, events }: Change,
  unit: EndableUnit,
  outcome: EndOutcome,
): EndOutcome {
  const { project } = unit.record;
  const id = unit.kind === "service" ? unit.record.slug : unit.record.id;
  if (outcome.kind === "kept") {
    const { why: reason } = outcome;
    events.note("cleanup.kept", { project, unit: id, reason });
    reporter.onUnit({ project, unit: id, state: "failed", detail: reason });
  } else {
    const { kind } = outcome;
    events.note("cleanup.stopped", { project, unit: id, outcome: kind });
    const isTold = kind === "stopped" || !wasOver(unit);
    if (isTold) reporter.onUnit({ project, unit: id, state: "stopped" });
  }
  return outcome;
}

type EndProcesses = (unit: UnitToStop) => Promise<StopResult>;

/** Units whose turn comes at the same time share their looks at the machine. */
function joinEnds(change: Change, reason: string): EndProcesses {
  type Turn = Map<UnitToStop, PromiseWithResolvers<StopResult>>;
  let turn: Turn | undefined;
  const begin = async (mine: Turn) => {
    try {
      await change.host.clock.sleep(0);
      turn = undefined;
      await stopUnits(change.host, [...mine.keys()], {
        journal: change.signals,
        reason,
        onDone: (result) => mine.get(result.unit)?.resolve(result),
      });
    } catch (error) {
      for (const { reject } of mine.values()) reject(error);
    }
  };
  return (unit) => {
    const settled = Promise.withResolvers<StopResult>();
    if (turn === undefined) {
      turn = new Map();
      begin(turn);
    }
    turn.set(unit, settled);
    return settled.promise;
  };
}

async function endOne(
  change: Change,
  unit: EndableUnit,
  endProcesses: EndProcesses,
): Promise<EndOutcome> {
  const { identity, project } = unit.record;
  const id = unit.kind === "service" ? unit.record.slug : unit.record.id;
  if (!wasOver(unit)) {
    change.reporter.onUnit({ project, unit: id, state: "stopping" });
  }
  const name = nameOf(unit);
  if (unit.kind === "service") {
    if (identity === undefined) return { kind: "gone" };
    const graceMs = graceOf(change, unit.record.slug);
    return outcomeOf(await endProcesses({ name, identity, graceMs }));
  }
  return await endDependency(
    change,
    unit.record,
    (process, graceMs = DEFAULT_GRACE_MS) =>
      endProcesses({ name, identity: process, graceMs }),
  );
}

function graceOf({ place }: Change, slug: string): number {
  const { services } = place.loaded.settings;
  return services.find((one) => one.slug === slug)?.graceMs ??
    DEFAULT_GRACE_MS;
}

/** Ends a dependency its own way, and then whatever that has left of it. */
async function endDependency(
  { host, place, signals }: Change,
  record: DependencyRecord,
  endProcess: (identity: UnitIdentity, graceMs?: number) => Promise<StopResult>,
): Promise<EndOutcome> {
  try {
    // All that can provide one is much to load for those that have none.
    const { graceOf, recordedUnit } = await import("./recorded_dependency.ts");
    const found = await recordedUnit(host, place, record, signals);
    if (found.kind === "unknown") {
      // What is not ours needs no end: nobody lost anything by it.
      if (record.mode === "external") return { kind: "gone" };
      return { kind: "kept", why: found.reason };
    }
    if (found.kind === "gone") return { kind: "gone" };
    const wasAlive = await found.provisioner.isAlive(found.unit);
    const end = await found.provisioner.stop(found.unit);
    if (end.kind === "unconfirmed") return { kind: "kept", why: end.reason };
    const isOver: EndOutcome = { kind: wasAlive === true ? "stopped" : "gone" };
    if (record.identity === undefined) return isOver;
    const rest = outcomeOf(await endProcess(record.identity, graceOf(record)));
    return rest.kind === "gone" ? isOver : rest;
  } catch (error) {
    return { kind: "kept", why: messageOf(error) };
  }
}

function outcomeOf({ kind, evidence }: StopResult): EndOutcome {
  switch (kind) {
    case "already_gone":
      return { kind: "gone" };
    case "stopped":
      return { kind: "stopped" };
    case "denied":
    case "survived":
    case "unverified":
      return { kind: "kept", why: evidence.map(({ text }) => text).join("; ") };
  }
}

/** The record of a unit after its end. */
export function endedService(
  record: ServiceRecord,
  outcome: EndOutcome,
): ServiceRecord {
  return outcome.kind === "kept"
    ? { ...record, status: "termination_failed", failure: outcome.why }
    : { ...record, status: "stopped", identity: undefined, failure: undefined };
}

/** The record of a dependency after its end. */
export function endedDependency(
  record: DependencyRecord,
  outcome: EndOutcome,
): DependencyRecord {
  return outcome.kind === "kept"
    ? { ...record, status: "termination_failed", failure: outcome.why }
    : { ...record, status: "stopped", identity: undefined, failure: undefined };
}
