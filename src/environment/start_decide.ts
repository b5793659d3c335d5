/**
 * What a start does, decided once for a start and for whoever only asks.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import { fingerprintOf } from "./document_codec.ts";
import type { StartRequest } from "./lifecycle.ts";
import type { EnvironmentSettings, Project } from "./model.ts";
import type { ObservedRun, ObservedUnit } from "./observe.ts";
import type { EnvironmentPlace } from "./place.ts";
import { decideReuse, type ReuseDecision } from "./run_reuse.ts";
import { unitKey } from "./selectable_units.ts";
import { graphOf, withImpliedNeeds } from "./service_graph.ts";
import type { ProjectPlan } from "./start_lane.ts";
import {
  borrowedUnits,
  mayRun,
  planProject,
  recordedRun,
  restartedUnits,
} from "./start_scope.ts";
import { formatFingerprint, startupIdentity } from "./startup_identity.ts";

/** What a start does. */
export interface StartDecision {
  /** What was asked for. */
  readonly request: StartRequest;
  /** Settings with implied needs. */
  readonly settings: EnvironmentSettings;
  /** What decides what is started. */
  readonly fingerprint: string;
  /** What becomes of the recorded run. */
  readonly reuse: ReuseDecision;
  /** What was recorded. */
  readonly before: ObservedRun | undefined;
  /** What of it stays recorded. */
  readonly kept: readonly ObservedUnit[];
  /** What of it must end first. */
  readonly toEnd: readonly ObservedUnit[];
  /** The plans of the projects. */
  readonly plans: readonly ProjectPlan[];
  /** What is up already, by key. */
  readonly there: ReadonlyMap<string, ObservedUnit>;
}

/** Reads a few facts and decides; changes nothing. */
export async function decideStart(
  host: Pick<Host, "files">,
  place: EnvironmentPlace,
  request: StartRequest,
  observed: readonly ObservedRun[],
  before: ObservedRun | undefined,
): Promise<StartDecision> {
  const { mode } = request;
  const settings = withImpliedNeeds(place.loaded.settings, mode);
  const graph = graphOf(settings, mode);
  if (graph.kind === "faults") {
    throw new KnownError("usage", "The needs of the services make no sense", {
      hint: "See: reeve show-config",
    });
  }
  const fingerprint = await fingerprintNow(settings, request);
  const reuse = decide(request, fingerprint, before);
  const units = before?.units ?? [];
  const staying = new Set(reuse.keep.map(unitKey));
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
    const paths = await existingPaths(host, settings, project);
    return { project, plan: planProject(scope, project, paths) };
  }));
  const planned = plannedKeys(plans);
  const toEnd = units.filter((unit) => {
    const key = unitKey(unit);
    return (leaving.has(key) || planned.has(key)) && mayRun(unit);
  });
  const kept = units.filter((unit) => staysRecorded(unit, settings, leaving));
  const decided = { request, settings, fingerprint, reuse, before };
  return { ...decided, kept, toEnd, plans, there };
}

/** Keys of everything that is started. */
export function plannedKeys(
  plans: readonly ProjectPlan[],
): ReadonlySet<string> {
  return new Set(
    plans.flatMap(({ plan }) =>
      plan.layers.flat().map(({ id, owner }) => unitKey({ project: owner, id }))
    ),
  );
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
  { files }: Pick<Host, "files">,
  { services }: EnvironmentSettings,
  { root }: Project,
): Promise<ReadonlySet<string>> {
  const paths = new Set(services.flatMap(({ onlyIfPath }) => onlyIfPath ?? []));
  const found = await Promise.all([...paths].map(async (path) => {
    const facts = await files.stat(joinPath(root, path));
    return facts === undefined ? [] : [path];
  }));
  return new Set(found.flat());
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
