/**
 * Which server a sign-in is for, and remembering it.
 *
 * @module
 */

import { readConfig, requireSound } from "../../config/read_config.ts";
import { parseServerUrl } from "../../config/server_url.ts";
import { readUserFile } from "../../config/user_file.ts";
import { setUserValue } from "../../config/write_config.ts";
import { KnownError } from "../../errors.ts";
import { type Host, HostError } from "../../host/host.ts";

const SERVER = "sync.server_url";

/** What the settings say about signing in. */
export interface AuthSettings {
  /** Server to sign in to; `undefined` when nobody has named one. */
  readonly server: string | undefined;
  /** Server that the person's file names. */
  readonly serverInFile: string | undefined;
  /** Workspace that the settings name. */
  readonly workspace: string | undefined;
  /** What the person should know about where the server comes from. */
  readonly notes: readonly string[];
}

/**
 * Reads what the settings say; a flag wins over the environment, and that over
 * the person's file.
 *
 * @throws {KnownError} `usage`, `damaged_file`, `newer_file` or `unreadable`.
 */
export function readAuthSettings(
  host: Pick<Host, "blocking" | "env">,
  root: string,
  flag?: string,
): AuthSettings {
  const flags = flag === undefined ? {} : { [SERVER]: flag };
  const config = readConfig(host, { root, flags });
  requireSound(config, [SERVER, "sync.workspace"]);
  const server = config.get(SERVER);
  const stated = readUserFile(host, config.userFile).values.get(SERVER);
  const serverInFile = typeof stated === "string"
    ? parseServerUrl(stated)
    : undefined;
  const isSplit = flag === undefined && serverInFile !== undefined &&
    server !== serverInFile;
  return {
    server,
    serverInFile,
    workspace: config.get("sync.workspace"),
    notes: isSplit
      ? [
        `REEVE_SERVER_URL names ${server} and is used; ` +
        `${config.userFile} names ${serverInFile}.`,
      ]
      : [],
  };
}

/** Like `readAuthSettings()`, for whoever only looks: a fault is a note. */
export function lookUpServer(
  host: Pick<Host, "blocking" | "env">,
  root: string,
): Pick<AuthSettings, "notes" | "server"> {
  try {
    return readAuthSettings(host, root);
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { server: undefined, notes: [`${error.message}.`] };
  }
}

/** The error of a command that needs a server when nobody has named one. */
export function noServerError(): KnownError {
  return new KnownError(
    "usage",
    "Cannot sign in: no server is configured, and there is no default",
    {
      hint: "Name it: reeve auth login --server https://HOST, or set " +
        "REEVE_SERVER_URL",
    },
  );
}

/** Remembers the server of a flag if the file names none; gives a note. */
export async function rememberServer(
  host: Pick<Host, "clock" | "env" | "files">,
  root: string,
  { server, serverInFile }: {
    readonly server: string;
    readonly serverInFile: string | undefined;
  },
): Promise<readonly string[]> {
  if (serverInFile === server) return [];
  if (serverInFile !== undefined) {
    return [
      `Events still go to ${serverInFile}: change that with ` +
      `reeve config set sync.server_url ${server}`,
    ];
  }
  try {
    await setUserValue(host, root, SERVER, server);
    return ["The server is remembered as sync.server_url."];
  } catch (error) {
    const isRefusal = error instanceof HostError || error instanceof KnownError;
    if (!isRefusal) throw error;
    return [`The server could not be remembered: ${error.message}.`];
  }
}
