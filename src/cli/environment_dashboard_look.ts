/**
 * What the dashboard shows of a repository.
 *
 * @module
 */

import type { ObservedRun } from "../environment/observe.ts";
import { listProjects } from "../environment/projects.ts";
import type { DashboardPart } from "./environment_dashboard_rows.ts";
import { lookAtRuns, notStarted } from "./environment_look.ts";
import type { EnvironmentSession } from "./environment_session.ts";
import { noteText } from "./environment_state_notes.ts";

/** What was seen of a repository at one moment. */
export interface DashboardSight {
  /** Projects with what runs and what does not, by mode. */
  readonly parts: readonly DashboardPart[];
  /** What is wrong with the records, a line each. */
  readonly warnings: readonly string[];
}

/**
 * Every run that a line is about, as it is, and what the settings promise
 * beyond it; where nothing is up, what could be started.
 */
export async function lookAround(
  session: EnvironmentSession,
): Promise<DashboardSight> {
  const { notes, runs } = await lookAtRuns(session);
  return {
    parts: await partsOf(session, runs),
    // What was repaired is well again before anybody could read of it.
    warnings: notes.filter(({ kind }) => kind !== "repaired").map(noteText),
  };
}

async function partsOf(
  { host, place, route }: EnvironmentSession,
  runs: readonly ObservedRun[],
): Promise<readonly DashboardPart[]> {
  const { settings } = place.loaded;
  if (runs.length === 0) {
    const { mode } = route;
    const all = await listProjects(host, place, mode);
    const projects = all.filter(({ name }) =>
      route.projects.length === 0 || route.projects.includes(name)
    );
    const absent = notStarted(host, settings, { mode, projects, units: [] });
    return [{ mode, projects, observed: undefined, absent }];
  }
  return runs.map((observed) => {
    const { mode, projects } = observed.run;
    const { units } = observed;
    return {
      mode,
      projects,
      observed,
      absent: notStarted(host, settings, { mode, projects, units }),
    };
  });
}
