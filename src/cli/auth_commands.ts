/**
 * The commands of `reeve auth`.
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
} from "./define_command.ts";

const doctor: Command<ReeveContext> = command(
  () => import("./commands/auth_doctor.ts"),
  {
    flags: {
      json,
      reset: flag("Stop stale daemons; ask before unclear ones"),
      force: flag("With --reset or --plan: unclear ones too"),
      unstickLock: flag("Release a stuck refresh lock"),
      stuckThreshold: numberFlag("Age of a stuck lock in seconds", 60),
      server: flag("Ask the server about the session too"),
      family: {
        kind: "enum",
        values: ["sync", "dashboard"],
        default: "sync",
        brief: "Kind of daemons",
      },
      explain: {
        kind: "parsed",
        parse: numberParser,
        optional: true,
        placeholder: "PORT|PID",
        brief: "Show every fact about one listener",
      },
      plan: fileFlag("Write what --reset would do"),
      apply: fileFlag("Do exactly what a plan says, or nothing"),
      record: fileFlag("Save a redacted snapshot of all facts"),
    },
  },
  examples(
    "Show sign-in and daemons, and clean up stale daemons",
    "reeve auth doctor",
    "reeve auth doctor --reset",
    "reeve auth doctor --explain 9401",
    "reeve auth doctor --plan plan.json && reeve auth doctor --apply plan.json",
  ),
);

/** `reeve auth …`. */
export const auth = buildRouteMap({
  routes: { doctor },
  docs: examples(
    "Sign-in and the daemons that use it",
    "reeve auth doctor",
  ),
});
