/**
 * Runs a command line about environments: parse, gate, load, run.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import {
  isWrittenDown,
  type LoadedSettings,
} from "../environment/settings_load.ts";
import {
  isEnvironmentLine,
  knownRouteError,
  parseRoute,
} from "../environment/route.ts";
import { gateFor } from "../environment/route_gate.ts";
import type { RouteEnv } from "../environment/route_policy.ts";
import type {
  EnvironmentCommand,
  Route,
  RouteError,
} from "../environment/route_types.ts";
import {
  type EnvironmentPlace,
  openEnvironment,
} from "../environment/place.ts";
import { repositoryKey } from "../environment/settings_names.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import type {
  EnvironmentRun,
  EnvironmentSession,
} from "./environment_session.ts";
import { runRecorded } from "./environment_debug_recorder.ts";
import { EXIT } from "./exit_code.ts";

type Loader = () => Promise<{ readonly run: EnvironmentRun }>;

const start: Loader = () => import("./commands/environment_start.ts");
const stop: Loader = () => import("./commands/environment_stop.ts");

const debug: Loader = () => import("./commands/environment_debug.ts");
const preview: Loader = () => import("./commands/environment_preview.ts");
const targets: Loader = () => import("./commands/environment_list_targets.ts");

/** Every command that can be run. */
export const ENVIRONMENT_COMMANDS: Readonly<
  Partial<Record<EnvironmentCommand, Loader>>
> = {
  "start": start,
  "resume": start,
  "restart": start,
  "stop": stop,
  "stop-all": stop,
  "dashboard": () => import("./commands/environment_status.ts"),
  "logs": () => import("./commands/environment_logs.ts"),
  "clear-logs": () => import("./commands/environment_clear_logs.ts"),
  "health": () => import("./commands/environment_health.ts"),
  "errors": () => import("./commands/environment_errors.ts"),
  "endpoints": () => import("./commands/environment_endpoints.ts"),
  "show-config": () => import("./commands/environment_show_config.ts"),
  "show-state": () => import("./commands/environment_show_state.ts"),
  "explain-startup": preview,
  "preflight": preview,
  "list-targets": targets,
  "list-trees": targets,
  "config": () => import("./commands/environment_config.ts"),
  "doctor": () => import("./commands/environment_doctor.ts"),
  "plan": () => import("./commands/environment_plan.ts"),
  "ensure-worktree": () => import("./commands/environment_ensure_worktree.ts"),
  "debug-pack": debug,
  "debug-report": debug,
  "debug-last": debug,
};

/** Variables that have a say in how a line is read. */
const VARIABLES: readonly string[] = [
  "ENVCTL_DEFAULT_MODE",
  "ENVCTL_DEFAULT_TREE_DEPENDENCY_SCOPE",
  "REEVE_DEFAULT_MODE",
  "REEVE_DEFAULT_TREE_DEPENDENCY_SCOPE",
];

/**
 * Runs a line.
 *
 * @returns `undefined` for one that is not about environments.
 * @throws {KnownError} `usage` for one that was not understood; then nothing
 * was done.
 */
export async function runEnvironmentLine(
  context: CommandContext,
  args: readonly string[],
): Promise<CommandResult | undefined> {
  if (!isEnvironmentLine(args)) return undefined;
  const env = variablesOf(context.host);
  const first = understood(parseRoute(args, env));
  if (first.flags.help === true) {
    const { commandHelp } = await import("../environment/route_help.ts");
    return { exit: EXIT.ok, text: commandHelp(first.command) };
  }
  if (first.command === "list-commands") return await listCommands();
  const load = ENVIRONMENT_COMMANDS[first.command];
  if (load === undefined) {
    throw new KnownError("usage", `Cannot run ${first.command} yet`, {
      hint: "See: reeve list-commands",
    });
  }
  const { repo } = first.flags;
  const open = () =>
    openEnvironment(context.host, {
      cwd: context.host.env.cwd,
      ...(repo === undefined ? {} : { repository: repo }),
    });
  if (first.command === "doctor") {
    const { runDoctor } = await import("./commands/environment_doctor.ts");
    return await runDoctor(context, first, open);
  }
  const [command, opened] = await Promise.all([load(), open()]);
  const place = await requireSettings(context, first, { opened, open });
  const settled = { ...env, ...standardMode(place.loaded) };
  const route = understood(parseRoute(args, settled));
  const session: EnvironmentSession = { ...context, route, place };
  try {
    return await runRecorded(session, args, command.run);
  } catch (error) {
    // What was wrong with a setting in the line itself is wrong usage.
    throw route.command === "config" ? error : afterParsing(error);
  }
}

/** The line was understood: what is wrong now is not the way it was written. */
function afterParsing(error: unknown): unknown {
  if (!(error instanceof KnownError) || error.code !== "usage") return error;
  const { hint = "See: reeve show-config", message } = error;
  return new KnownError("unusable", message, { hint, cause: error });
}

function understood(route: Route | RouteError): Route {
  if (route.kind === "error") throw knownRouteError(route);
  return route;
}

function variablesOf({ env }: Pick<Host, "env">): RouteEnv {
  return Object.fromEntries(VARIABLES.map((name) => [name, env.get(name)]));
}

/** The mode of a line that names none, where the repository has set it. */
function standardMode({ origins, settings }: LoadedSettings): RouteEnv {
  const { name } = repositoryKey("DEFAULT_MODE");
  const source = origins.get(name)?.source ?? "default";
  return source === "default" ? {} : { [name]: settings.defaultMode };
}

/** Asks for settings where a command needs them and there are none. */
async function requireSettings(
  { host }: CommandContext,
  route: Route,
  { open, opened }: {
    readonly open: () => Promise<EnvironmentPlace>;
    readonly opened: EnvironmentPlace;
  },
): Promise<EnvironmentPlace> {
  const gate = gateFor(route, {
    hasSettings: isWrittenDown(opened.loaded),
    found: opened.loaded.settings.services.map(({ slug }) => slug),
    isTerminal: host.terminal.isInteractive,
  });
  if (gate.kind === "go") return opened;
  if (gate.kind === "error") {
    throw new KnownError("not_found", gate.message, { hint: gate.hint });
  }
  host.terminal.err(
    `${route.command} needs settings, and the repository has none.\n`,
  );
  const { runWizard } = await import("./environment_config_wizard.ts");
  const { edited } = await runWizard(host, opened);
  host.terminal.err(
    `Saved in ${edited.path}. Going on with ${route.command}.\n`,
  );
  return await open();
}

/** `reeve list-commands`. */
async function listCommands(): Promise<CommandResult> {
  const { commandList } = await import("../environment/route_help.ts");
  const all = commandList().filter(({ name }) =>
    name === "list-commands" ||
    Object.hasOwn(ENVIRONMENT_COMMANDS, String(name))
  );
  const width = Math.max(...all.map(({ name }) => String(name).length));
  return {
    exit: EXIT.ok,
    json: {
      "schema": "environment_commands",
      "schema_version": 1,
      "commands": all,
    },
    text: all.map(({ name, brief }) =>
      `${String(name).padEnd(width)}  ${brief}`
    ).join("\n"),
  };
}
