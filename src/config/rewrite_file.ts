/**
 * Changes a file of settings: one writer at a time, atomically, and only where
 * every other byte can be kept.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import { acquireLock } from "../state/lock.ts";
import { stateRoot } from "../state/paths.ts";

/** What writing settings needs of the world. */
export type WriteHost = Pick<Host, "clock" | "env" | "files">;

/** What became of a file. */
export type Rewritten = "changed" | "unchanged";

const BYTE_ORDER_MARK = "\uFEFF";

/**
 * Changes the text of a file under the lock of all settings. A link stays one:
 * what it leads to is changed.
 *
 * @param change gets the text, or `undefined` without a file, and gives the
 * new one, or `undefined` to leave it.
 * @throws {KnownError} `unreadable` or `damaged_file` when the file cannot be
 * read as text, `unusable` when it cannot be written.
 */
export async function rewriteFile(
  host: WriteHost,
  path: string,
  change: (text: string | undefined) => string | undefined,
): Promise<Rewritten> {
  // The lock is no business of a repository, so it is never beside its file.
  const lockPath = joinPath(stateRoot(host.env), "config.lock");
  const lock = await acquireLock(host, lockPath);
  if (lock === "not_needed") return "unchanged";
  using _held = lock;
  const target = await host.files.realPath(path);
  const text = await readFileText(host, target);
  const next = change(text);
  if (next === undefined || next === text) return "unchanged";
  await writeText(host, target, next);
  return "changed";
}

/**
 * The whole text of a file that somebody wants to change, with its byte order
 * mark; `undefined` without a file.
 *
 * @throws {KnownError} `unreadable` or `damaged_file` when it cannot be read
 * as text.
 */
export async function readFileText(
  host: Pick<Host, "files">,
  path: string,
): Promise<string | undefined> {
  try {
    const text = await host.files.readText(path);
    if (text.includes("\uFFFD")) {
      throw new KnownError("damaged_file", `Cannot change ${path}: not UTF-8`, {
        hint: "Save it as UTF-8, so that nothing in it gets lost.",
      });
    }
    return await hasMark(host, path, text) ? BYTE_ORDER_MARK + text : text;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.code === "not_found") return undefined;
    const reason = error.code.replaceAll("_", " ");
    throw new KnownError("unreadable", `Cannot change ${path}: ${reason}`, {
      hint: "Make it a file that you can read and write, or move it away.",
      cause: error,
    });
  }
}

/** Reading drops the mark, but its three bytes show in the size. */
async function hasMark(
  host: Pick<Host, "files">,
  path: string,
  text: string,
): Promise<boolean> {
  const size = (await host.files.stat(path))?.size;
  return size === new TextEncoder().encode(text).length + 3;
}

async function writeText(
  host: WriteHost,
  path: string,
  text: string,
): Promise<void> {
  try {
    await host.files.writeAtomic(path, text);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const reason = error.code.replaceAll("_", " ");
    throw new KnownError("unusable", `Cannot write ${path}: ${reason}`, {
      hint: "Make the file and its directory writable, then try again.",
      cause: error,
    });
  }
}
