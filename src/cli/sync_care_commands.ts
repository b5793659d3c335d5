/**
 * The commands that look after a queue: what is in it, what is removed, and
 * whether it holds.
 *
 * @module
 */

import type { Command } from "@stricli/core";
import { apply, reason, since, state, type, yes } from "./care_flags.ts";
import {
  command,
  examples,
  fileFlag,
  flag,
  json,
  numberFlag,
  type ReeveContext,
  wordFlag,
} from "./define_command.ts";

/** `reeve sync events`. */
export const events: Command<ReeveContext> = command(
  () => import("./commands/sync_events.ts"),
  {
    flags: {
      json,
      state,
      type,
      reason,
      since,
      limit: numberFlag("At most N events", 50),
      after: numberFlag("Only events behind place N", 0),
    },
  },
  examples(
    "List events and what became of each",
    "reeve sync events --state ready",
    "reeve sync events --type NoteRecorded --since 2h --json",
  ),
);

/** `reeve sync gc`. */
export const gc: Command<ReeveContext> = command(
  () => import("./commands/sync_gc.ts"),
  {
    flags: {
      json,
      days: numberFlag("Keep delivered events for N days", 30),
      apply,
      yes,
    },
  },
  examples(
    "Remove what was delivered long ago",
    "reeve sync gc",
    "reeve sync gc --days 7 --apply",
  ),
);

/** `reeve sync archive`. */
export const archive: Command<ReeveContext> = command(
  () => import("./commands/sync_archive.ts"),
  {
    flags: {
      json,
      state,
      type,
      reason,
      since,
      until: { ...since, brief: "Only before then" },
      gc: flag("Then remove those that are delivered"),
      verify: fileFlag("Only check the archive with this manifest"),
      yes,
    },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "DIR",
        brief: "Directory for the files",
        optional: true,
      }],
    },
  },
  examples(
    "Write events into files that can be checked",
    "reeve sync archive ~/archive --until 30d --gc",
    "reeve sync archive --verify ~/archive/events-….manifest.json",
  ),
);

/** `reeve sync purge`. */
export const purge: Command<ReeveContext> = command(
  () => import("./commands/sync_purge.ts"),
  {
    flags: {
      json,
      apply,
      confirm: wordFlag("PROJECT", "Name of the project, written out"),
    },
  },
  examples(
    "Throw away everything that is not delivered",
    "reeve sync purge",
    "reeve sync purge --apply --confirm my-project",
  ),
);

/** `reeve sync verify`. */
export const verify: Command<ReeveContext> = command(
  () => import("./commands/sync_verify.ts"),
  { flags: { json, offline: flag("Do not compare with the server") } },
  examples(
    "Prove that the queue holds together and the server agrees",
    "reeve sync verify",
    "reeve sync verify --offline --json",
  ),
);

/** `reeve sync salvage`. */
export const salvage: Command<ReeveContext> = command(
  () => import("./commands/sync_salvage.ts"),
  {
    flags: {
      json,
      to: fileFlag("Write them to a file instead, to be looked at"),
      uncertain: flag("Also those that may have been sent"),
    },
  },
  examples(
    "Save what a damaged queue still holds",
    "reeve sync salvage",
    "reeve sync salvage --to saved.jsonl",
  ),
);
