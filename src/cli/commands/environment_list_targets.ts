/**
 * `reeve list-targets` and `reeve list-trees`.
 *
 * @module
 */

import type { PortPlan, Project } from "../../environment/model.ts";
import { type ObservedRun, observeRuns } from "../../environment/observe.ts";
import type { PortWish } from "../../environment/port_plan.ts";
import { listProjects } from "../../environment/projects.ts";
import { MAIN_PROJECT } from "../../environment/selectable_units.ts";
import { portBases } from "../../environment/start_ports.ts";
import { mayRun } from "../../environment/start_scope.ts";
import type { CommandResult } from "../command.ts";
import { portsFor } from "../environment_preview.ts";
import type { EnvironmentSession } from "../environment_session.ts";
import { EXIT } from "../exit_code.ts";
import { type Column, formatTable, widthOf } from "../table.ts";

interface Target {
  readonly project: Project;
  /** Whether it belongs to a recorded run. */
  readonly isRecorded: boolean;
  /** Names of what may run of it. */
  readonly running: readonly string[];
  /** Its ports: of what runs, and as a start would be given them. */
  readonly ports: Readonly<Record<string, number>>;
}

const COLUMNS: readonly Column[] = [
  { title: "PROJECT" },
  { title: "UP", align: "right" },
  { title: "PORTS" },
  { title: "ROOT", isFlexible: true },
];

/** Lists the projects of a mode; needs no settings and changes nothing. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, route } = session;
  const targets = await findTargets(session);
  return {
    exit: EXIT.ok,
    json: {
      "schema": "environment_targets",
      "schema_version": 1,
      "mode": route.mode,
      "projects": targets.map(({ isRecorded, ports, project, running }) => ({
        "name": project.name,
        "root": project.root,
        "state_present": isRecorded,
        "running": running.length > 0,
        "running_units": running,
        "ports": ports,
      })),
    },
    text: targets.length === 0
      ? "There is no project."
      : formatTable(COLUMNS, targets.map(rowOf), widthOf(host.terminal)),
  };
}

function rowOf({ ports, project, running }: Target): readonly string[] {
  const shown = Object.entries(ports).map(([unit, port]) => `${unit} ${port}`);
  return [
    project.name,
    String(running.length),
    shown.join(", ") || "-",
    project.root,
  ];
}

async function findTargets(
  { host, place, route }: EnvironmentSession,
): Promise<readonly Target[]> {
  const { mode } = route;
  const [projects, runs] = await Promise.all([
    listProjects(host, place, mode),
    observeRuns(host, place, { mode }),
  ]);
  const { settings } = place.loaded;
  const shared = new Set(
    settings.dependencies.filter(({ isShared }) => isShared)
      .map(({ id }) => id),
  );
  const wishes = projects.flatMap(({ name }) =>
    portBases(settings).map(({ unit }): PortWish => ({
      project: mode === "trees" && shared.has(unit.split(".")[0] ?? "")
        ? MAIN_PROJECT
        : name,
      unit,
    }))
  );
  const planned = await portsFor(host, place, wishes);
  return projects.filter(({ name }) =>
    route.projects.length === 0 || route.projects.includes(name)
  ).map((project) => targetOf(project, runs, planned));
}

function targetOf(
  project: Project,
  runs: readonly ObservedRun[],
  planned: readonly PortPlan[],
): Target {
  const { name } = project;
  const units = runs.flatMap((run) => run.units)
    .filter((unit) => unit.project === name && mayRun(unit));
  const seen = units.flatMap((unit) =>
    unit.kind === "service"
      ? [[unit.id, unit.truth.actualPort ?? unit.record.actualPort] as const]
      : Object.entries(unit.record.ports).map(([resource, port]) =>
        [`${unit.id}.${resource}`, port] as const
      )
  );
  return {
    project,
    isRecorded: runs.some(({ run }) =>
      run.projects.some((other) => other.name === name)
    ),
    running: units.map((unit) => unit.name),
    ports: Object.fromEntries([
      ...planned.filter((plan) => plan.project === name)
        .map(({ assigned, unit }) => [unit, assigned] as const),
      ...seen.flatMap(([unit, port]) =>
        port === undefined ? [] : [[unit, port] as const]
      ),
    ]),
  };
}
