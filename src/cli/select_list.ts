/**
 * A list on the terminal of which a person chooses.
 *
 * @module
 */

import type { Terminal } from "../host/host.ts";
import { RESIZED } from "../host/keyboard.ts";
import { LiveBlock } from "./live_block.ts";
import { cutTo, widthOf } from "./table.ts";
import { toOneLine } from "./one_line.ts";

/** Something that can be chosen. */
export interface SelectItem {
  /** What is given back. */
  readonly key: string;
  /** How it is shown. */
  readonly label: string;
  /** Whether it is chosen from the beginning. @default false */
  readonly isChosen?: boolean;
}

/** What is asked. */
export interface SelectQuestion {
  /** The question, which stands above the list. */
  readonly text: string;
  /** What there is, at least one item. */
  readonly items: readonly SelectItem[];
  /** How many may be chosen. */
  readonly count: "many" | "one";
}

/** A list at one moment. */
export interface SelectList extends SelectQuestion {
  /** Position of the focused row. */
  readonly at: number;
  /** Keys that are chosen. */
  readonly chosen: ReadonlySet<string>;
}

/** What a key makes of a list. */
export type SelectStep =
  | { readonly kind: "list"; readonly list: SelectList }
  /** Keys in the order of the list, at least one. */
  | { readonly kind: "chosen"; readonly keys: readonly string[] }
  | { readonly kind: "cancelled" };

const NAMES: Readonly<Record<string, string>> = {
  "\u0003": "cancel",
  "\u0004": "cancel",
  "\u001b": "cancel",
  "q": "cancel",
  "\u001b[A": "up",
  "k": "up",
  "\u001b[B": "down",
  "j": "down",
  " ": "toggle",
  "\r": "confirm",
  "\n": "confirm",
  "a": "all",
};

/** Rows of the screen that are left to what was there before. */
const ROWS_LEFT = 4;

/** A list as it begins. */
export function openList(question: SelectQuestion): SelectList {
  const chosen = question.items.filter(({ isChosen }) => isChosen === true);
  return { ...question, at: 0, chosen: new Set(chosen.map(({ key }) => key)) };
}

/** The list after a key. */
export function stepList(list: SelectList, key: string): SelectStep {
  const { at, items } = list;
  const last = items.length - 1;
  switch (NAMES[key]) {
    case "cancel":
      return { kind: "cancelled" };
    case "up":
      return { kind: "list", list: { ...list, at: at === 0 ? last : at - 1 } };
    case "down":
      return { kind: "list", list: { ...list, at: at === last ? 0 : at + 1 } };
    case "toggle":
      return { kind: "list", list: toggle(list) };
    case "all":
      return { kind: "list", list: toggleAll(list) };
    case "confirm":
      return confirm(list);
    default:
      return { kind: "list", list };
  }
}

function toggle(list: SelectList): SelectList {
  const key = list.items[list.at]?.key;
  if (list.count === "one" || key === undefined) return list;
  const chosen = new Set(list.chosen);
  if (!chosen.delete(key)) chosen.add(key);
  return { ...list, chosen };
}

/** Chooses all, or none where all are chosen. */
function toggleAll(list: SelectList): SelectList {
  if (list.count === "one") return list;
  const isFull = list.chosen.size === list.items.length;
  const keys = isFull ? [] : list.items.map(({ key }) => key);
  return { ...list, chosen: new Set(keys) };
}

/** Of many, nothing is taken that was not marked. */
function confirm(list: SelectList): SelectStep {
  const { at, chosen, count, items } = list;
  const keys = items.filter(({ key }, row) =>
    count === "one" ? row === at : chosen.has(key)
  ).map(({ key }) => key);
  return keys.length === 0 ? { kind: "list", list } : { kind: "chosen", keys };
}

/** A list as lines, none wider than the screen. */
export function listText(
  { at, chosen, count, items, text }: SelectList,
  { height, width }: { readonly height: number; readonly width: number },
): readonly string[] {
  const room = Math.max(1, height - ROWS_LEFT);
  const from = Math.min(
    Math.max(0, items.length - room),
    Math.max(0, at - Math.floor(room / 2)),
  );
  const rows = items.slice(from, from + room).map(({ key, label }, row) => {
    const mark = count === "one" ? "" : chosen.has(key) ? "[x] " : "[ ] ";
    return `${from + row === at ? ">" : " "} ${mark}${label}`;
  });
  const hidden = items.length - rows.length;
  const more = hidden === 0 ? [] : [`  ${hidden} more above or below`];
  const keys = count === "one"
    ? "↑↓ choose  Enter take it  Esc cancel"
    : `↑↓ move  space mark  a all  Enter take ${chosen.size}  Esc cancel`;
  return [text, ...rows, ...more, keys]
    .map((line) => cutTo(toOneLine(line), width));
}

/**
 * Lets a person choose; the list is gone afterwards.
 *
 * @returns keys in the order of the list, or `undefined` when the person
 * cancelled or input has ended.
 */
export async function selectFromList(
  terminal: Terminal,
  question: SelectQuestion,
): Promise<readonly string[] | undefined> {
  const block = new LiveBlock(terminal, { isWanted: true });
  const keys = await terminal.openKeys();
  let list = openList(question);
  try {
    for (;;) {
      const size = { width: widthOf(terminal), height: terminal.rows };
      block.draw(listText(list, size).join("\n"));
      const key = await keys.next();
      if (key === undefined) return undefined;
      if (key === RESIZED) continue;
      const step = stepList(list, key);
      if (step.kind === "cancelled") return undefined;
      if (step.kind === "chosen") return step.keys;
      list = step.list;
    }
  } finally {
    block.clear();
    keys.close();
  }
}
