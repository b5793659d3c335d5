/**
 * The block that shows on a screen how far a start or stop is.
 *
 * @module
 */

import { changeText, type UnitChange } from "./environment_progress.ts";
import { cutTo, widthOf } from "./table.ts";

/** Rows of a block; what is beyond is a number. */
const SHOWN = 20;

/** The block: what is being done, and how far each unit is. */
export function blockText(
  phase: string,
  changes: readonly UnitChange[],
  columns: number,
): string {
  const width = widthOf({ columns });
  const rows = changes.slice(0, SHOWN).map(changeText);
  const rest = changes.length - rows.length;
  const more = rest === 0 ? [] : [`and ${rest} more`];
  return [
    phase,
    ...rows.map((row) => `  ${row}`),
    ...more.map((row) => `  ${row}`),
  ].map((line) => cutTo(line, width)).join("\n");
}
