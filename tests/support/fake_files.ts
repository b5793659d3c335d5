/**
 * The disk of a fake world as one process sees it.
 *
 * @module
 */

import {
  type FileFacts,
  type FileLock,
  type Files,
  HostError,
} from "../../src/host/host.ts";
import { absolutePath } from "../../src/host/path.ts";
import type { FakeDisk, FileOperation } from "./fake_disk.ts";
import { directoryOf, type FakeFile, type Place } from "./fake_tree.ts";

const READ_LIMIT_BYTES = 1024 * 1024;
const DIRECTORY_SIZE = 4096;

/** What the files of one process need. */
export interface FilesContext {
  /** The disk that all share. */
  readonly disk: FakeDisk;
  /** Who holds the locks. */
  readonly owner: object;
  /** Whether the platform has permission bits. */
  readonly hasModes: boolean;
  /** Awaited before every operation. */
  readonly enter: (operation: string) => Promise<void>;
}

/** Size in bytes. */
export function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Files of one process. */
export function fakeFiles(context: FilesContext): Files {
  const { disk } = context;
  const run = async <T>(
    operation: FileOperation,
    path: string,
    act: () => T,
  ): Promise<T> => {
    await context.enter(`${operation} ${path}`);
    try {
      disk.check(operation, path);
      return act();
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      throw new HostError(error.code, path);
    }
  };
  return {
    readText: (path, maxBytes) =>
      run("readText", path, () => readText(disk, path, maxBytes)),
    writeAtomic: (path, content) =>
      run("writeAtomic", path, () => writeAtomic(disk, path, textOf(content))),
    append: (path, text) => run("append", path, () => append(disk, path, text)),
    remove: (path) => run("remove", path, () => remove(disk, path)),
    list: (path) => run("list", path, () => list(disk, path)),
    stat: (path) => run("stat", path, () => stat(context, path)),
    realPath: (path) =>
      run("realPath", path, () => realPath(disk, absolutePath("/", path))),
    tryLock: (path, { create }) =>
      run("tryLock", path, () => {
        if (create) disk.makeParents(path);
        return tryLock(context, path, create);
      }),
  };
}

/** Reads a file of at most `maxBytes`, by default 1 MiB. */
export function readText(
  disk: FakeDisk,
  path: string,
  maxBytes: number = READ_LIMIT_BYTES,
): string {
  const { node } = disk.tree.resolve(path);
  if (node === undefined) throw new HostError("not_found", path);
  if (node.kind === "directory") throw new HostError("is_a_directory", path);
  if (sizeOf(node.text) > maxBytes) throw new HostError("too_large", path);
  // Decoding drops a byte order mark.
  return node.text.replace(/^\uFEFF/, "");
}

/** Bytes are kept one a letter. */
function textOf(content: string | Uint8Array): string {
  if (typeof content === "string") return content;
  return Array.from(content, (byte) => String.fromCharCode(byte)).join("");
}

function writeAtomic(disk: FakeDisk, path: string, text: string): void {
  disk.makeParents(path);
  // Renaming replaces a link instead of following it.
  const place = disk.tree.resolve(path, "keep");
  if (place.node?.kind === "directory") {
    throw new HostError("is_a_directory", path);
  }
  disk.replace(place.path, text);
}

function append(disk: FakeDisk, path: string, text: string): void {
  disk.makeParents(path);
  const place = disk.tree.resolve(path);
  const { node } = place;
  if (node?.kind === "directory") throw new HostError("is_a_directory", path);
  if (node !== undefined) disk.change(node, place.path, node.text + text);
  else create(disk, place, text);
}

/** Creates a file in a directory that must be there. */
export function create(disk: FakeDisk, place: Place, text: string): FakeFile {
  if (!place.hasParent) throw new HostError("not_found", place.path);
  return disk.replace(place.path, text);
}

/** Removes a file, a link or an empty directory. */
export function remove(disk: FakeDisk, path: string): void {
  const { node, path: real } = disk.tree.resolve(path, "keep");
  if (node === undefined && !disk.tree.isLink(real)) return;
  const isFull = node?.kind === "directory" &&
    disk.tree.namesIn(real).length > 0;
  if (isFull) throw new HostError("io", path);
  disk.delete(real);
}

/** Names in a directory, sorted. */
export function list(disk: FakeDisk, path: string): readonly string[] {
  const { node, path: real } = disk.tree.resolve(path);
  if (node?.kind === "file") throw new HostError("not_a_directory", path);
  return node === undefined ? [] : disk.tree.namesIn(real);
}

/** What a path is, or `undefined` when nothing is there. */
export function stat(
  { disk, hasModes }: Pick<FilesContext, "disk" | "hasModes">,
  path: string,
): FileFacts | undefined {
  const { node } = disk.tree.resolve(path);
  if (node === undefined) return undefined;
  const { kind, mode, modifiedAt } = node;
  return {
    kind,
    size: node.kind === "file" ? sizeOf(node.text) : DIRECTORY_SIZE,
    mode: hasModes ? mode : undefined,
    modifiedAt,
    uid: hasModes ? disk.uidOf(node) : undefined,
  };
}

/** Links are resolved as far as the path exists. */
function realPath(disk: FakeDisk, path: string): string {
  const place = disk.tree.resolve(path);
  if (place.node !== undefined) return place.path;
  const parent = directoryOf(path);
  const name = path.slice(parent.length).replace(/^[\\/]/, "");
  const above = realPath(disk, parent);
  return absolutePath(above, name);
}

function tryLock(
  { disk, owner, enter }: FilesContext,
  path: string,
  mayWrite: boolean,
): FileLock | "held" | "missing" {
  const place = disk.tree.resolve(path);
  if (disk.tree.isLink(path)) throw new HostError("io", path, "it is a link");
  if (place.node === undefined && !mayWrite) return "missing";
  if (place.node?.kind === "directory" && mayWrite) {
    throw new HostError("is_a_directory", path);
  }
  const node = place.node ?? create(disk, place, "");
  if (!disk.lock(node, owner)) return "held";
  let isHeld = true;
  return {
    async write(text) {
      await enter(`lockWrite ${path}`);
      disk.check("lockWrite", path);
      const canWrite = isHeld && mayWrite && node.kind === "file";
      if (!canWrite) throw new HostError("io", path);
      disk.change(node, place.path, text);
    },
    [Symbol.dispose]() {
      if (isHeld) disk.unlock(node);
      isHeld = false;
    },
  };
}
