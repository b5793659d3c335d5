/**
 * `reeve server run`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { type Host, HostError } from "../../host/host.ts";
import { joinPath } from "../../host/path.ts";
import { parseFault } from "../../receiver/faults.ts";
import {
  type ServedReceiver,
  serveReceiver,
} from "../../receiver/serve_receiver.ts";
import type { ReceiverOptions } from "../../receiver/settings.ts";
import { stateRoot } from "../../state/paths.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { formatJson } from "../print_error.ts";

/** Flags of `reeve server run`. */
export interface ServerRunFlags extends JsonFlags {
  /** Port; 0 for any that is free. */
  readonly port: number;
  /** SQLite file. */
  readonly data?: string;
  /** Who signs in, and with which password. */
  readonly user?: string;
  /** Workspaces, the default one first. */
  readonly workspace?: readonly string[];
  /** Access token that is always good. */
  readonly token?: string;
  /** Life of an access token. */
  readonly accessSeconds?: number;
  /** What goes wrong on purpose. */
  readonly fault?: readonly string[];
}

const SLUG = /^[a-z0-9][a-z0-9-]{0,63}$/;
const USER = /^[\w.-]{1,64}(?::.+)?$/;
const TOKEN = /^[\x21-\x7e]+$/;

/** Serves until Ctrl-C or SIGTERM. */
export async function run(
  context: CommandContext,
  flags: ServerRunFlags,
): Promise<CommandResult> {
  const { host } = context;
  const options = readOptions(flags);
  const interrupt = context.takeInterrupts();
  const data = flags.data ?? defaultData(host);
  const served = await serve(host, { ...options, data, port: flags.port });
  try {
    host.terminal.out(formatReady(context, served, { ...options, data }));
    await aborted(interrupt);
  } finally {
    await served.stop();
  }
  return { exit: EXIT.ok };
}

function readOptions(flags: ServerRunFlags): ReceiverOptions {
  const { token, accessSeconds, workspace, fault: faults = [] } = flags;
  const problem = findProblem(flags);
  if (problem !== undefined) {
    throw new KnownError("usage", `Cannot use ${problem}`, {
      hint: "See: reeve server run --help",
    });
  }
  for (const fault of faults) parseFault(fault);
  const [user, ...rest] = flags.user?.split(":") ?? [];
  return {
    ...user !== undefined && { user },
    ...rest.length > 0 && { password: rest.join(":") },
    ...workspace !== undefined && { workspaces: workspace },
    ...token !== undefined && { token },
    ...accessSeconds !== undefined && { accessSeconds },
    faults,
  };
}

function findProblem(flags: ServerRunFlags): string | undefined {
  const { port, user, workspace = [], token, accessSeconds } = flags;
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    return `--port ${port}: a port is 0 to 65535`;
  }
  if (user !== undefined && !USER.test(user)) {
    return "--user: a name has letters, digits, dots and dashes";
  }
  const slug = workspace.find((slug) => !SLUG.test(slug));
  if (slug !== undefined) return `--workspace ${slug}: a slug has a-z, 0-9, -`;
  if (token !== undefined && !TOKEN.test(token)) {
    return "--token: a token has visible ASCII only";
  }
  if (accessSeconds !== undefined && !(accessSeconds > 0)) {
    return `--access-seconds ${accessSeconds}: a life is longer than nothing`;
  }
  return undefined;
}

function defaultData(host: Pick<Host, "blocking" | "env">): string {
  const root = stateRoot(host.env);
  host.blocking.makeDirectory(root);
  return joinPath(root, "server.db");
}

async function serve(
  host: Host,
  options: Parameters<typeof serveReceiver>[1],
): Promise<ServedReceiver> {
  try {
    return await serveReceiver(host, options);
  } catch (error) {
    const isTaken = error instanceof HostError &&
      error.code === "address_in_use";
    if (!isTaken) throw error;
    throw new KnownError(
      "no_free_port",
      `Cannot serve on port ${options.port}: another process listens there`,
      {
        hint: "Choose another with --port N, or --port 0 for any that is free.",
        cause: error,
      },
    );
  }
}

function formatReady(
  { isJson }: CommandContext,
  { url, port }: ServedReceiver,
  options: ReceiverOptions & { readonly data: string },
): string {
  const { data, user = "ada", password, faults = [] } = options;
  if (isJson) {
    return formatJson({
      "schema": "server_run",
      "schema_version": 1,
      url,
      port,
      data,
    });
  }
  const how = password === undefined ? "one click" : "your password";
  return [
    `Serving on ${url}; stop with Ctrl-C.`,
    `Events and sessions are kept in ${data}.`,
    `Sign in as ${user} with ${how}: reeve auth login --server ${url}`,
    ...faults.length === 0 ? [] : [`Faults: ${faults.join(", ")}.`],
    "",
  ].join("\n");
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}
