/**
 * Tables that fit the terminal: the widest free column is cut, never wrapped.
 *
 * @module
 */

import fastStringWidth from "fast-string-width";
import { toOneLine } from "./one_line.ts";

/** A column of a table. */
export interface Column {
  /** Its heading. */
  readonly title: string;
  /** Whether numbers stand to the right. @default "left" */
  readonly align?: "left" | "right";
  /** Whether it gives way when the terminal is narrow. @default false */
  readonly isFlexible?: boolean;
}

/** Most cells are of letters and marks that are all one column wide. */
const SIMPLE = /^[ -~•○✓✗…]*$/;

function stringWidth(text: string): number {
  return SIMPLE.test(text) ? text.length : fastStringWidth(text);
}

const GAP = "  ";
const NARROWEST = 8;

/**
 * The width to write for: a terminal that does not tell its width says 0.
 */
export function widthOf({ columns }: { readonly columns: number }): number {
  return columns > 0 ? columns : 80;
}

/** Formats rows below their headings, at most `width` columns wide. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const clean = rows.map((row) => row.map(toOneLine));
  const widths = fitWidths(columns, clean, width);
  const lines = [columns.map((column) => column.title), ...clean].map((row) =>
    row.map((cell, at) => {
      const cut = cutTo(cell, widths[at] ?? 0);
      const pad = " ".repeat(Math.max(0, (widths[at] ?? 0) - stringWidth(cut)));
      return columns[at]?.align === "right" ? pad + cut : cut + pad;
    }).join(GAP).trimEnd()
  );
  return lines.join("\n");
}

function fitWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = columns.map((column, at) =>
    Math.max(
      stringWidth(column.title),
      ...rows.map((row) => stringWidth(row[at] ?? "")),
    )
  );
  const room = width - GAP.length * (columns.length - 1);
  const total = () => widths.reduce((sum, one) => sum + one, 0);
  while (total() > room) {
    const widest = columns
      .map((column, at) => ({
        at,
        size: column.isFlexible ? widths[at] ?? 0 : 0,
      }))
      .toSorted((a, b) => b.size - a.size)[0];
    if (widest === undefined || widest.size <= NARROWEST) break;
    const excess = total() - room;
    widths[widest.at] = Math.max(NARROWEST, widest.size - excess);
  }
  return widths;
}

/** A line cut to a width, with a sign where it was cut. */
export function cutTo(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let cut = "";
  for (const character of text) {
    if (stringWidth(cut + character) > width - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

/** Wraps a paragraph at spaces, every line after the first indented. */
export function wrap(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const next = line === "" ? word : `${line} ${word}`;
    const isFirst = lines.length === 0;
    const room = width - (isFirst ? 0 : indent.length);
    if (line !== "" && stringWidth(next) > room) {
      lines.push(line);
      line = word;
    } else line = next;
  }
  lines.push(line);
  return lines.join(`\n${indent}`);
}
