/**
 * Decides what a start does, from what is recorded and from what is there.
 * Nothing is changed yet.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { joinPath } from "../host/path.ts";
import type { Change } from "./attempt.ts";
import { DEPENDENCIES } from "./dependency_registry.ts";
import { fingerprintOf } from "./document_codec.ts";
import type { StartReport, StartRequest } from "./lifecycle.ts";
import type { EnvironmentSettings, Project } from "./model.ts";
import type { ObservedRun, ObservedUnit } from "./observe.ts";
import { chooseProvision, type Provision } from "./provision_facts.ts";
import { decideReuse, type ReuseDecision } from "./run_reuse.ts";
import { isDependency } from "./service_keys.ts";
import { unitKey } from "./selectable_units.ts";
import { graphOf, withImpliedNeeds } from "./service_graph.ts";
import {
  borrowedUnits,
  mayRun,
  planProject,
  recordedRun,
  restartedUnits,
} from "./start_scope.ts";
import type { ProjectPlan } from "./start_lane.ts";
import { formatFingerprint, startupIdentity } from "./startup_identity.ts";

/** What a start will do. */
export interface PreparedStart {
  /** Tells it from one that must not be made. */
  readonly kind: "prepared";
  /** What was asked for. */
  readonly request: StartRequest;
  /** Settings with implied needs. */
  readonly settings: EnvironmentSettings;
  /** What decides what is started. */
  readonly fingerprint: string;
  /** The run that it becomes. */
  readonly runId: string;
  /** Whether the recorded run goes on. */
  readonly goesOn: boolean;
  /** What was recorded. */
  readonly before: ObservedRun | undefined;
  /** What of it stays recorded. */
  readonly kept: readonly ObservedUnit[];
  /** What of it must end first. */
  readonly toEnd: readonly ObservedUnit[];
  /** The plans of the projects. */
  readonly plans: readonly ProjectPlan[];
  /** Where dependencies that are started come from, by key. */
  readonly provisions: ReadonlyMap<string, Provision>;
  /** What is up already, by key. */
  readonly there: ReadonlyMap<string, ObservedUnit>;
}

/** A start that must not be made, and what there is to say about it. */
export interface BlockedReport {
  /** Tells it from one that may be made. */
  readonly kind: "blocked";
  /** Why. */
  readonly report: StartReport;
}

const RUN_TOKEN_BYTES = 4;

/**
 * Decides what a start does.
 *
 * @throws {KnownError} `usage` for settings whose graph is not sound or that
 * name nothing to start; `unusable` when nothing provides a dependency.
 */
export async function prepareStart(
  change: Change,
  request: StartRequest,
  observed: readonly ObservedRun[],
  before: ObservedRun | undefined,
): Promise<BlockedReport | PreparedStart> {
  const { host, place, events } = change;
  const { mode } = request;
  const settings = withImpliedNeeds(place.loaded.settings, mode);
  const graph = graphOf(settings, mode);
  if (graph.kind === "faults") {
    throw new KnownError("usage", "The needs of the services make no sense", {
      hint: "See: reeve show-config",
    });
  }
  const fingerprint = await fingerprintNow(settings, request);
  const decision = decide(request, fingerprint, before);
  events.note("state.run_reuse", {
    kind: decision.kind,
    reason: decision.reason,
    mismatches: decision.mismatches.map(({ field }) => field),
  });
  const units = before?.units ?? [];
  const staying = new Set(decision.keep.map(unitKey));
  const restarted = request.command === "restart"
    ? restartedUnits(units, request, graph.graph)
    : [];
  const leaving = new Set([
    ...units.map(unitKey).filter((key) => !staying.has(key)),
    ...restarted.map(unitKey),
  ]);
  const borrowed = borrowedUnits(observed, mode, settings);
  const there = new Map(
    [...borrowed, ...units].filter((unit) => !leaving.has(unitKey(unit)))
      .map((unit) => [unitKey(unit), unit]),
  );
  const scope = {
    settings,
    request,
    found: new Map([...there].map(([key, { truth }]) => [key, truth.status])),
    chosen: chosenKeys(request, units, restarted),
  };
  const plans = await Promise.all(request.projects.map(async (project) => {
    const paths = await existingPaths(change, settings, project);
    return { project, plan: planProject(scope, project, paths) };
  }));
  const blocked = blockedTexts(plans);
  if (blocked.length > 0) return block(before, blocked);
  const planned = new Set(
    plans.flatMap(({ plan }) =>
      plan.layers.flat().map(({ id, owner }) => unitKey({ project: owner, id }))
    ),
  );
  const isEmpty = planned.size === 0 && units.length === 0 &&
    plans.every(({ plan }) => plan.there.length === 0);
  if (isEmpty) throw nothingToStart();
  const toEnd = units.filter((unit) => {
    const key = unitKey(unit);
    return (leaving.has(key) || planned.has(key)) && mayRun(unit);
  });
  const runId = decision.runId ?? newRunId(host);
  return {
    kind: "prepared",
    request,
    settings,
    fingerprint,
    runId,
    goesOn: decision.runId !== undefined,
    before,
    kept: units.filter((unit) => staysRecorded(unit, settings, leaving)),
    toEnd,
    plans,
    provisions: await chooseProvisions(change, settings, plans),
    there,
  };
}

