/** The dashboard of samples, as commands about environments see it. */

import type { DashboardModel } from "../../src/cli/environment_dashboard_model.ts";
import {
  type DashboardPart,
  factsOf,
} from "../../src/cli/environment_dashboard_rows.ts";
import {
  sampleDependency,
  sampleRun,
  sampleService,
} from "./observed_units.ts";

/** Main: one that runs, one that has ended, one that was never started. */
export const MAIN_PART: DashboardPart = {
  mode: "main",
  projects: [{ name: "Main", root: "/r" }],
  observed: sampleRun([
    sampleService("api"),
    sampleService("web", {
      status: "stale",
      evidence: [{ fact: "gone", text: "it has ended" }],
    }),
  ]),
  absent: [{
    kind: "service",
    project: "Main",
    id: "mailer",
    displayName: "Mailer",
  }],
};

/** Two worktrees that share what belongs to `Main`. */
export const TREES_PART: DashboardPart = {
  mode: "trees",
  projects: [{ name: "one", root: "/r/trees/one" }],
  observed: sampleRun(
    [
      sampleDependency(),
      { ...sampleService("api"), project: "one", name: "one Api" },
    ],
    { mode: "trees", projects: [{ name: "one", root: "/r/trees/one" }] },
  ),
  absent: [],
};

/** A dashboard of these parts, ten minutes after everything has begun. */
export function sampleDashboard(
  parts: readonly DashboardPart[] = [MAIN_PART],
  change: Partial<DashboardModel> = {},
): DashboardModel {
  return {
    facts: factsOf("shop", parts, 600_000),
    warnings: [],
    mode: "main",
    stopAll: ["stop-all"],
    selected: undefined,
    page: undefined,
    question: undefined,
    busy: undefined,
    notice: undefined,
    isLeaving: false,
    ...change,
  };
}
