/**
 * Lines of logs that look like errors and are worth showing. What a dependency
 * says whenever it starts or ends is left out, however grave it sounds.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { ObservedUnit } from "./observe.ts";
import { findErrors } from "./service_log.ts";

/** Lines of a log that look like errors. */
export interface LogIssue {
  /** Whose log. */
  readonly unit: ObservedUnit;
  /** The lines, oldest first. */
  readonly lines: readonly string[];
}

const POSTGRES: readonly RegExp[] = [
  // Whoever asks too early or too late is told so, and we ask early.
  /FATAL: {1,4}the database system is (?:starting up|shutting down|not yet accepting connections|in recovery mode)/,
  /LOG: {1,4}aborting any active transactions/,
  /FATAL: {1,4}terminating (?:background worker ".*"|connection|.{1,40} process) due to administrator command/,
];

/** What dependencies say of every start and every end. */
const ROUTINE: Readonly<Record<string, readonly RegExp[]>> = {
  n8n: [/Error tracking disabled/],
  postgres: POSTGRES,
  redis: [/WARNING.* (?:overcommit|Transparent Huge Pages|TCP backlog)/],
  supabase: POSTGRES,
};

/** Whether a line of a dependency's log tells of a start or an end only. */
export function isRoutine(dependency: string, line: string): boolean {
  const known = Object.hasOwn(ROUTINE, dependency) ? ROUTINE[dependency] : [];
  return (known ?? []).some((pattern) => pattern.test(line));
}

/**
 * Finds lines that look like errors near the ends of the logs of units.
 *
 * @param limit most lines of each log.
 */
export function findIssues(
  host: Pick<Host, "blocking">,
  units: readonly ObservedUnit[],
  limit: number,
): readonly LogIssue[] {
  return units.flatMap((unit) => {
    const { id, kind, record: { logPath } } = unit;
    if (logPath === undefined) return [];
    const isQuiet = (line: string) =>
      kind === "dependency" && isRoutine(id, line);
    const lines = findErrors(host, logPath, limit, isQuiet);
    return lines.length === 0 ? [] : [{ unit, lines }];
  });
}
