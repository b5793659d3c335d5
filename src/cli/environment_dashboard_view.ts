/**
 * The dashboard as the lines of a screen.
 *
 * @module
 */

import stringWidth from "fast-string-width";
import {
  type DashboardModel,
  type DashboardNotice,
  type DashboardPage,
  type ScreenSize,
  selectedRow,
} from "./environment_dashboard_model.ts";
import type {
  DashboardGroup,
  DashboardRow,
} from "./environment_dashboard_rows.ts";
import { foldLines } from "./fold_lines.ts";
import { type Column, cutTo, formatTable, wrap } from "./table.ts";
import { toOneLine } from "./one_line.ts";

/** Ways to stand out. */
type Style = "bold" | "dim" | "green" | "inverse" | "red" | "yellow";

const CODES: Readonly<Record<Style, number>> = {
  bold: 1,
  dim: 2,
  green: 32,
  inverse: 7,
  red: 31,
  yellow: 33,
};

const TONES: Readonly<Record<DashboardRow["tone"], Style>> = {
  absent: "dim",
  critical: "red",
  degraded: "yellow",
  fine: "green",
  pending: "yellow",
};

/** Lines of one notice, and of what speaks against something, at most. */
const SHOWN_LINES = 3;

/** Keys with their names, the least needed last. */
const ROW_KEYS: readonly string[] = [
  "? keys",
  "q leave",
  "↑↓ choose",
  "Enter log",
  "r restart",
  "s stop",
  "u start",
  "h health",
  "e errors",
  "o open",
  "S stop all",
  "x empty log",
];

const PAGE_KEYS: readonly string[] = ["q back", "↑↓ scroll", "G end"];

/** Size of the part of a screen that lists and pages have. */
export function bodySize(model: DashboardModel, size: ScreenSize): ScreenSize {
  const { width } = size;
  const used = headLines(model, width).length + footLines(model, width).length;
  return { width: size.width, height: Math.max(3, size.height - used) };
}

/** The screen: exactly as many lines as it has rows, none wider than it. */
export function viewDashboard(
  model: DashboardModel,
  size: ScreenSize,
  color: "none" | "some",
): readonly string[] {
  const paint = painter(color);
  const body = bodySize(model, size);
  const { page } = model;
  const shown = page === undefined
    ? listLines(model, body, paint)
    : pageLines(page, body);
  const room = Array.from({ length: body.height }, (_, at) => shown[at] ?? "");
  const foot = footLines(model, size.width);
  const told = (lines: readonly StyledLine[]) =>
    lines.map(({ style, text }) => paint(style, text));
  return [...told(headLines(model, size.width)), ...room, ...told(foot)]
    .slice(0, size.height);
}

type Paint = (style: Style | undefined, text: string) => string;

function painter(color: "none" | "some"): Paint {
  return (style, text) =>
    color === "none" || style === undefined || text === ""
      ? text
      : `\u001b[${CODES[style]}m${text}\u001b[0m`;
}

function summaryText({ facts }: DashboardModel): string {
  if (facts.groups.length === 0) return "Nothing to show: no services are set";
  return facts.hasRun ? facts.summary : `${facts.summary}. Press u to start`;
}

function pageLines(
  { lines, top }: DashboardPage,
  { height, width }: ScreenSize,
): readonly string[] {
  const folded = foldLines(lines, width);
  const last = Math.max(0, folded.length - height);
  const from = top === "end" ? last : Math.min(top, last);
  return folded.slice(from, from + height);
}

/** The part of the list around the selected row. */
function listLines(
  model: DashboardModel,
  { height, width }: ScreenSize,
  paint: Paint,
): readonly string[] {
  const selected = selectedRow(model)?.key;
  const texts = rowTexts(model.facts.groups, width - 6);
  const lines = model.facts.groups.flatMap((group, at) => [
    ...at === 0 ? [] : [{ text: "", key: undefined }],
    { text: titleText(group, width, paint), key: undefined },
    ...group.rows.flatMap((row) => [
      {
        text: rowText(row, texts.get(row.key) ?? "", {
          isSelected: row.key === selected,
          paint,
        }),
        key: row.key,
      },
      ...noteLines(row, width).map((note) => ({
        text: paint("dim", note),
        key: undefined,
      })),
    ]),
  ]);
  if (lines.length <= height) return lines.map(({ text }) => text);
  const at = Math.max(0, lines.findIndex(({ key }) => key === selected));
  const from = Math.min(
    lines.length - height,
    Math.max(0, at - Math.floor(height / 2)),
  );
  const window = lines.slice(from, from + height).map(({ text }) => text);
  const below = lines.length - from - height;
  if (from > 0) window[0] = paint("dim", `  ↑ ${from + 1} more lines`);
  if (below > 0) {
    window[height - 1] = paint("dim", `  ↓ ${below + 1} more lines`);
  }
  return window;
}

