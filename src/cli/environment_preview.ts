/**
 * What a start would do: the decision about the recorded run, the plan of each
 * project and its ports, out of the same functions that a start uses. Changes
 * nothing.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { fingerprintOf } from "../environment/document_codec.ts";
import type { PortPlan, Project } from "../environment/model.ts";
import { observeRecorded } from "../environment/observe.ts";
import type { EnvironmentPlace } from "../environment/place.ts";
import { gateFor } from "../environment/route_gate.ts";
import type { RouteError } from "../environment/route_types.ts";
import { type Loss, lossIn } from "../environment/lost_records.ts";
import type { StateNote } from "../environment/run_fixes.ts";
import type { ReuseDecision } from "../environment/run_reuse.ts";
import { unitKey } from "../environment/selectable_units.ts";
import { launchOf } from "../environment/service_launch.ts";
import { isWrittenDown } from "../environment/settings_load.ts";
import type { StartRequest } from "../environment/start.ts";
import {
  decideStart,
  plannedKeys,
  type StartDecision,
} from "../environment/start_decide.ts";
import type { ProjectPlan } from "../environment/start_lane.ts";
import { chooseProvisions, wishesOf } from "../environment/start_needs.ts";
import type { StartPlan } from "../environment/start_plan.ts";
import { joinRuns } from "../environment/start_scope.ts";
import { portsFor } from "./environment_ports.ts";

/** What a start of one project would do. */
export interface ProjectPreview {
  /** The project. */
  readonly project: Project;
  /** What would be started, and what not. */
  readonly plan: StartPlan;
  /** Ports of what would be started. */
  readonly ports: readonly PortPlan[];
  /** Hashes of the argument vectors of services that would be started. */
  readonly argvHashes: ReadonlyMap<string, string>;
}

/** What a line would do. */
export interface StartPreview {
  /** What it would be asked for. */
  readonly request: StartRequest;
  /** What decides what would be started. */
  readonly fingerprint: string;
  /** What becomes of the recorded run. */
  readonly reuse: ReuseDecision;
  /** Names of units that would be ended first. */
  readonly ended: readonly string[];
  /** Each project. */
  readonly projects: readonly ProjectPreview[];
  /** Why it would be refused as things are, and the next step. */
  readonly refusal: Loss | RouteError | undefined;
  /** What is odd in the settings, as sentences without a full stop. */
  readonly warnings: readonly string[];
}

/**
 * Decides as a start does.
 *
 * @throws {KnownError} as a start would, such as for a dependency that nothing
 * provides.
 */
export async function previewStart(
  host: Host,
  place: EnvironmentPlace,
  request: StartRequest,
): Promise<StartPreview> {
  const { notes, runs: observed } = await observeRecorded(host, place, {});
  const before = joinRuns(observed, request.mode);
  const decision = await decideStart(host, place, request, observed, before);
  const { fingerprint, plans, reuse, settings, toEnd } = decision;
  const provisions = await chooseProvisions(host, settings, plans);
  const { origins } = place.loaded;
  const wishes = wishesOf(decision, provisions, origins);
  const ports = await portsFor(host, place, wishes);
  const projects = plans.map(async ({ plan, project }) => {
    const owned = plannedKeys([{ plan, project }]);
    const own = ports.filter(({ project, unit }) =>
      owned.has(unitKey({ project, id: unit.split(".")[0] ?? "" }))
    );
    const argvHashes = await hashCommands(
      host,
      decision,
      { plan, project },
      own,
    );
    return { project, plan, ports: own, argvHashes };
  });
  return {
    request,
    fingerprint,
    reuse,
    ended: toEnd.map(({ name }) => name),
    projects: await Promise.all(projects),
    refusal: refusalOf(place, request, notes),
    warnings: place.loaded.warnings,
  };
}

/** What keeps it from being run where nobody can be asked. */
function refusalOf(
  { loaded }: EnvironmentPlace,
  { command }: StartRequest,
  notes: readonly StateNote[],
): Loss | RouteError | undefined {
  const gate = gateFor({ command, headless: true }, {
    hasSettings: isWrittenDown(loaded),
    isTerminal: false,
    found: loaded.settings.services.map(({ slug }) => slug),
  });
  if (gate.kind === "error") return gate;
  return lossIn(notes.filter(({ kind }) => kind === "lost"));
}

/** The hash of each command that would be run, with its ports filled in. */
async function hashCommands(
  { env }: Pick<Host, "env">,
  { settings, there }: StartDecision,
  { plan, project }: ProjectPlan,
  given: readonly PortPlan[],
): Promise<ReadonlyMap<string, string>> {
  const ports = servicePorts(settings.services, (slug) => {
    const kept = there.get(unitKey({ project: project.name, id: slug }));
    const found = given.find(({ project: owner, unit }) =>
      owner === project.name && unit === slug
    );
    return found?.assigned ??
      (kept?.kind === "service"
        ? kept.truth.actualPort ?? kept.record.actualPort
        : undefined);
  });
  const started = new Set(plan.layers.flat().map(({ id }) => id));
  const services = settings.services.filter(({ slug }) => started.has(slug));
  return new Map(
    await Promise.all(services.map(async (service) => {
      const { slug } = service;
      const { command } = launchOf(service, {
        project,
        settings,
        port: ports.get(slug),
        ports,
        provided: new Map(),
        env,
      });
      return [slug, await fingerprintOf(JSON.stringify(command))] as const;
    })),
  );
}

function servicePorts(
  services: readonly { readonly slug: string }[],
  portOf: (slug: string) => number | undefined,
): ReadonlyMap<string, number> {
  return new Map(
    services.flatMap(({ slug }) => {
      const port = portOf(slug);
      return port === undefined ? [] : [[slug, port] as const];
    }),
  );
}
