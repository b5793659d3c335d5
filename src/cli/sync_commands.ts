/**
 * The commands of `reeve sync` and `reeve event`.
 *
 * @module
 */

import { buildRouteMap, type Command, numberParser } from "@stricli/core";
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
import {
  archive,
  events,
  gc,
  purge,
  salvage,
  verify,
} from "./sync_care_commands.ts";
import { dead } from "./sync_dead_commands.ts";
import { quarantine } from "./sync_quarantine_commands.ts";

const now: Command<ReeveContext> = command(
  () => import("./commands/sync_now.ts"),
  {
    flags: {
      json,
      strict: flag("Parked events count as left over too"),
      dryRun: flag("Only say how many would be sent"),
      limit: {
        kind: "parsed",
        parse: numberParser,
        optional: true,
        placeholder: "N",
        brief: "Send at most N events",
      },
      timeout: numberFlag("Give up after N seconds", 120),
    },
  },
  examples(
    "Deliver everything that may leave this project",
    "reeve sync now",
    "reeve sync now --timeout 10 --json",
  ),
);

const status: Command<ReeveContext> = command(
  () => import("./commands/sync_status.ts"),
  { flags: { json, check: flag("End with 1 if something needs you") } },
  examples(
    "Show where the events of this project are",
    "reeve sync status",
    "reeve sync status --check --json",
  ),
);

const watch: Command<ReeveContext> = command(
  () => import("./commands/sync_watch.ts"),
  { flags: { json } },
  examples(
    "Deliver as events come, until Ctrl-C",
    "reeve sync watch",
  ),
);

const doctor: Command<ReeveContext> = command(
  () => import("./commands/sync_doctor.ts"),
  {
    flags: {
      json,
      server: flag("Ask the server too"),
      fix: flag("Repair what can be repaired safely"),
    },
  },
  examples(
    "Check queue, settings, sign-in and delivery",
    "reeve sync doctor",
    "reeve sync doctor --server --json",
  ),
);

const diagnose: Command<ReeveContext> = command(
  () => import("./commands/sync_diagnose.ts"),
  {
    flags: {
      json,
      event: wordFlag("ID", "Only this event"),
      types: fileFlag("Further event types, as JSON"),
    },
  },
  examples(
    "Check every event that is not delivered, without a server",
    "reeve sync diagnose",
    "reeve sync diagnose --event 01M7Y0TEC93384R0ZHBB6DF8S7",
  ),
);

const optin: Command<ReeveContext> = command(
  () => import("./commands/sync_optin.ts"),
  {
    flags: {
      json,
      history: flag("Let events of before leave too"),
      yes: flag("Do not ask"),
    },
  },
  examples(
    "Let the events of this project leave from now on",
    "reeve sync optin",
    "reeve sync optin --history",
  ),
);

const optout: Command<ReeveContext> = command(
  () => import("./commands/sync_optout.ts"),
  { flags: { json } },
  examples("Let nothing more of this project leave", "reeve sync optout"),
);

/** `reeve sync …`. */
export const sync = buildRouteMap({
  routes: {
    now,
    status,
    watch,
    doctor,
    diagnose,
    events,
    dead,
    quarantine,
    verify,
    optin,
    optout,
    gc,
    archive,
    purge,
    salvage,
  },
  docs: examples(
    "Events of this project and their delivery",
    "reeve sync optin",
    "reeve sync status",
    "reeve sync now",
  ),
});

const emit: Command<ReeveContext> = command(
  () => import("./commands/event_emit.ts"),
  {
    flags: {
      json,
      aggregate: wordFlag("ID", "What it is about; default: default"),
      data: wordFlag("JSON", "Payload, or - for standard input"),
      text: wordFlag("TEXT", "Payload with this text"),
      types: fileFlag("Further event types, as JSON"),
      id: wordFlag("ULID", "Id of the event; the same again is a duplicate"),
      cause: wordFlag("ULID", "What caused it"),
      dedupeKey: wordFlag("KEY", "The same key within a day is a duplicate"),
      at: wordFlag("TIME", "When it happened, RFC 3339"),
    },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "TYPE",
        brief: "Event type",
      }],
    },
  },
  examples(
    "Capture one event of this directory",
    "reeve event emit NoteRecorded --text hello",
    `reeve event emit UsageMeasured --data '{"name":"n","value":1}'`,
  ),
);

/** `reeve event …`. */
export const event = buildRouteMap({
  routes: { emit },
  docs: examples(
    "Events of this directory",
    "reeve event emit NoteRecorded --text hello",
  ),
});
