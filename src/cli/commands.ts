/**
 * The whole command line as a table of lazy loaders: starting costs this file
 * and the one command that runs.
 *
 * @module
 */

import {
  type Application,
  type ApplicationText,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type Command,
  numberParser,
  type StricliProcess,
  text_en,
  type TypedCommandParameters,
} from "@stricli/core";
import type { Host } from "../host/host.ts";
import { cliVersion } from "../version.ts";
import type {
  CommandContext,
  CommandFunction,
  CommandResult,
} from "./command.ts";

/** What stricli hands to every command. */
export interface ReeveContext extends CommandContext {
  /** Streams that catch what stricli itself prints. */
  readonly process: StricliProcess;
  /** What the command gave back. */
  readonly outcome: { result?: CommandResult; error?: unknown };
}

type Loaded<F, A extends readonly unknown[]> = () => Promise<
  { readonly run: CommandFunction<F, A> }
>;

/** A command that is loaded when it runs; it keeps what it gives back. */
function command<
  const F extends Readonly<Partial<Record<keyof F, unknown>>>,
  const A extends readonly unknown[],
>(
  load: Loaded<F, A>,
  parameters: NoInfer<TypedCommandParameters<F, A, ReeveContext>>,
  docs: { readonly brief: string; readonly fullDescription?: string },
): Command<ReeveContext> {
  return buildCommand<F, A, ReeveContext>({
    loader: async () => {
      const { run } = await load();
      return async function (flags, ...args) {
        try {
          this.outcome.result = await run(this, flags, ...args);
        } catch (error) {
          this.outcome.error = error;
        }
      };
    },
    parameters,
    docs,
  });
}

const json = {
  kind: "boolean",
  default: false,
  withNegated: false,
  brief: "Print one JSON document",
} as const;

function flag(brief: string) {
  return {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief,
  } as const;
}

function fileFlag(brief: string) {
  return {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "FILE",
    brief,
  } as const;
}

function numberFlag(brief: string, standard: number) {
  return {
    kind: "parsed",
    parse: numberParser,
    default: String(standard),
    placeholder: "N",
    brief,
  } as const;
}

function examples(brief: string, ...lines: string[]) {
  const shown = lines.map((line) => `  ${line}`).join("\n");
  return { brief, fullDescription: `${brief}.\n\nEXAMPLES\n${shown}` };
}

const doctor: Command<ReeveContext> = command(
  () => import("./commands/auth_doctor.ts"),
  {
    flags: {
      json,
      reset: flag("Stop stale daemons; asks before unclear ones"),
      force: flag("With --reset or --plan: unclear ones too, without asking"),
      unstickLock: flag("Release a stuck refresh lock"),
      stuckThreshold: numberFlag("Age of a stuck lock in seconds", 60),
      server: flag("Ask the server about the session too"),
      family: {
        kind: "enum",
        values: ["sync", "dashboard"],
        default: "sync",
        brief: "Kind of daemons to look at",
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

const auth = buildRouteMap({
  routes: { doctor },
  docs: examples(
    "Sign-in and the daemons that use it",
    "reeve auth doctor",
  ),
});

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
        brief: "Ask as a program would: the settings may say no",
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
        brief: "State root that the daemon serves; daemon start sets it",
      },
    },
  },
  examples(
    "Run the sync daemon in the foreground",
    "reeve daemon run",
  ),
);

const daemon = buildRouteMap({
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

const completions: Command<ReeveContext> = command(
  () => import("./commands/completions.ts"),
  {
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "bash|zsh|fish",
        brief: "Shell to complete in",
      }],
    },
  },
  examples(
    "Print the completion script for a shell",
    "reeve completions bash >> ~/.bashrc",
  ),
);

const complete: Command<ReeveContext> = command(
  () => import("./commands/complete.ts"),
  {
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "Words so far", placeholder: "WORD" },
    },
  },
  { brief: "Print what could come next" },
);

const root = buildRouteMap({
  routes: { auth, daemon, completions, "__complete": complete },
  docs: {
    ...examples(
      "Keeps the background processes of your machine in order",
      "reeve auth doctor          see every daemon and what may be done",
      "reeve auth doctor --reset  stop the stale ones",
      "reeve daemon start         start the sync daemon",
    ),
    hideRoute: { "__complete": true },
  },
});

const text: ApplicationText = {
  ...text_en,
  noCommandRegisteredForInput: ({ input, corrections }) => {
    const meant = corrections.map((word) => `reeve … ${word}`).join(" or ");
    return `Cannot find the command ${input}\n` +
      (meant === "" ? "See: reeve --help" : `Did you mean ${meant}?`);
  },
  exceptionWhileParsingArguments: (error) =>
    error instanceof Error ? error.message : String(error),
};

/** The application that stricli runs. */
export const app: Application<ReeveContext> = buildApplication(root, {
  name: "reeve",
  versionInfo: {
    getCurrentVersion() {
      const { host } = this as ReeveContext & { readonly host: Host };
      return Promise.resolve(cliVersion(host.env));
    },
  },
  scanner: { caseStyle: "allow-kebab-for-camel" },
  documentation: {
    caseStyle: "convert-camel-to-kebab",
    disableAnsiColor: true,
    useAliasInUsageLine: false,
    onlyRequiredInUsageLine: true,
  },
  localization: { text },
});
