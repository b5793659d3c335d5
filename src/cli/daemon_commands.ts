/**
 * The commands of `reeve daemon`.
 *
 * @module
 */

import { buildRouteMap, type Command } from "@stricli/core";
import {
  command,
  examples,
  flag,
  json,
  numberFlag,
  type ReeveContext,
} from "./define_command.ts";

const daemonStart: Command<ReeveContext> = command(
  () => import("./commands/daemon_start.ts"),
  {
    flags: {
      json,
      force: flag("Replace a running daemon of any other version"),
      intent: {
        kind: "enum",
        values: ["local_only", "remote_required"],
        optional: true,
        brief: "Ask as a program would",
      },
    },
  },
  examples(
    "Start the sync daemon, or use the one that runs",
    "reeve daemon start",
    "reeve daemon start --intent remote_required --json",
  ),
);

const daemonStatus: Command<ReeveContext> = command(
  () => import("./commands/daemon_status.ts"),
  { flags: { json } },
  examples(
    "Show whether the sync daemon runs",
    "reeve daemon status",
    "reeve daemon status --json",
  ),
);

const daemonStop: Command<ReeveContext> = command(
  () => import("./commands/daemon_stop.ts"),
  { flags: { json } },
  examples("Stop the sync daemon", "reeve daemon stop"),
);

const daemonRestart: Command<ReeveContext> = command(
  () => import("./commands/daemon_restart.ts"),
  {
    flags: { json, force: flag("Replace a newer daemon too") },
  },
  examples(
    "Stop the sync daemon and start it again",
    "reeve daemon restart",
  ),
);

const daemonLogs: Command<ReeveContext> = command(
  () => import("./commands/daemon_logs.ts"),
  {
    flags: {
      json,
      lines: numberFlag("How many of the last lines to show", 50),
      follow: flag("Go on showing new lines until Ctrl-C"),
    },
    aliases: { n: "lines", f: "follow" },
  },
  examples(
    "Show the log of the sync daemon",
    "reeve daemon logs",
    "reeve daemon logs --lines 200 --follow",
  ),
);

const daemonJournal: Command<ReeveContext> = command(
  () => import("./commands/daemon_journal.ts"),
  {
    flags: {
      json,
      lines: numberFlag("How many of the last steps to show", 50),
    },
    aliases: { n: "lines" },
  },
  examples(
    "Show every signal and shutdown request ever sent",
    "reeve daemon journal",
    "reeve daemon journal --json",
  ),
);

const daemonReplay: Command<ReeveContext> = command(
  () => import("./commands/daemon_replay.ts"),
  {
    flags: { json },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "FILE",
        brief: "Snapshot from: reeve auth doctor --record FILE",
      }],
    },
  },
  examples(
    "Judge a recorded snapshot again",
    "reeve daemon replay facts.json",
  ),
);

const daemonRun: Command<ReeveContext> = command(
  () => import("./commands/daemon_run.ts"),
  {
    flags: {
      reeveDaemonRoot: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "PATH",
        brief: "State root; daemon start sets it",
      },
    },
  },
  examples(
    "Run the sync daemon in the foreground",
    "reeve daemon run",
  ),
);

/** `reeve daemon …`. */
export const daemon = buildRouteMap({
  routes: {
    start: daemonStart,
    status: daemonStatus,
    stop: daemonStop,
    restart: daemonRestart,
    logs: daemonLogs,
    journal: daemonJournal,
    replay: daemonReplay,
    run: daemonRun,
  },
  docs: examples(
    "The sync daemon of this state root",
    "reeve daemon start",
    "reeve daemon status",
  ),
});
