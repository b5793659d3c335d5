/**
 * The four-line state file that names the current daemon of a scope:
 * url, port, token, pid. It is a hint where to look, never authority to act.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import type { Lock } from "../state/lock.ts";

/** What a state file says. */
export interface DaemonState {
  /** Origin without a trailing slash. */
  readonly url: string;
  /** Port. */
  readonly port?: number;
  /** Control token: 32 lowercase hexadecimal digits. Secret. */
  readonly token?: string;
  /** Process id. */
  readonly pid?: number;
}

/** A state file that names a daemon in full. */
export type CompleteState = Required<DaemonState>;

/** What reading a state file gave. */
export type StateRead =
  | { readonly kind: "found"; readonly state: DaemonState }
  | { readonly kind: "missing" }
  | { readonly kind: "damaged"; readonly reason: string }
  | { readonly kind: "unreadable"; readonly reason: string };

/** Nobody writes a longer one, in bytes. */
const LONGEST = 4096;

/**
 * Parses a state file. Old writers left out an unknown token or pid, so a
 * third line is told by its shape: 32 hexadecimal digits are a token.
 */
export function parseState(text: string): StateRead {
  const lines = text.split("\n").map((line) => line.trim())
    .filter((line) => line !== "");
  const [url, portLine, ...rest] = lines;
  if (url === undefined) return { kind: "damaged", reason: "it is empty" };
  if (!/^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(url)) {
    return { kind: "damaged", reason: "its first line is no loopback URL" };
  }
  const token = rest.slice(0, 2).find((line) => /^[0-9a-f]{32}$/.test(line));
  const pidLine = rest.slice(0, 2).find((line) =>
    line !== token && /^\d{1,10}$/.test(line)
  );
  const port = Number(portLine);
  return {
    kind: "found",
    state: {
      url,
      ...(Number.isInteger(port) && port > 0 && port < 65536 ? { port } : {}),
      ...(token === undefined ? {} : { token }),
      ...(pidLine === undefined ? {} : { pid: Number(pidLine) }),
    },
  };
}

/** Writes the four lines of a state file. */
export function formatState(state: CompleteState): string {
  return `${state.url}\n${state.port}\n${state.token}\n${state.pid}\n`;
}

/** Whether all four facts are there. */
export function isComplete(state: DaemonState): state is CompleteState {
  return state.port !== undefined && state.token !== undefined &&
    state.pid !== undefined;
}

/** Reads a state file. */
export async function readState(
  host: Pick<Host, "files">,
  path: string,
): Promise<StateRead> {
  try {
    return parseState(await host.files.readText(path, LONGEST));
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.code === "not_found") return { kind: "missing" };
    if (error.code === "too_large") {
      return { kind: "damaged", reason: "it is far too long" };
    }
    return { kind: "unreadable", reason: error.code.replaceAll("_", " ") };
  }
}

/** Replaces the state file; only the holder of the lock may. */
export function writeState(
  host: Pick<Host, "files">,
  _lock: Lock,
  path: string,
  state: CompleteState,
): Promise<void> {
  return host.files.writeAtomic(path, formatState(state));
}

/** The text of a state file, to be put back; `undefined` where none is. */
export async function keepState(
  host: Pick<Host, "files">,
  path: string,
): Promise<string | undefined> {
  try {
    return await host.files.readText(path, LONGEST);
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}

/** Puts back what {@linkcode keepState} gave; only the holder of the lock may. */
export async function restoreState(
  host: Pick<Host, "files">,
  _lock: Lock,
  path: string,
  kept: string | undefined,
): Promise<void> {
  await (kept === undefined
    ? host.files.remove(path)
    : host.files.writeAtomic(path, kept));
}

/** Removes the state file if it still says what was read. */
export async function removeState(
  host: Pick<Host, "files">,
  _lock: Lock,
  path: string,
  expected: StateRead,
): Promise<void> {
  const now = await readState(host, path);
  if (JSON.stringify(now) !== JSON.stringify(expected)) return;
  await host.files.remove(path);
}
