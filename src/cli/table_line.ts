/**
 * Runs a command line by the tables of commands, of which it loads as few as
 * it can.
 *
 * @module
 */

import { buildRouteMap, type RouteMap, run } from "@stricli/core";
import { nearestName } from "../config/nearest.ts";
import { KnownError } from "../errors.ts";
import { applicationOf } from "./application.ts";
import type { CommandContext } from "./command.ts";
import type { ReeveContext } from "./define_command.ts";
import { COMMAND_NAMES } from "./environment_words.ts";
import { tidyHelp } from "./help_text.ts";
import type { LineEnd } from "./line_end.ts";

type Group = () => Promise<RouteMap<ReeveContext>>;

/** Groups of commands by the word that a line begins with. */
const GROUPS: Readonly<Record<string, Group>> = {
  "auth": async () => (await import("./auth_commands.ts")).auth,
  "config": async () => (await import("./config_commands.ts")).config,
  "daemon": async () => (await import("./daemon_commands.ts")).daemon,
  "event": async () => (await import("./sync_commands.ts")).event,
  "queue": async () => (await import("./queue_commands.ts")).queue,
  "server": async () => (await import("./server_commands.ts")).server,
  "sync": async () => (await import("./sync_commands.ts")).sync,
};

/** Runs a line; what it would print is given back. */
export async function runTableLine(
  context: CommandContext,
  words: readonly string[],
): Promise<LineEnd> {
  const printed: string[] = [];
  const complaints: string[] = [];
  const outcome: ReeveContext["outcome"] = {};
  await run(await applicationFor(words), words, {
    ...context,
    outcome,
    process: {
      stdout: { write: (text) => void printed.push(text) },
      stderr: { write: (text) => void complaints.push(text) },
      env: { "STRICLI_NO_COLOR": "1" },
    },
  });
  const { error, result } = outcome;
  if (result !== undefined) return { kind: "done", result };
  if (error !== undefined) return { kind: "failed", error };
  const complaint = complaints.join("");
  if (complaint !== "") return refused(withNearest(words, complaint));
  const help = printed.join("");
  const isRoot = words[0]?.startsWith("-") === true && help.startsWith("USAGE");
  const page = tidyHelp(help);
  if (!isRoot) return { kind: "page", text: page };
  // All commands are asked for, the hidden ones too.
  const { environmentHelp } = await import("./root_help.ts");
  return { kind: "page", text: page + environmentHelp() };
}

async function applicationFor([first = ""]: readonly string[]) {
  const load = Object.hasOwn(GROUPS, first) ? GROUPS[first] : undefined;
  if (load === undefined) return (await import("./commands.ts")).app;
  const routes = { [first]: await load() };
  return applicationOf(buildRouteMap({ routes, docs: { brief: first } }));
}

/** A complaint about the first word names the nearest command of all. */
function withNearest(
  [word = ""]: readonly string[],
  complaint: string,
): string {
  const first = `Cannot find the command ${word}`;
  const nearest = nearestName(word, COMMAND_NAMES);
  return complaint.startsWith(`${first}\n`) && nearest !== undefined
    ? `${first}\nDid you mean ${nearest}?`
    : complaint;
}

/** The command never ran: the line was not understood. */
function refused(complaint: string): LineEnd {
  const [first = "", ...rest] = complaint.trim().split("\n");
  const hint = rest.join(" ").trim() || "See: reeve --help";
  return { kind: "refused", error: new KnownError("usage", first, { hint }) };
}
