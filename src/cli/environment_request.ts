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
import { type Pace, USUAL_PACE } from "../environment/lifecycle.ts";
import { listProjects } from "../environment/projects.ts";
import type { RouteFlags } from "../environment/route_types.ts";
import { selectForRestart } from "../environment/route_selection.ts";
import {
  lostRuns,
  readRuns,
  selectRuns,
} from "../environment/run_repository.ts";
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
import { withChosenProjects } from "./environment_choice.ts";
import {
  chooseUnits,
  type EnvironmentSession,
  noRun,
  selectionError,
} from "./environment_session.ts";
import { lossError } from "../environment/lost_records.ts";

/** The session once the worktrees are made that its line wants, if any. */
export async function withTrees(
  session: EnvironmentSession,
): Promise<EnvironmentSession> {
  const { flags } = session.route;
  const isMeant = [
    flags.clearPorts,
    flags.force,
    flags.includeExisting,
    flags.setupWorktree,
    flags.setupWorktrees,
    flags.worktree,
  ].some((flag) => flag !== undefined);
  if (!isMeant) return session;
  const { withWorktrees } = await import("./environment_worktree_setup.ts");
  return await withWorktrees(session);
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
  const wrong = settingsError(session.place.loaded);
  if (wrong !== undefined) throw wrong;
  const { flags, mode } = session.route;
  const base = {
    mode,
    isFresh: flags.noResume === true,
    withDependencies: flags.dependencies !== false,
    withDependents: flags.ignoreServiceDeps !== true,
    isAtomic: flags.atomic === true,
    forgetsPorts: flags.clearPorts === true,
    pace: paceOf(flags),
  };
  switch (session.route.preview ?? session.route.command) {
    case "resume":
      return { ...base, ...await resumeRequest(session) };
    case "restart":
      return { ...base, ...await restartRequest(session) };
    case "plan":
      return { ...base, ...await planRequest(session) };
    default:
      return { ...base, ...await startRequest(session) };
  }
}

/** How much the flags of a line want at the same time. */
export function paceOf(
  { parallelTrees, parallelTreesMax, serviceParallel }: RouteFlags,
): Pace {
  return {
    projects: parallelTrees === false
      ? 1
      : parallelTreesMax ?? USUAL_PACE.projects,
    units: serviceParallel === false ? 1 : USUAL_PACE.units,
  };
}

type Targets = Pick<StartRequest, "chosen" | "command" | "projects">;

async function startRequest(line: EnvironmentSession): Promise<Targets> {
  const projects = await requireProjects(line);
  const names = projects.map(({ name }) => name);
  const { settings } = line.place.loaded;
  const units = unitsOfSettings(settings, projects, line.route.mode);
  const { route } = await withChosenProjects(line, units, names);
  const chosen = chooseUnits(route, units, names);
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

/** A plan is a start of its worktrees; those that are missing have no ports. */
async function planRequest(session: EnvironmentSession): Promise<Targets> {
  const [{ wantedPlans }, trees] = await Promise.all([
    import("./environment_plan_choice.ts"),
    import("./environment_worktree_setup.ts"),
  ]);
  const headless = { ...session, route: { ...session.route, headless: true } };
  const wanted = await wantedPlans(headless);
  const wishes = wanted === "quit" ? [] : wanted.wishes;
  const outcome = await trees.previewTrees(session, wishes);
  const missing = outcome.results.find(({ step }) =>
    step.verdict.kind !== "reuse"
  );
  if (missing !== undefined) {
    const { feature } = missing.step.key;
    throw new KnownError(
      "not_found",
      `The worktree ${missing.step.facts.path} is not made yet`,
      { hint: `Make it: reeve ensure-worktree ${feature}` },
    );
  }
  const projects = await trees.projectsOfTrees(session, outcome);
  return { command: "start", projects, chosen: "everything" };
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
    { hint: "Make one: reeve ensure-worktree FEATURE" },
  );
}

/** What is recorded for the mode, as one. */
async function recorded({ host, place, route }: EnvironmentSession) {
  const read = await readRuns(host, place.paths);
  const found = selectRuns(read.runs, route.mode, route.projects);
  if (found.length === 0) {
    throw lossError(lostRuns(read, place.paths)) ?? noRun(route.mode);
  }
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
