/**
 * What a start would do: the decision about the recorded run, the plan of each
 * project and its ports, out of the same functions that a start uses. Changes
 * nothing.
 *
 * @module
 */

import { fingerprintOf } from "../environment/document_codec.ts";
import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import type {
  EnvironmentSettings,
  PortPlan,
  Project,
} from "../environment/model.ts";
import {
  type ObservedRun,
  type ObservedUnit,
  observeRuns,
} from "../environment/observe.ts";
import type { EnvironmentPlace } from "../environment/place.ts";
import { previewPorts } from "../environment/port_ledger.ts";
import type { PortWish } from "../environment/port_plan.ts";
import { listProjects } from "../environment/projects.ts";
import { decideReuse, type ReuseDecision } from "../environment/run_reuse.ts";
import { MAIN_PROJECT, unitKey } from "../environment/selectable_units.ts";
import { withImpliedNeeds } from "../environment/service_graph.ts";
import type { StartRequest } from "../environment/start.ts";
import type { StartPlan } from "../environment/start_plan.ts";
import { portBases } from "../environment/start_ports.ts";
import {
  borrowedUnits,
  joinRuns,
  planProject,
  recordedRun,
  restartedUnits,
} from "../environment/start_scope.ts";
import {
  formatFingerprint,
  startupIdentity,
} from "../environment/startup_identity.ts";
import { soundGraph } from "../environment/unit_graph.ts";

/** What a start of one project would do. */
export interface ProjectPreview {
  /** The project. */
  readonly project: Project;
  /** What would be started, and what not. */
  readonly plan: StartPlan;
  /** Ports of what would be started. */
  readonly ports: readonly PortPlan[];
}

/** What a line would do. */
export interface StartPreview {
  /** What it would be asked for. */
  readonly request: StartRequest;
  /** What becomes of the recorded run. */
  readonly reuse: ReuseDecision;
  /** Names of units that would be ended first. */
  readonly ended: readonly string[];
  /** Each project. */
  readonly projects: readonly ProjectPreview[];
}

/** Looks at everything that a start looks at. */
export async function previewStart(
  host: Host,
  place: EnvironmentPlace,
  request: StartRequest,
): Promise<StartPreview> {
  const { mode } = request;
  const settings = withImpliedNeeds(place.loaded.settings, mode);
  const observed = await observeRuns(host, place, {});
  const run = joinRuns(observed, mode);
  const fingerprint = await fingerprintFor(settings, mode);
  const reuse = decide(request, fingerprint, run);
  // A run whose start failed and of which nothing runs does not count.
  const counts = reuse.reason !== "failed_state";
  const units = counts ? run?.units ?? [] : [];
  const graph = soundGraph(place.loaded.settings, mode);
  const replaced = new Set(reuse.replace.map(unitKey));
  const ended = request.command === "restart" && graph !== undefined
    ? restartedUnits(units, request, graph)
    : units.filter((unit) => replaced.has(unitKey(unit)));
  const gone = new Set(ended.map(unitKey));
  const scope = {
    settings,
    request,
    found: new Map(
      [...borrowedUnits(observed, mode, settings), ...units].filter((unit) =>
        !gone.has(unitKey(unit))
      ).map((unit) => [unitKey(unit), unit.truth.status]),
    ),
    chosen: chosenKeys(request, units, ended),
  };
  const plans = request.projects.map((project) => ({
    project,
    plan: planProject(scope, project, existingPaths(host, place, project)),
  }));
  const wishes = plans.flatMap(({ plan }) => wishesOf(place, plan, units));
  const ports = await portsFor(host, place, wishes);
  return {
    request,
    reuse,
    ended: ended.map(({ name }) => name),
    projects: plans.map(({ plan, project }) => {
      const owned = new Set(
        plan.layers.flat().map(({ id, owner }) => `${owner}\n${id}`),
      );
      const own = ports.filter((port) =>
        owned.has(`${port.project}\n${port.unit.split(".")[0]}`)
      );
      return { project, plan, ports: own };
    }),
  };
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
  const kept = { runId: run.runId, replace: [], mismatches: [] };
  return {
    ...decision,
    ...kept,
    kind: "resume_exact",
    reason: "same_projects",
  };
}

function chosenKeys(
  { chosen, command }: StartRequest,
  units: readonly ObservedUnit[],
  ended: readonly ObservedUnit[],
): StartRequest["chosen"] {
  if (chosen === "everything") {
    return command === "resume" ? new Set(units.map(unitKey)) : chosen;
  }
  return command === "restart"
    ? new Set([...chosen, ...ended.map(unitKey)])
    : chosen;
}

async function fingerprintFor(
  settings: EnvironmentSettings,
  mode: StartRequest["mode"],
): Promise<string> {
  const hashes = await Promise.all(
    [...startupIdentity(settings, mode)].map(async ([field, text]) =>
      [field, await fingerprintOf(text)] as const
    ),
  );
  return formatFingerprint(new Map(hashes));
}

function existingPaths(
  { blocking }: Pick<Host, "blocking">,
  { loaded }: EnvironmentPlace,
  { root }: Project,
): ReadonlySet<string> {
  const paths = loaded.settings.services.flatMap(({ onlyIfPath }) =>
    onlyIfPath ?? []
  );
  return new Set(
    paths.filter((path) => blocking.stat(joinPath(root, path)) !== undefined),
  );
}

/** What would be started wants its ports, those of before first. */
function wishesOf(
  { loaded }: EnvironmentPlace,
  plan: StartPlan,
  units: readonly ObservedUnit[],
): readonly PortWish[] {
  const bases = portBases(loaded.settings);
  return plan.layers.flat().flatMap(({ id, owner: project }) => {
    const before = units.find((unit) =>
      unit.id === id && unit.project === project
    );
    return bases.filter(({ unit }) => unit.split(".")[0] === id)
      .map(({ unit }): PortWish => {
        const port = before === undefined ? undefined : portOf(before, unit);
        return port === undefined
          ? { project, unit }
          : { project, unit, previous: { port, source: "resume" } };
      });
  });
}

/** The port that was recorded for a unit or one of its resources. */
function portOf(
  { record }: ObservedUnit,
  unit: string,
): number | undefined {
  if ("slug" in record) return record.requestedPort;
  return record.ports[unit.split(".")[1] ?? ""];
}

/** Ports as a start would be given them now. */
export async function portsFor(
  host: Host,
  place: EnvironmentPlace,
  wishes: readonly PortWish[],
): Promise<readonly PortPlan[]> {
  if (wishes.length === 0) return [];
  const trees = await listProjects(host, place, "trees");
  return await previewPorts(host, place.paths, {
    scope: place.scope,
    projects: [MAIN_PROJECT, ...trees.map(({ name }) => name)],
    units: portBases(place.loaded.settings),
    wishes,
  });
}
