/**
 * What the dashboard shows of a repository.
 *
 * @module
 */

import { listProjects } from "../environment/projects.ts";
import type { DashboardPart } from "./environment_dashboard_rows.ts";
import { lookAtRuns, notStarted } from "./environment_look.ts";
import type { EnvironmentSession } from "./environment_session.ts";

/**
 * Every run that a line is about, as it is, and what the settings promise
 * beyond it; where nothing is up, what could be started.
 */
export async function lookAtParts(
  session: EnvironmentSession,
): Promise<readonly DashboardPart[]> {
  const { host, place, route } = session;
  const { settings } = place.loaded;
  const { runs } = await lookAtRuns(session);
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