function titleText(
  { detail, title }: DashboardGroup,
  width: number,
  paint: Paint,
): string {
  const name = cutTo(toOneLine(title), width);
  const room = width - stringWidth(name) - 2;
  const where = room < 8 || detail === ""
    ? ""
    : `  ${paint("dim", cutTo(toOneLine(detail), room))}`;
  return `${paint("bold", name)}${where}`;
}

function rowText(
  { glyph, tone }: DashboardRow,
  text: string,
  { isSelected, paint }: {
    readonly isSelected: boolean;
    readonly paint: Paint;
  },
): string {
  const sign = `${isSelected ? ">" : " "} ${paint(TONES[tone], glyph)} `;
  return ` ${sign} ${isSelected ? paint("inverse", text) : text}`;
}

const NAME: Column = { title: "NAME", isFlexible: true };
const WHERE: Column = { title: "ADDRESS", isFlexible: true };
const STATUS: Column = { title: "STATUS" };
const PID: Column = { title: "PID", align: "right" };

/** The columns of all rows, so that they stand below each other. */
function rowTexts(
  groups: readonly DashboardGroup[],
  width: number,
): ReadonlyMap<string, string> {
  const rows = groups.flatMap((group) => group.rows);
  const isNarrow = width < 40;
  const isWide = width >= 56;
  const columns = [
    NAME,
    WHERE,
    ...isNarrow ? [] : [STATUS],
    ...isWide ? [PID] : [],
  ];
  const cells = rows.map(({ name, pid, status, where }) => [
    name,
    where,
    ...isNarrow ? [] : [status],
    ...isWide ? [pid === undefined ? "" : String(pid)] : [],
  ]);
  const [, ...lines] = formatTable(columns, cells, width).split("\n");
  return new Map(
    rows.map(({ key }, at) => [key, cutTo(lines[at] ?? "", width)]),
  );
}

function noteLines({ note }: DashboardRow, width: number): readonly string[] {
  if (note === undefined) return [];
  const indent = "      ";
  return wrap(note, width - indent.length).split("\n").slice(0, SHOWN_LINES)
    .map((line) => cutTo(`${indent}${line}`, width));
}

interface StyledLine {
  readonly text: string;
  readonly style: Style | undefined;
}

/** What all is about, how it is, and what is wrong with the records. */
function headLines(
  model: DashboardModel,
  width: number,
): readonly StyledLine[] {
  const { facts, page, warnings } = model;
  const line = (text: string, style?: Style): StyledLine => ({
    text: cutTo(text, width),
    style,
  });
  const blank = line("");
  if (page !== undefined) {
    return [line(page.title, "bold"), line(page.detail), blank];
  }
  const wrong = warnings.flatMap((warning) =>
    wrap(warning, width).split("\n").slice(0, SHOWN_LINES)
  );
  return [
    line(facts.head, "bold"),
    line(summaryText(model)),
    ...wrong.map((text) => line(text, "yellow")),
    blank,
  ];
}

/** What waits for an answer, is being done or was told; else the keys. */
function footLines(
  model: DashboardModel,
  width: number,
): readonly StyledLine[] {
  const { busy, isLeaving, notice, page, question } = model;
  const line = (text: string, style?: Style): StyledLine => ({
    text: cutTo(toOneLine(text), width),
    style,
  });
  const blank = line("");
  if (question !== undefined) {
    return [blank, line(`${question.text} [y/N]`, "yellow")];
  }
  const doing = busy === undefined ? [] : [
    line(
      `• ${[busy.title, busy.progress].filter(Boolean).join(": ")}`,
      "yellow",
    ),
    ...isLeaving
      ? [line("Leaving when that is done. Ctrl-C again interrupts it.")]
      : [],
  ];
  const told = noticeLines(notice, width)
    .map((text) => line(text, notice?.isBad === true ? "red" : "green"));
  const keys = fitting(page === undefined ? ROW_KEYS : PAGE_KEYS, width);
  return [blank, ...doing, ...told, line(keys, "dim")];
}

function noticeLines(
  notice: DashboardNotice | undefined,
  width: number,
): readonly string[] {
  return (notice?.lines ?? [])
    .flatMap((text) => wrap(toOneLine(text), width).split("\n"))
    .slice(0, SHOWN_LINES * 2);
}

/** As many keys as a line has room for. */
function fitting(keys: readonly string[], width: number): string {
  let line = "";
  for (const key of keys) {
    const next = line === "" ? key : `${line}  ${key}`;
    if ([...next].length > width) break;
    line = next;
  }
  return line;
}
