/**
 * What the dashboard does on behalf of a key: the same commands that a person
 * could have typed, and what they have to tell.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { findIssues } from "../environment/log_findings.ts";
import { healthOf } from "../environment/observe.ts";
import { openEnvironment } from "../environment/place.ts";
import { knownRouteError, parseRoute } from "../environment/route.ts";
import type { EnvironmentCommand } from "../environment/route_types.ts";
import type { Host, Terminal } from "../host/host.ts";
import type { Programs } from "../host/programs.ts";
import type { CommandResult } from "./command.ts";
import {
  type DashboardAction,
  type DashboardNotice,
  type DashboardPage,
  pageOf,
} from "./environment_dashboard_model.ts";
import { errorsText, evidenceText } from "./environment_health_text.ts";
import { lookAtRuns } from "./environment_look.ts";
import { plainLine } from "./environment_logs_text.ts";
import type {
  EnvironmentRun,
  EnvironmentSession,
} from "./environment_session.ts";
import { noteText } from "./environment_state_notes.ts";
import { EXIT } from "./exit_code.ts";

/** The commands that keys run. */
const COMMANDS: Readonly<
  Partial<
    Record<EnvironmentCommand, () => Promise<{ readonly run: EnvironmentRun }>>
  >
> = {
  "clear-logs": () => import("./commands/environment_clear_logs.ts"),
  "restart": () => import("./commands/environment_start.ts"),
  "start": () => import("./commands/environment_start.ts"),
  "stop": () => import("./commands/environment_stop.ts"),
  "stop-all": () => import("./commands/environment_stop.ts"),
};

/** Lines of each log that are shown among errors. */
const ERROR_LINES = 10;

/** How long a program may take that shows an address. */
const OPEN_MS = 10_000;

/** The session with settings as they are now. */
export async function renewed(
  session: EnvironmentSession,
): Promise<EnvironmentSession> {
  const { host, route } = session;
  const { repo } = route.flags;
  const place = await openEnvironment(host, {
    cwd: host.env.cwd,
    ...(repo === undefined ? {} : { repository: repo }),
  });
  return { ...session, place };
}

/**
 * Runs a command to its end. What goes wrong is told, not thrown.
 *
 * @param hear is told each step.
 * @param interrupt interrupts it as Ctrl-C does.
 */
export async function runAction(
  session: EnvironmentSession,
  { done, words }: DashboardAction,
  hear: (step: string) => void,
  interrupt: AbortSignal,
): Promise<DashboardNotice> {
  try {
    const route = parseRoute(words, {});
    if (route.kind === "error") throw knownRouteError(route);
    const load = COMMANDS[route.command];
    if (load === undefined) throw new Error(`no key runs ${route.command}`);
    const { host } = session;
    const [{ run }, fresh] = await Promise.all([load(), renewed(session)]);
    const result = await run({
      ...fresh,
      host: { ...host, terminal: listener(host.terminal, hear) },
      isJson: false,
      route: { ...route, headless: true },
      takeInterrupts: () => interrupt,
    });
    return result.exit === EXIT.ok
      ? { isBad: false, lines: [`${done}.`] }
      : { isBad: true, lines: linesOf(result) };
  } catch (error) {
    return explain(error);
  }
}

function linesOf({ notes = [], text = "" }: CommandResult): readonly string[] {
  const lines = notes.length > 0 ? notes : text.split("\n");
  return lines.filter((line) => line.trim() !== "");
}

/** An error as something to tell. */
export function explain(error: unknown): DashboardNotice {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof KnownError && error.hint !== undefined
    ? [error.hint]
    : [];
  return { isBad: true, lines: [message, ...hint] };
}

/** Nobody is there who could say yes. */
const isNever = false;

/** A terminal for commands that run while the dashboard has the real one. */
function listener(
  { columns, hasColor, rows }: Terminal,
  hear: (step: string) => void,
): Terminal {
  return {
    columns,
    hasColor,
    rows,
    isDeserted: () => false,
    isInteractive: false,
    isScreen: false,
    out() {},
    // The sign before a step stands for what the words say too.
    err: (text) => hear(text.replace(/^[^\p{L}]+/u, "").trim()),
    confirm: () => Promise.resolve(isNever),
    readLine: () => Promise.resolve(undefined),
    openKeys: () =>
      Promise.resolve({ next: () => Promise.resolve(undefined), close() {} }),
    readInput: () => Promise.resolve(""),
  };
}

/** How well everything is, or what has failed, as a page. */
export async function reportPage(
  session: EnvironmentSession,
  report: "errors" | "health",
): Promise<DashboardPage> {
  const { notes, runs } = await lookAtRuns(session);
  const odd = notes.map(noteText);
  if (runs.length === 0) return pageOf(report, [...odd, "Nothing is up."]);
  if (report === "health") {
    const { overall } = healthOf(runs);
    const lines = [...odd, ...plain(evidenceText(runs))];
    return pageOf(`Health: ${overall}`, lines);
  }
  const units = runs.flatMap(({ units }) => units);
  const issues = findIssues(session.host, units, ERROR_LINES);
  const text = errorsText({ mode: session.route.mode, runs, issues });
  return pageOf("Errors", [...odd, ...plain(text)]);
}

function plain(text: string): readonly string[] {
  return text.split("\n").map(plainLine);
}

/** Shows an address in a browser of this machine, else tells it. */
export async function openAddress(
  host: Pick<Host, "env"> & { readonly programs: Pick<Programs, "run"> },
  url: string,
): Promise<DashboardNotice> {
  const notice = (text: string) => ({ isBad: false, lines: [text] });
  const { env, programs } = host;
  const isDarwin = env.os === "darwin";
  const hasScreen = isDarwin ||
    (env.get("DISPLAY") ?? env.get("WAYLAND_DISPLAY")) !== undefined;
  const isRemote = env.get("SSH_CONNECTION") !== undefined;
  if (!hasScreen || isDarwin && isRemote) return notice(`Open ${url}`);
  const names = ["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "HOME", "PATH"];
  const more = ["WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR"];
  const variables = [...names, ...more].flatMap((name) => {
    const value = env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const end = await programs.run({
    executable: isDarwin ? "open" : "xdg-open",
    args: [url],
    env: Object.fromEntries(variables),
    cwd: env.home ?? env.cwd,
    timeoutMs: OPEN_MS,
  });
  const isShown = end.kind === "exited" && end.code === 0;
  return notice(isShown ? `Opened ${url}` : `Open ${url}`);
}
