/**
 * The dashboard at one moment, as plain data.
 *
 * @module
 */

import type { Mode } from "../environment/model.ts";
import type {
  DashboardFacts,
  DashboardRow,
} from "./environment_dashboard_rows.ts";

/** What a key asks the loop to do. */
export type DashboardEffect =
  | { readonly kind: "none" }
  /** Leave; services keep running. */
  | { readonly kind: "quit" }
  /** Interrupt the command that is at work. */
  | { readonly kind: "interrupt" }
  /** Run a command line of Reeve. */
  | ({ readonly kind: "act" } & DashboardAction)
  /** Show the log of a row and what is added to it. */
  | { readonly kind: "logs"; readonly row: DashboardRow }
  /** Show how well everything is, or what has failed. */
  | { readonly kind: "report"; readonly report: "errors" | "health" }
  /** Show an address in a browser. */
  | { readonly kind: "open"; readonly url: string };

/** A command that changes something. */
export interface DashboardAction {
  /** What is being done: `Restarting Api`. */
  readonly title: string;
  /** What was done: `Restarted Api`. */
  readonly done: string;
  /** The words of the command line. */
  readonly words: readonly string[];
}

/** Something to tell. */
export interface DashboardNotice {
  /** Whether something has gone wrong. */
  readonly isBad: boolean;
  /** What, one item a line. */
  readonly lines: readonly string[];
}

/** What is shown instead of the rows. */
export interface DashboardPage {
  /** Heading. */
  readonly title: string;
  /** What stands below it, such as the path of a log. */
  readonly detail: string;
  /** Lines, of which nothing moves the cursor. */
  readonly lines: readonly string[];
  /** First folded line that is shown, or always the last ones. */
  readonly top: number | "end";
  /** Key of the row whose log it is. */
  readonly logOf: string | undefined;
}

/** The dashboard at one moment. */
export interface DashboardModel {
  /** What is known. */
  readonly facts: DashboardFacts;
  /** What is wrong with the records, a line each. */
  readonly warnings: readonly string[];
  /** Mode of the line, for what is begun where nothing is up. */
  readonly mode: Mode;
  /** The command that stops all that is shown. */
  readonly stopAll: readonly string[];
  /** Key of the row that keys are about. */
  readonly selected: string | undefined;
  /** What is shown instead of the rows. */
  readonly page: DashboardPage | undefined;
  /** What waits for y or n. */
  readonly question:
    | { readonly text: string; readonly action: DashboardAction }
    | undefined;
  /** The command that is at work, and how far it is. */
  readonly busy:
    | { readonly title: string; readonly progress: string }
    | undefined;
  /** What was told last. */
  readonly notice: DashboardNotice | undefined;
  /** Whether the dashboard ends with the command that is at work. */
  readonly isLeaving: boolean;
}

/** Size of a screen, or of the part of it that a page has. */
export interface ScreenSize {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** What a key makes of the dashboard. */
export interface DashboardStep {
  /** The dashboard after it. */
  readonly model: DashboardModel;
  /** What is to be done. */
  readonly effect: DashboardEffect;
}

/** The help of the dashboard. */
export const HELP: readonly string[] = [
  "↑ ↓ or k j     choose a row; PgUp, PgDn, g and G go further",
  "Enter or l     its log, and what is added to it",
  "r              restart it, with what needs it",
  "s              stop it (asks)",
  "o              open its address in a browser",
  "x              empty its log (asks)",
  "u              start what is missing",
  "S              stop everything that is shown (asks)",
  "h              how well everything is, and why",
  "e              what has failed, and what logs say",
  "?              this help",
  "q or Ctrl-C    leave; services keep running",
  "",
  "✓ runs  • starts  ○ does not run  ⚠ not as it should be  ✗ broken",
];

/** All rows, in the order in which they are shown. */
export function rowsOf({ facts }: DashboardModel): readonly DashboardRow[] {
  return facts.groups.flatMap(({ rows }) => rows);
}

/** The row that keys are about; the first, where that has gone. */
export function selectedRow(model: DashboardModel): DashboardRow | undefined {
  const rows = rowsOf(model);
  return rows.find(({ key }) => key === model.selected) ?? rows[0];
}

/** A page that is shown from its first line on. */
export function pageOf(
  title: string,
  lines: readonly string[],
): DashboardPage {
  return { title, detail: "", lines, top: 0, logOf: undefined };
}
