/**
 * What a key makes of the dashboard: another state, and something to do.
 *
 * @module
 */

import { RESIZED } from "../host/keyboard.ts";
import {
  type DashboardAction,
  type DashboardEffect,
  type DashboardModel,
  type DashboardPage,
  type DashboardStep,
  HELP,
  pageOf,
  rowsOf,
  type ScreenSize,
  selectedRow,
} from "./environment_dashboard_model.ts";
import type { DashboardRow } from "./environment_dashboard_rows.ts";
import { foldLines } from "./fold_lines.ts";

const NONE: DashboardEffect = { kind: "none" };

const NAMES: Readonly<Record<string, string>> = {
  "\u0003": "quit",
  "\u0004": "quit",
  "\r": "enter",
  "\n": "enter",
  "\u001b": "escape",
  "\u001b[A": "up",
  "k": "up",
  "\u001b[B": "down",
  "j": "down",
  "\u001b[5~": "pageUp",
  "\u001b[6~": "pageDown",
  " ": "pageDown",
  "\u001b[H": "home",
  "\u001b[1~": "home",
  "g": "home",
  "\u001b[F": "end",
  "\u001b[4~": "end",
  "G": "end",
};

/** How keys move within a list of pages of some size. */
const MOVES: Readonly<Record<string, (page: number) => number>> = {
  up: () => -1,
  down: () => 1,
  pageUp: (page) => -page,
  pageDown: (page) => page,
  home: () => -Infinity,
  end: () => Infinity,
};

/** The dashboard after a key; `size` is that of the page. */
export function pressKey(
  model: DashboardModel,
  key: string,
  size: ScreenSize,
): DashboardStep {
  if (key === RESIZED) return { model, effect: NONE };
  const name = NAMES[key] ?? key;
  if (name === "quit") return quit(model);
  if (model.question !== undefined) return answer(model, key);
  const told = { ...model, notice: undefined };
  if (model.page !== undefined) return onPage(told, model.page, name, size);
  return onRows(told, name, size);
}

/** Leaves, with a command that is at work only when that is done. */
function quit(model: DashboardModel): DashboardStep {
  const { busy, isLeaving } = model;
  if (busy === undefined) return { model, effect: { kind: "quit" } };
  if (isLeaving) return { model, effect: { kind: "interrupt" } };
  return {
    model: { ...model, isLeaving: true, question: undefined },
    effect: NONE,
  };
}

function answer(model: DashboardModel, key: string): DashboardStep {
  const { question } = model;
  const after = { ...model, question: undefined };
  if (question === undefined) return { model: after, effect: NONE };
  return /^y$/i.test(key)
    ? { model: after, effect: { kind: "act", ...question.action } }
    : say(after, "Nothing was done.");
}

function onPage(
  model: DashboardModel,
  page: DashboardPage,
  name: string,
  size: ScreenSize,
): DashboardStep {
  if (["q", "escape", "?", "h", "e", "l", "enter"].includes(name)) {
    return { model: { ...model, page: undefined }, effect: NONE };
  }
  const move = MOVES[name];
  if (move === undefined) return { model, effect: NONE };
  const last = Math.max(
    0,
    foldLines(page.lines, size.width).length - size.height,
  );
  const now = page.top === "end" ? last : Math.min(page.top, last);
  const next = now + move(size.height - 1);
  const isFollowed = page.logOf !== undefined && next >= last;
  const top = isFollowed ? "end" : Math.min(last, Math.max(0, next));
  return { model: { ...model, page: { ...page, top } }, effect: NONE };
}

function onRows(
  model: DashboardModel,
  name: string,
  size: ScreenSize,
): DashboardStep {
  const move = MOVES[name];
  if (move !== undefined) return select(model, move(size.height - 1));
  switch (name) {
    case "q":
      return quit(model);
    case "?":
      return {
        model: { ...model, page: pageOf("Keys", HELP) },
        effect: NONE,
      };
    case "h":
      return { model, effect: { kind: "report", report: "health" } };
    case "e":
      return { model, effect: { kind: "report", report: "errors" } };
    case "u":
      return begin(model, bringUp(model));
    case "S":
      return stopAll(model);
    default:
      return onRow(model, name, selectedRow(model));
  }
}

