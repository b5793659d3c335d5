/**
 * Every fact about one listener as a person reads it.
 *
 * @module
 */

import type { Evidence } from "../daemon/evidence.ts";
import type { Flip } from "../daemon/flip.ts";
import type { DaemonIdentityRecord } from "../daemon/identity_record.ts";
import { formatDuration } from "./duration.ts";
import { wrap } from "./table.ts";
import { toOneLine } from "./one_line.ts";

/** Formats the facts, the verdict and what would change it. */
export function formatExplanation(
  record: DaemonIdentityRecord,
  flips: readonly Flip[],
  options: { readonly columns: number; readonly now: number },
): string {
  const { columns } = options;
  const pid = record.pid === null ? "an unknown process" : `pid ${record.pid}`;
  const verdict = record.skip_reason === null
    ? record.cleanup_class
    : `${record.cleanup_class}/${record.skip_reason}`;
  const lines = [
    `Port ${record.port}, ${pid}: ${verdict} (row ${record.row})`,
    wrap(record.explanation, columns),
    "",
    "Facts, for (+) and against (-) cleaning it up:",
    ...record.evidence.flatMap((row) => evidenceLines(row, options)),
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

const NAME_WIDTH = 20;
const INDENT = " ".repeat(2 + 2 + NAME_WIDTH);

/** The fact and its value, then what it is worth, from where and how old. */
function evidenceLines(
  row: Evidence,
  { columns, now }: { readonly columns: number; readonly now: number },
): readonly string[] {
  const mark = row.supports === null ? " " : row.supports ? "+" : "-";
  const age = formatDuration(now - Date.parse(row.since ?? row.read_at));
  const value = toOneLine(String(row.value ?? "(unknown)"));
  const width = columns - INDENT.length;
  return [
    `  ${mark} ${row.fact.padEnd(NAME_WIDTH)}${wrap(value, width, INDENT)}`,
    `${INDENT}${row.role}, ${row.source}, ${age} old`,
  ];
}
