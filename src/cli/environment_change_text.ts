/**
 * What a start came to, as text and as JSON.
 *
 * @module
 */

import type { ObservedRun } from "../environment/observe.ts";
import type { StartReport } from "../environment/start.ts";
import type { JsonObject } from "../state/json_value.ts";
import { isToldByUnit } from "./environment_unit.ts";
import { runJson, unitsText } from "./environment_status_text.ts";
import { EXIT, exitCodeForSignal } from "./exit_code.ts";
import { toOneLine } from "./one_line.ts";

/** A start that is over, and what was found after it. */
export interface StartOutcome {
  /** The command. */
  readonly command: string;
  /** What it says of itself. */
  readonly report: StartReport;
  /** Its run as it was found afterwards, if it has one. */
  readonly observed: ObservedRun | undefined;
  /** What is odd in the settings, as sentences without a full stop. */
  readonly warnings: readonly string[];
  /** The signal that interrupted it, if one did. */
  readonly signal?: unknown;
}

const HEADS: Readonly<Record<StartReport["kind"], string>> = {
  started: "Started",
  resumed: "Resumed",
  "nothing_to_resume": "There is nothing to resume",
  failed: "Failed",
  interrupted: "Interrupted: what this command started was stopped again",
};

/** The exit code of a start. */
export function startExit(
  { report: { kind, run }, signal }: Pick<StartOutcome, "report" | "signal">,
): number {
  switch (kind) {
    case "nothing_to_resume":
      return run === undefined ? EXIT.actionable : EXIT.ok;
    case "failed":
      return EXIT.actionable;
    case "interrupted":
      return exitCodeForSignal(signal);
    default:
      return EXIT.ok;
  }
}

/** A start as text; why it failed is not part of it. */
export function startText(
  { observed, report }: StartOutcome,
  columns: number,
): string {
  const { degraded, kind, run } = report;
  const head = run === undefined
    ? `${HEADS[kind]}.`
    : `run_id: ${run.runId}\n${HEADS[kind]}.`;
  const projects = observed === undefined || kind === "failed"
    ? []
    : observed.run.projects.map(({ name }) => {
      const own = observed.units.filter(({ project }) => project === name);
      return `\n${name}\n${unitsText(own, [], columns)}`;
    });
  const runs = observed === undefined ? [] : [observed];
  const untold = degraded.filter((text) => !isToldByUnit(runs, text));
  const optional = untold.length === 0
    ? []
    : [`\nWithout: ${untold.map(toOneLine).join("; ")}`];
  return [head, ...projects, ...optional].join("\n");
}

/** Why a start failed and what to do, as lines for standard error. */
export function failureNotes({ failure, hint, kind }: StartReport): string[] {
  if (kind !== "failed") return [];
  const message = failure === undefined || failure.trim() === ""
    ? "The start failed without saying why"
    : failure.trim();
  return [`error: ${message}`, `hint: ${hint ?? "See: reeve errors"}`];
}

/** A start as a document. */
export function startJson(outcome: StartOutcome): JsonObject {
  const { command, observed, report } = outcome;
  const exit = startExit(outcome);
  const { degraded, failure, hint, kind, run } = report;
  return {
    "schema": "environment_start",
    "schema_version": 1,
    "command": command,
    "exit_code": exit,
    "ok": exit === EXIT.ok,
    "outcome": kind,
    "run_id": run?.runId ?? null,
    "run": observed === undefined ? null : runJson(observed),
    "degraded": degraded,
    "failure": kind === "failed" ? failure ?? "unknown" : failure ?? null,
    "hint": hint ?? null,
    "warnings": outcome.warnings,
  };
}