function select(model: DashboardModel, by: number): DashboardStep {
  const rows = rowsOf(model);
  const now = rows.findIndex(({ key }) => key === selectedRow(model)?.key);
  const next = Math.min(rows.length - 1, Math.max(0, now + by));
  return {
    model: { ...model, selected: rows[next]?.key },
    effect: NONE,
  };
}

function onRow(
  model: DashboardModel,
  name: string,
  row: DashboardRow | undefined,
): DashboardStep {
  if (row === undefined) return { model, effect: NONE };
  const target = [
    `--${row.mode}`,
    `--project=${row.project}`,
    `--service=${row.id}`,
  ];
  switch (name) {
    case "enter":
    case "l":
      return { model, effect: { kind: "logs", row } };
    case "r":
      return begin(model, restart(row, target));
    case "s":
      return row.isUp
        ? ask(model, `Stop ${row.name}?`, {
          title: `Stopping ${row.name}`,
          done: `Stopped ${row.name}`,
          words: ["stop", ...target],
        })
        : say(model, `${row.name} does not run.`);
    case "x":
      return row.logPath === undefined
        ? say(model, `${row.name} has no log of ours.`)
        : ask(model, `Empty the log of ${row.name}?`, {
          title: `Emptying the log of ${row.name}`,
          done: `Emptied the log of ${row.name}`,
          words: ["clear-logs", ...target],
        });
    case "o":
      return row.url === undefined
        ? say(model, `${row.name} has no address that a browser could open.`)
        : { model, effect: { kind: "open", url: row.url } };
    default:
      return { model, effect: NONE };
  }
}

/** What no run has cannot be restarted, but started. */
function restart(
  row: DashboardRow,
  target: readonly string[],
): DashboardAction {
  return row.tone === "absent"
    ? {
      title: `Starting ${row.name}`,
      done: `Started ${row.name}`,
      words: ["start", ...target],
    }
    : {
      title: `Restarting ${row.name}`,
      done: `Restarted ${row.name}`,
      words: ["restart", ...target],
    };
}

function bringUp(model: DashboardModel): DashboardAction {
  const mode = selectedRow(model)?.mode ?? model.mode;
  const names = model.facts.projects.find((one) => one.mode === mode)?.names ??
    [];
  const which = mode === "main"
    ? []
    : names.length === 0
    ? ["--all"]
    : names.map((name) => `--project=${name}`);
  return {
    title: "Starting what is missing",
    done: "Everything was started",
    words: ["start", `--${mode}`, ...which],
  };
}

function stopAll(model: DashboardModel): DashboardStep {
  const up = rowsOf(model).filter(({ isUp }) => isUp).length;
  if (up === 0) return say(model, "Nothing runs.");
  return ask(model, `Stop everything that is shown, ${up} in all?`, {
    title: "Stopping everything",
    done: "Stopped everything",
    words: model.stopAll,
  });
}

/** One command at a time: it has the lease, and the footer. */
function begin(model: DashboardModel, action: DashboardAction): DashboardStep {
  if (model.busy !== undefined) {
    return say(model, `Still at work: ${model.busy.title}.`);
  }
  return { model, effect: { kind: "act", ...action } };
}

function ask(
  model: DashboardModel,
  text: string,
  action: DashboardAction,
): DashboardStep {
  const step = begin(model, action);
  if (step.effect.kind !== "act") return step;
  return { model: { ...model, question: { text, action } }, effect: NONE };
}

function say(model: DashboardModel, text: string): DashboardStep {
  return {
    model: { ...model, notice: { isBad: false, lines: [text] } },
    effect: NONE,
  };
}