async function fingerprintNow(
  settings: EnvironmentSettings,
  { mode }: StartRequest,
): Promise<string> {
  const hashes = await Promise.all(
    [...startupIdentity(settings, mode)].map(async ([field, text]) =>
      [field, await fingerprintOf(text)] as const
    ),
  );
  return formatFingerprint(new Map(hashes));
}

/** A resume and a restart always go on with what is recorded. */
function decide(
  request: StartRequest,
  fingerprint: string,
  before: ObservedRun | undefined,
): ReuseDecision {
  const run = before === undefined ? undefined : recordedRun(before);
  const decision = decideReuse({ ...request, fingerprint, run });
  if (request.command === "start" || run === undefined) return decision;
  return { ...decision, kind: "resume_exact", runId: run.runId, replace: [] };
}

function chosenKeys(
  { command, chosen }: StartRequest,
  units: readonly ObservedUnit[],
  restarted: readonly ObservedUnit[],
): "everything" | ReadonlySet<string> {
  if (command === "resume" && chosen === "everything") {
    return new Set(units.map(unitKey));
  }
  if (command !== "restart" || chosen === "everything") return chosen;
  return new Set([...chosen, ...restarted.map(unitKey)]);
}

async function existingPaths(
  { host }: Change,
  { services }: EnvironmentSettings,
  { root }: Project,
): Promise<ReadonlySet<string>> {
  const paths = new Set(services.flatMap(({ onlyIfPath }) => onlyIfPath ?? []));
  const found = await Promise.all([...paths].map(async (path) => {
    const facts = await host.files.stat(joinPath(root, path));
    return facts === undefined ? [] : [path];
  }));
  return new Set(found.flat());
}

function blockedTexts(plans: readonly ProjectPlan[]): readonly string[] {
  return plans.flatMap(({ project: { name }, plan }) =>
    plan.blocked.map(({ id, by, status }) => {
      const state = status === "termination_failed"
        ? "could not be ended"
        : "cannot be looked at";
      return id === by
        ? `${name} ${id} is not started: its last process ${state}`
        : `${name} ${id} is not started: it needs ${by}, whose last process ${state}`;
    })
  );
}

function block(
  before: ObservedRun | undefined,
  texts: readonly string[],
): BlockedReport {
  return {
    kind: "blocked",
    report: {
      kind: "failed",
      run: before?.run,
      failure: texts.join("; "),
      hint: "See what runs: reeve health. Then end it: reeve stop",
      degraded: [],
    },
  };
}

function nothingToStart(): KnownError {
  return new KnownError(
    "usage",
    "There is nothing to start: no service and no dependency of the settings " +
      "is meant",
    { hint: "See what there is: reeve show-config" },
  );
}

function newRunId(
  { clock, random }: Change["host"],
): string {
  const digits = new Date(clock.now()).toISOString().replace(/\D/g, "");
  return `run-${digits.slice(0, 14)}-${random.hex(RUN_TOKEN_BYTES)}`;
}

/** What is ended for another one stays visible, if the settings still know it. */
function staysRecorded(
  unit: ObservedUnit,
  { services, dependencies }: EnvironmentSettings,
  leaving: ReadonlySet<string>,
): boolean {
  if (!leaving.has(unitKey(unit))) return true;
  const isKnown = unit.kind === "service"
    ? services.some(({ slug }) => slug === unit.id)
    : dependencies.some(({ id }) => id === unit.id);
  return isKnown && mayRun(unit);
}

async function chooseProvisions(
  { host }: Change,
  { dependencies }: EnvironmentSettings,
  plans: readonly ProjectPlan[],
): Promise<ReadonlyMap<string, Provision>> {
  const ids = new Map(
    plans.flatMap(({ plan }) =>
      plan.layers.flat().filter(({ kind }) => kind === "dependency")
        .map(({ id, owner }) => [unitKey({ project: owner, id }), id] as const)
    ),
  );
  const chosen = new Map<string, Promise<Provision>>();
  const choose = (id: string): Promise<Provision> => {
    const choice = dependencies.find((one) => one.id === id);
    if (choice === undefined || !isDependency(id)) {
      throw new TypeError(`no dependency ${id}`);
    }
    const known = chosen.get(id) ??
      chooseProvision(host, DEPENDENCIES[id], choice);
    chosen.set(id, known);
    return known;
  };
  return new Map(
    await Promise.all(
      [...ids].map(async ([key, id]) => [key, await choose(id)] as const),
    ),
  );
}
