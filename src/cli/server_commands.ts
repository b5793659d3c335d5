/**
 * The commands of `reeve server`.
 *
 * @module
 */

import { buildRouteMap, type Command, numberParser } from "@stricli/core";
import {
  command,
  examples,
  fileFlag,
  json,
  numberFlag,
  type ReeveContext,
  wordFlag,
} from "./define_command.ts";

/** A flag with a word that may come several times. */
function wordsFlag(placeholder: string, brief: string) {
  const variadic = true as const;
  return { ...wordFlag(placeholder, brief), variadic };
}

const serverRun: Command<ReeveContext> = command(
  () => import("./commands/server_run.ts"),
  {
    flags: {
      json,
      port: numberFlag("Port on 127.0.0.1; 0 for any free", 9700),
      data: fileFlag("SQLite file, or :memory:"),
      user: wordFlag("NAME[:PASSWORD]", "Who signs in"),
      workspace: wordsFlag("SLUG", "Workspace, default first; repeat"),
      token: wordFlag("TOKEN", "Access token that is always good"),
      accessSeconds: {
        kind: "parsed",
        parse: numberParser,
        optional: true,
        placeholder: "N",
        brief: "Life of an access token",
      },
      fault: wordsFlag("NAME[=VALUE][:COUNT]", "What goes wrong; repeat"),
    },
  },
  examples(
    "Run the reference server for development",
    "reeve server run",
    "reeve server run --port 0 --data :memory: --json",
    "reeve server run --fault throttle=3:2 --fault slow=500",
  ),
);

const serverCheck: Command<ReeveContext> = command(
  () => import("./commands/server_check.ts"),
  {
    flags: {
      json,
      token: wordFlag("-", "Take an access token from standard input"),
      workspace: wordFlag("SLUG", "Workspace to write test events to"),
    },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "URL",
        brief: "Base address of the server",
      }],
    },
  },
  examples(
    "Check that a server keeps the event protocol",
    "reeve server check http://127.0.0.1:9700 --token - < token.txt",
    "reeve server check https://sync.example.com --workspace acme --json",
  ),
);

/** `reeve server …`. */
export const server = buildRouteMap({
  routes: { run: serverRun, check: serverCheck },
  docs: examples(
    "A server to develop against, and checks for any other",
    "reeve server run",
    "reeve server check http://127.0.0.1:9700 --token - < token.txt",
  ),
});
