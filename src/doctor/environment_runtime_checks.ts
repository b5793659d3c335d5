/**
 * Whether what is recorded runs, and who has the ports, decided on the facts
 * alone.
 *
 * @module
 */

import { severityOf } from "../environment/evidence.ts";
import type { ObservedRun, ObservedUnit } from "../environment/observe.ts";
import type { SeenEntry } from "../environment/port_ledger.ts";
import type { Listener } from "../host/processes.ts";
import {
  checksOf,
  type CheckStatus,
  type EnvironmentCheck,
  REPAIR,
} from "./environment_check.ts";

const check = checksOf("runtime");

/** Judges every recorded unit by its processes and its listener. */
export function runtimeChecks(
  runs: readonly ObservedRun[],
): readonly EnvironmentCheck[] {
  const units = runs.flatMap((run) => run.units);
  const failed = runs.flatMap(({ run }) =>
    run.failure === undefined ? [] : [{ ...run, failure: run.failure }]
  );
  const bad = units.map(unitCheck).filter(({ status }) => status !== "pass");
  const fine = units.length - bad.length;
  const summary = units.length === 0
    ? "No unit is recorded as up"
    : `${fine} of ${units.length} units are as they should be`;
  return [
    check("units", "pass", summary, {
      evidence: {
        "units": units.map(({ name, truth }) => ({
          "name": name,
          "status": truth.status,
        })),
      },
    }),
    ...failed.map(({ runId, failure }) =>
      check(
        `start.${runId}`,
        "fail",
        `The last start of ${runId} failed: ${failure}`,
        { evidence: { "run_id": runId }, remedy: "reeve errors" },
      )
    ),
    ...bad,
  ];
}

const STATUS_OF = {
  fine: "pass",
  pending: "info",
  degraded: "warn",
  critical: "fail",
} as const satisfies Readonly<Record<string, CheckStatus>>;

function unitCheck(unit: ObservedUnit): EnvironmentCheck {
  const { project, id, name, truth, isCritical, record } = unit;
  const { evidence, foreignOwner } = truth;
  const why = evidence.map(({ text }) => text).join("; ");
  const isRebound = evidence.some(({ fact }) => fact === "rebound");
  const severity = STATUS_OF[severityOf(truth.status, isCritical)];
  const status = severity === "pass" && isRebound ? "info" : severity;
  return check(
    `unit.${project}.${id}`,
    status,
    `${name} is ${truth.status.replaceAll("_", " ")}: ${why}`,
    {
      evidence: {
        "kind": unit.kind,
        "status": truth.status,
        "pid": record.identity?.pid ?? null,
        "facts": evidence.map(({ fact }) => fact),
        "foreign_owner": foreignOwner === undefined ? null : {
          "pid": foreignOwner.pid ?? null,
          "program": foreignOwner.program ?? null,
          "uid": foreignOwner.uid ?? null,
        },
      },
      remedy: remedyOf(unit),
    },
  );
}

function remedyOf(
  { truth, project, kind, id }: ObservedUnit,
): string | undefined {
  const { foreignOwner, status } = truth;
  if (foreignOwner?.pid !== undefined && status !== "running") {
    return `See who it is: ps -p ${foreignOwner.pid}; then: reeve start`;
  }
  switch (status) {
    case "stale":
      return "reeve start";
    case "termination_failed":
      return "reeve stop";
    case "unreachable":
    case "degraded":
      return kind === "service"
        ? `reeve logs --project ${project} --service ${id}`
        : "reeve errors";
    default:
      return undefined;
  }
}

/** What is known of the ports that are given out. */
export interface PortFacts {
  /** This repository; `undefined` for whoever is in none. */
  readonly scope: string | undefined;
  /** Every entry of the ledger. */
  readonly entries: readonly SeenEntry[];
  /** Why the ledger cannot be read, if so. */
  readonly problem: string | undefined;
  /** Who listens; `undefined` when that cannot be known. */
  readonly listeners: readonly Listener[] | undefined;
}

const portCheck = checksOf("ports");

/** Judges the ledger of ports. */
export function portChecks(facts: PortFacts): readonly EnvironmentCheck[] {
  const { entries, problem, scope, listeners } = facts;
  if (problem !== undefined) {
    return [
      portCheck("ledger", "fail", `The ledger cannot be read: ${problem}`, {
        remedy: REPAIR,
      }),
    ];
  }
  const own = entries.filter((entry) => entry.scope === scope);
  const dead = entries.filter(({ isAlive }) => !isAlive);
  const silent = listeners === undefined
    ? []
    : own.filter((entry) =>
      entry.isAlive && entry.owner.kind === "unit" &&
      !listeners.some(({ port }) => port === entry.port)
    );
  const evidence = {
    "entries": entries.length,
    "own": own.map(entryJson),
    "owner_gone": dead.map(entryJson),
    "not_listening": silent.map(({ port }) => port),
  };
  const ledger = dead.length === 0
    ? portCheck("ledger", "pass", ledgerText(entries, own), { evidence })
    : portCheck(
      "ledger",
      "warn",
      `${portList(dead)} kept for processes that have ended`,
      { evidence, remedy: REPAIR },
    );
  return silent.length === 0 ? [ledger] : [
    ledger,
    portCheck(
      "listening",
      "warn",
      `Nobody listens on ${silent.map(({ port }) => port).join(", ")}, ` +
        "whose owner runs",
      { evidence, remedy: "reeve health" },
    ),
  ];
}

function portList(entries: readonly SeenEntry[]): string {
  const ports = entries.map(({ port }) => port).join(", ");
  return entries.length === 1 ? `Port ${ports} is` : `Ports ${ports} are`;
}

function ledgerText(
  all: readonly SeenEntry[],
  own: readonly SeenEntry[],
): string {
  if (all.length === 0) return "No port is given out";
  const total = all.length === 1 ? "1 port is" : `${all.length} ports are`;
  return `${total} given out, ${own.length} of them here; all owners are alive`;
}

function entryJson({ port, project, unit, owner, isAlive, scope }: SeenEntry) {
  return {
    port,
    scope,
    project,
    unit,
    "owner": { "kind": owner.kind, "pid": owner.pid },
    "alive": isAlive,
  };
}
