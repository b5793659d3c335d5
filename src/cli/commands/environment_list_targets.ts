/**
 * `reeve list-targets` and `reeve list-trees`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { Mode, PortPlan, Project } from "../../environment/model.ts";
import {
  type ObservedRun,
  observeRecorded,
} from "../../environment/observe.ts";
import { listProjects } from "../../environment/projects.ts";
import type { StartRequest } from "../../environment/start.ts";
import { decideStart } from "../../environment/start_decide.ts";
import { wishesOf } from "../../environment/start_needs.ts";
import { joinRuns, mayRun } from "../../environment/start_scope.ts";
import type { CommandResult } from "../command.ts";
import { portsFor } from "../environment_ports.ts";
import type { EnvironmentSession } from "../environment_session.ts";
import { noteText } from "../environment_state_notes.ts";
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
  const { notes, runs: all } = await observeRecorded(host, session.place, {});
  const targets = await findTargets(session, all);
  const others = all.filter(({ run, units }) =>
    run.mode !== route.mode && units.some(mayRun)
  ).flatMap(({ run }) => run.projects.map(({ name }) => name));
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
    text: [
      targets.length === 0
        ? "There is no project."
        : formatTable(COLUMNS, targets.map(rowOf), widthOf(host.terminal)),
      ...othersText(route.mode, others),
    ].join("\n"),
    notes: notes.map(noteText),
  };
}

/** What the other mode has running must not be taken for nothing. */
function othersText(
  mode: Mode,
  others: readonly string[],
): readonly string[] {
  if (others.length === 0) return [];
  const names = [...new Set(others)].join(", ");
  return [
    mode === "main"
      ? `Worktrees run too: ${names}. See: reeve list-targets --trees`
      : "The main checkout runs too. See: reeve list-targets --main",
  ];
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
  session: EnvironmentSession,
  all: readonly ObservedRun[],
): Promise<readonly Target[]> {
  const { host, place, route } = session;
  const { mode } = route;
  const projects = await listProjects(host, place, mode);
  const runs = all.filter(({ run }) => run.mode === mode);
  const planned = await portsOfStart(session, projects, all);
  return projects.filter(({ name }) =>
    route.projects.length === 0 || route.projects.includes(name)
  ).map((project) => targetOf(project, runs, planned));
}

/** Ports that a start of all these projects would give to what is not up. */
async function portsOfStart(
  { host, place, route: { mode } }: EnvironmentSession,
  projects: readonly Project[],
  runs: readonly ObservedRun[],
): Promise<readonly PortPlan[]> {
  const { origins, settings } = place.loaded;
  const request: StartRequest = {
    command: "start",
    mode,
    projects,
    chosen: "everything",
    isFresh: false,
    withDependencies: true,
    withDependents: true,
  };
  const elsewhere = new Set(
    settings.dependencies.filter(({ url }) => url !== undefined)
      .map(({ id }) => id),
  );
  try {
    const before = joinRuns(runs, mode);
    const decision = await decideStart(host, place, request, runs, before);
    const wishes = wishesOf(decision, new Map(), origins).filter(({ unit }) =>
      !elsewhere.has(unit.split(".")[0] ?? "")
    );
    return await portsFor(host, place, wishes);
  } catch (error) {
    // What cannot be started has no ports; the projects are there all the same.
    if (error instanceof KnownError) return [];
    throw error;
  }
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
