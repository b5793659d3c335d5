/**
 * Flags that the commands around a queue share.
 *
 * @module
 */

import { numberParser } from "@stricli/core";
import type { EventState } from "../queue/list_events.ts";
import { flag, wordFlag } from "./define_command.ts";
import { parseSince } from "./since.ts";

/** Carries out what is only shown otherwise. */
export const apply = flag("Do it; without, only say what would be done");
/** Skips the question at a terminal. */
export const yes = flag("Do not ask");

/** Chooses by event type. */
export const type = wordFlag("TYPE", "Only of this event type");
/** Chooses by reason. */
export const reason = wordFlag("REASON", "Only for this reason");

/** Chooses by time. */
export const since = {
  kind: "parsed",
  parse: parseSince,
  optional: true,
  placeholder: "TIME",
  brief: "Only since then: 2h, 3d, 2026-01-31",
} as const;

/** Chooses by id. */
export const eventIds = {
  kind: "parsed",
  parse: String,
  optional: true,
  variadic: true,
  placeholder: "ID",
  brief: "Only this event; may be given again",
} as const;

/** Chooses by number. */
export const entryIds = {
  kind: "parsed",
  parse: numberParser,
  optional: true,
  variadic: true,
  placeholder: "ID",
  brief: "Only this entry; may be given again",
} as const;

/** Chooses by state. */
export const state = {
  kind: "parsed",
  parse: parseState,
  optional: true,
  variadic: true,
  placeholder: "STATE",
  brief: "Only in this state, such as ready; may be given again",
} as const;

async function parseState(word: string): Promise<EventState> {
  // Listing the states here would cost every command the rest of that file.
  const { EVENT_STATES, isEventState } = await import(
    "../queue/list_events.ts"
  );
  if (isEventState(word)) return word;
  const known = EVENT_STATES.join(", ");
  throw new SyntaxError(`Cannot find the state ${word}: there are ${known}`);
}

/** Turns to what was skipped. */
export const skipped = flag("Those that were skipped, in place of the dead");
