/**
 * What is known of the state root and of the disk below it.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { parentPath } from "../host/path.ts";
import { portLedgerPaths } from "../state/environment_paths.ts";

/** A file or directory of ours. */
export interface PlaceFacts {
  /** Its path. */
  readonly path: string;
  /** Where it really is. */
  readonly realPath: string;
  /** What it is; `missing` will be made when it is needed. */
  readonly kind: "directory" | "file" | "missing" | "other" | "unreadable";
  /** Permission bits, where there are such. */
  readonly mode: number | undefined;
  /** Its owner, where there is such a thing. */
  readonly uid: number | undefined;
}

/** What is known of the state root. */
export interface RootFacts {
  /** The root itself. */
  readonly root: PlaceFacts;
  /** Directories and files below it that only we may use. */
  readonly below: readonly PlaceFacts[];
  /** Our own user id, where there is one. */
  readonly ownUid: number | undefined;
  /** Bytes that may still be written there, where that is known. */
  readonly freeBytes: number | undefined;
  /** Whether it is on a network file system, where that is known. */
  readonly isRemote: boolean | undefined;
  /** Whether its disk takes no writes, where that is known. */
  readonly isReadOnly: boolean | undefined;
}

type RootHost = Pick<Host, "blocking" | "env" | "files">;

/** Looks at a state root and at paths below it. */
export async function readRootFacts(
  host: RootHost,
  root: string,
  below: readonly string[],
): Promise<RootFacts> {
  const there = nearestDirectory(host, root);
  const [first, ...others] = await Promise.all(
    [root, ...below].map((path) => lookAt(host, path)),
  );
  if (first === undefined) throw new TypeError("the root was not looked at");
  return {
    root: first,
    below: others,
    ownUid: host.env.uid,
    freeBytes: host.blocking.freeBytes(there),
    isRemote: host.blocking.isRemote(there),
    isReadOnly: await readOnly(host, portLedgerPaths({ root }).lock),
  };
}

async function lookAt(
  { files }: Pick<Host, "files">,
  path: string,
): Promise<PlaceFacts> {
  const nothing = { path, realPath: path, mode: undefined, uid: undefined };
  try {
    const facts = await files.stat(path);
    if (facts === undefined) return { ...nothing, kind: "missing" };
    const { kind, mode, uid } = facts;
    return { path, realPath: await files.realPath(path), kind, mode, uid };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { ...nothing, kind: "unreadable" };
  }
}

function nearestDirectory(
  host: Pick<Host, "blocking">,
  path: string,
): string {
  const parent = parentPath(path);
  if (parent === path) return path;
  try {
    if (host.blocking.stat(path) !== undefined) return path;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
  return nearestDirectory(host, parent);
}

/**
 * Whether its disk takes no writes: an existing lock is opened for writing and
 * closed again, which changes nothing.
 */
async function readOnly(
  { files }: Pick<Host, "files">,
  lock: string,
): Promise<boolean | undefined> {
  try {
    if (await files.stat(lock) === undefined) return undefined;
    const held = await files.tryLock(lock, { create: true });
    if (typeof held === "object") held[Symbol.dispose]();
    return false;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return error.code === "read_only" ? true : undefined;
  }
}
