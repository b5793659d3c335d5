/**
 * `reeve endpoints`.
 *
 * @module
 */

import {
  type ObservedRun,
  type ObservedUnit,
  observeRecorded,
} from "../../environment/observe.ts";
import type { Project } from "../../environment/model.ts";
import { askOf, selectUnits } from "../../environment/selectors.ts";
import type { CommandResult } from "../command.ts";
import { KnownError } from "../../errors.ts";
import { withChosenProjects } from "../environment_choice.ts";
import {
  type EnvironmentSession,
  noRun,
  projectsOf,
  selectionError,
} from "../environment_session.ts";
import { lossError } from "../../environment/lost_records.ts";
import { withStateNotes } from "../environment_state_notes.ts";
import {
  healthUrlOf,
  nameInProject,
  severityOfUnit,
  statusWord,
  unitJson,
  unitPort,
  unitUrl,
} from "../environment_unit.ts";
import { EXIT } from "../exit_code.ts";
import { type Column, formatTable, widthOf } from "../table.ts";

const COLUMNS: readonly Column[] = [
  { title: "NAME" },
  { title: "STATUS" },
  { title: "PORT", align: "right" },
  { title: "URL", isFlexible: true },
  { title: "HEALTH", isFlexible: true },
];

/**
 * Shows the addresses of one project as they are now; 1 when something is not
 * up without which the environment is broken.
 */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, place, route } = session;
  const { notes, runs } = await observeRecorded(host, place, {
    mode: route.mode,
  });
  if (runs.length === 0) throw lossError(notes) ?? noRun(route.mode);
  const project = await oneProject(session, runs);
  const found = runs.find(({ run }) => run.projects.includes(project));
  // What is shared belongs to another project and serves this one too.
  const units =
    found?.units.filter((unit) =>
      unit.project === project.name || unit.kind === "dependency" &&
        !found.run.projects.some(({ name }) => name === unit.project)
    ) ?? [];
  const isUp = units.every((unit) => severityOfUnit(unit) !== "critical");
  return withStateNotes({
    exit: isUp ? EXIT.ok : EXIT.actionable,
    json: {
      "schema": "environment_endpoints",
      "schema_version": 1,
      "ok": isUp,
      "run_id": found?.run.runId ?? null,
      "mode": route.mode,
      "project": project.name,
      "project_root": project.root,
      "services": units.filter(({ kind }) => kind === "service").map(unitJson),
      "dependencies": units.filter(({ kind }) => kind === "dependency")
        .map(unitJson),
    },
    text: addressesText(units, widthOf(host.terminal)),
  }, notes);
}

/** One row for whatever has an address; the rest has nothing to tell here. */
function addressesText(
  units: readonly ObservedUnit[],
  columns: number,
): string {
  const rows = units.map((unit) => ({
    unit,
    port: unitPort(unit),
    url: unitUrl(unit),
    health: healthUrlOf(unit),
  })).filter(({ port, url }) => port !== undefined || url !== undefined);
  if (rows.length === 0) return "Nothing here has an address.";
  const shown = rows.map(({ health, port, unit, url }) => [
    nameInProject(unit),
    statusWord(unit),
    String(port ?? "-"),
    url ?? "-",
    health ?? "-",
  ]);
  return formatTable(COLUMNS, shown, columns);
}

/** The project that the line means, or that a person chooses. */
async function oneProject(
  session: EnvironmentSession,
  runs: readonly ObservedRun[],
): Promise<Project> {
  const all = projectsOf(runs);
  const { route } = await withChosenProjects(session, [], all, "one");
  const found = selectUnits([], all, askOf(route), "everything");
  if (found.kind === "faults") throw selectionError(found.faults);
  const names = found.projects.length === 0 ? all : found.projects;
  const meant = runs.flatMap(({ run }) => run.projects)
    .filter(({ name }) => names.includes(name));
  const [first, ...others] = meant;
  if (first !== undefined && others.length === 0) return first;
  throw new KnownError(
    "usage",
    "The addresses of one project at a time, and the line means " +
      meant.map(({ name }) => name).join(", "),
    { hint: "Name one: reeve endpoints --project NAME" },
  );
}
