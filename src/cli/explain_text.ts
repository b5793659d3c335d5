/**
 * Every fact about one listener as a person reads it.
 *
 * @module
 */

import type { Evidence } from "../daemon/evidence.ts";
import type { Flip } from "../daemon/flip.ts";
import type { DaemonIdentityRecord } from "../daemon/identity_record.ts";
import { formatDuration } from "./duration.ts";
import { formatTable, wrap } from "./table.ts";

/** Formats the facts, the verdict and what would change it. */
export function formatExplanation(
  record: DaemonIdentityRecord,
  flips: readonly Flip[],
  options: { readonly columns: number; readonly now: number },
): string {
  const { columns, now } = options;
  const pid = record.pid === null ? "an unknown process" : `pid ${record.pid}`;
  const verdict = record.skip_reason === null
    ? record.cleanup_class
    : `${record.cleanup_class}/${record.skip_reason}`;
  const lines = [
    `Port ${record.port}, ${pid}: ${verdict} (row ${record.row})`,
    wrap(record.explanation, columns),
    "",
    formatTable(
      [
        { title: "FACT" },
        { title: "VALUE", isFlexible: true },
        { title: "ROLE" },
        { title: "FOR" },
        { title: "READ FROM", isFlexible: true },
        { title: "AGE" },
      ],
      record.evidence.map((row) => evidenceRow(row, now)),
      columns,
    ),
    "",
    "What would change the verdict:",
    ...flips.map(({ change, cleanupClass, skipReason }) =>
      `  if ${change}: ${cleanupClass}${skipReason ? `/${skipReason}` : ""}`
    ),
  ];
  const { command, description } = record.remediation;
  lines.push("", command === null ? description : `Next: ${command}`);
  return lines.join("\n");
}

function evidenceRow(row: Evidence, now: number): readonly string[] {
  const supports = { true: "yes", false: "no", null: "" }[String(row.supports)];
  const from = Date.parse(row.since ?? row.read_at);
  return [
    row.fact,
    String(row.value ?? "(unknown)"),
    row.role,
    supports ?? "",
    row.source,
    formatDuration(now - from),
  ];
}
