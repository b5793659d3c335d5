/**
 * What a line about starting asks for: projects and units of the settings, or
 * of what is recorded.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type {
  EnvironmentSettings,
  Mode,
  Project,
} from "../environment/model.ts";
import { listProjects } from "../environment/projects.ts";
import { selectForRestart } from "../environment/route_selection.ts";
import { readRuns, selectRuns } from "../environment/run_repository.ts";
import {
  unitKey,
  unitsOfSettings,
  withDependencyScope,
} from "../environment/selectable_units.ts";
import {
  describeGraphFault,
  graphOf,
  type ServiceGraph,
  withImpliedNeeds,
} from "../environment/service_graph.ts";
import { settingsError } from "../environment/settings_read.ts";
import type { StartRequest } from "../environment/start.ts";
import {
  chooseUnits,
  type EnvironmentSession,
  noRun,
  selectionError,
} from "./environment_session.ts";

/** What nothing carries out is refused, so that nobody relies on it. */
function requireFeasible({ route }: EnvironmentSession): void {
  const { flags } = route;
  const worktrees = flags.setupWorktree ?? flags.setupWorktrees ??
    flags.includeExisting;
  if (worktrees !== undefined) {
    throw new KnownError("usage", `${route.command} makes no worktrees`, {
      hint: "Make them first: git worktree add trees/NAME",
    });
  }
  const refused = flags.atomic === true
    ? "--atomic"
    : flags.clearPorts === true
    ? "--clear-ports"
    : undefined;
  if (refused === undefined) return;
  throw new KnownError("usage", `${route.command} cannot do ${refused} yet`, {
    hint: `Leave ${refused} out.`,
  });
}

/** The session with settings as this line wants them. */
export function withScope(session: EnvironmentSession): EnvironmentSession {
  const { place, route } = session;
  const { loaded } = place;
  const scope = route.flags.dependencyScope;
  const settings = withDependencyScope(loaded.settings, scope);
  return {
    ...session,
    place: { ...place, loaded: { ...loaded, settings } },
  };
}

/**
 * What the line asks for; that of a preview is what it is about.
 *
 * @throws {KnownError} for settings with a fault, and a line that does not fit
 * to what there is.
 */
export async function startRequestOf(
  session: EnvironmentSession,
): Promise<StartRequest> {
  requireFeasible(session);
  const wrong = settingsError(session.place.loaded);
  if (wrong !== undefined) throw wrong;
  const { flags, mode } = session.route;
  const base = {
    mode,
    isFresh: flags.noResume === true,
    withDependencies: flags.dependencies !== false,
    withDependents: flags.ignoreServiceDeps !== true,
  };
  switch (session.route.preview ?? session.route.command) {
    case "resume":
      return { ...base, ...await resumeRequest(session) };
    case "restart":
      return { ...base, ...await restartRequest(session) };
    default:
      return { ...base, ...await startRequest(session) };
  }
}

type Targets = Pick<StartRequest, "chosen" | "command" | "projects">;

async function startRequest(session: EnvironmentSession): Promise<Targets> {
  const { route } = session;
  const projects = await requireProjects(session);
  const chosen = chooseUnits(
    route,
    unitsOfSettings(session.place.loaded.settings, projects, route.mode),
    projects.map(({ name }) => name),
  );
  const isAll = chosen.isWhole && route.flags.without === undefined;
  const named = new Set([
    ...chosen.projects,
    ...chosen.units.map(({ project }) => project),
  ]);
  const isNarrow = chosen.projects.length > 0 || !chosen.isWhole;
  const meant = projects.filter(({ name }) => named.has(name));
  return {
    command: "start",
    projects: isNarrow && meant.length > 0 ? meant : projects,
    chosen: isAll ? "everything" : new Set(chosen.units.map(unitKey)),
  };
}

async function requireProjects(
  { host, place, route }: EnvironmentSession,
): Promise<readonly Project[]> {
  const projects = await listProjects(host, place, route.mode);
  if (projects.length > 0) return projects;
  const { treesDirectory } = place.loaded.settings;
  throw new KnownError(
    "not_found",
    `There is no worktree below ${place.repositoryRoot}/${treesDirectory}`,
    { hint: `Make one: git worktree add ${treesDirectory}/NAME` },
  );
}

/** What is recorded for the mode, as one. */
async function recorded({ host, place, route }: EnvironmentSession) {
  const { runs } = await readRuns(host, place.paths);
  const found = selectRuns(runs, route.mode, route.projects);
  if (found.length === 0) throw noRun(route.mode);
  return {
    projects: found.flatMap(({ run }) => run.projects),
    services: found.flatMap(({ run }) => run.services),
    dependencies: found.flatMap(({ run }) => run.dependencies),
  };
}

async function resumeRequest(session: EnvironmentSession): Promise<Targets> {
  const { projects } = await recorded(session);
  const { projects: names } = session.route;
  return {
    command: "resume",
    chosen: "everything",
    projects: names.length === 0
      ? projects
      : projects.filter(({ name }) => names.includes(name)),
  };
}

async function restartRequest(session: EnvironmentSession): Promise<Targets> {
  const { place, route } = session;
  const run = await recorded(session);
  const graph = requireGraph(place.loaded.settings, route.mode);
  const chosen = selectForRestart(route, run, graph);
  if (chosen.kind === "faults") throw selectionError(chosen.faults);
  const owners = new Set(chosen.units.map(({ project }) => project));
  const meant = run.projects.filter(({ name }) => owners.has(name));
  return {
    command: "restart",
    projects: meant.length === 0 ? run.projects : meant,
    chosen: new Set(chosen.units.map(unitKey)),
  };
}

/** The graph of a mode; settings without one cannot be started. */
function requireGraph(
  settings: Pick<EnvironmentSettings, "dependencies" | "services">,
  mode: Mode,
): ServiceGraph {
  const found = graphOf(withImpliedNeeds(settings, mode), mode);
  if (found.kind === "graph") return found.graph;
  const message = found.faults.map(describeGraphFault).join("; ");
  throw new KnownError("usage", message, { hint: "See: reeve show-config" });
}
