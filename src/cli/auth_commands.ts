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
  wordFlag,
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

const login: Command<ReeveContext> = command(
  () => import("./commands/auth_login.ts"),
  {
    flags: {
      json,
      server: wordFlag("URL", "Server to sign in to"),
      device: flag("Type a code on another device"),
      noBrowser: flag("Print the address and start no browser"),
      token: wordFlag("-", "Take an access token from standard input"),
      workspace: wordFlag("SLUG", "Workspace that events go to"),
      force: flag("Sign in although somebody is signed in"),
    },
  },
  examples(
    "Sign in, in a browser unless told otherwise",
    "reeve auth login --server https://sync.example.com",
    "reeve auth login --device",
    "reeve auth login --token - < token.txt",
    "reeve auth login --workspace acme",
  ),
);

const logout: Command<ReeveContext> = command(
  () => import("./commands/auth_logout.ts"),
  { flags: { json, force: flag("Do not tell the server") } },
  examples("Sign out here and at the server", "reeve auth logout"),
);

const status: Command<ReeveContext> = command(
  () => import("./commands/auth_status.ts"),
  { flags: { json, check: flag("End with 4 when nobody is signed in") } },
  examples(
    "Show the sign-in without asking the server",
    "reeve auth status",
    "reeve auth status --check --json",
  ),
);

const whoami: Command<ReeveContext> = command(
  () => import("./commands/auth_whoami.ts"),
  { flags: { json } },
  examples("Say in one line who is signed in", "reeve auth whoami"),
);

/** `reeve auth …`. */
export const auth = buildRouteMap({
  routes: { login, logout, status, whoami, doctor },
  docs: examples(
    "Sign-in and the daemons that use it",
    "reeve auth login --server https://sync.example.com",
    "reeve auth status",
    "reeve auth doctor",
  ),
});
