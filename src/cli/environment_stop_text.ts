/**
 * What a stop came to, as text and as JSON.
 *
 * @module
 */

import type { StopReport } from "../environment/stop.ts";
import type { JsonObject } from "../state/json_value.ts";
import { EXIT } from "./exit_code.ts";
import { toOneLine } from "./one_line.ts";

/** The exit code of a stop: what could not be ended is for a person. */
export function stopExit({ kept }: StopReport): number {
  return kept.length === 0 ? EXIT.ok : EXIT.actionable;
}

/** A stop as text. */
export function stopText({ gone, kept, stopped }: StopReport): string {
  if (stopped.length + gone.length + kept.length === 0) {
    return "Nothing was up.";
  }
  const line = (title: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${title}: ${names.join(", ")}`];
  return [
    ...line("Stopped", stopped),
    ...line("Had ended already", gone),
    ...kept.map(({ name, why }) => `Not stopped: ${name}: ${toOneLine(why)}`),
    ...kept.length === 0 ? [] : ["See: reeve status, reeve doctor"],
  ].join("\n");
}

/** A stop as a document. */
export function stopJson(command: string, report: StopReport): JsonObject {
  return {
    "schema": "environment_stop",
    "schema_version": 1,
    "command": command,
    "exit_code": stopExit(report),
    "ok": stopExit(report) === EXIT.ok,
    "stopped": report.stopped,
    "already_gone": report.gone,
    "kept": report.kept.map(({ name, why }) => ({ "name": name, "why": why })),
  };
}
