/**
 * The disk of a fake world as one process sees it without waiting.
 *
 * @module
 */

import type { BlockingFiles } from "../../src/host/blocking_files.ts";
import { HostError } from "../../src/host/host.ts";
import type { FakeDisk, FileOperation } from "./fake_disk.ts";
import { create, list, readText, remove, sizeOf, stat } from "./fake_files.ts";
import type { FakeProcess } from "./fake_process.ts";
import type { FakeFile, Place } from "./fake_tree.ts";

/** What the blocking files of one process need. */
export interface BlockingContext {
  /** The disk that all share. */
  readonly disk: FakeDisk;
  /** Who holds the locks. */
  readonly process: FakeProcess;
  /** Whether the platform has permission bits. */
  readonly hasModes: boolean;
  /** What is known of the file system. */
  readonly fileSystem: {
    /** Bytes that an ordinary user may still write. */
    readonly freeBytes: number | undefined;
    /** Whether it is on another machine. */
    readonly isRemote: boolean | undefined;
  };
}

type FilePlace = Place & { readonly node: FakeFile | undefined };

/** Blocking files of one process. */
export function fakeBlockingFiles(context: BlockingContext): BlockingFiles {
  const { disk, fileSystem } = context;
  const run = <T>(operation: FileOperation, path: string, act: () => T): T =>
    guard(context, path, () => {
      disk.check(operation, path);
      return act();
    });
  return {
    readText: (path, maxBytes) =>
      run("readText", path, () => readText(disk, path, maxBytes)),
    readSlice: (path, from, length) =>
      run("readSlice", path, () => readSlice(disk, path, from, length)),
    moveTail: (path, to, maxBytes) =>
      run("moveTail", path, () => moveTail(disk, path, to, maxBytes)),
    stat: (path) => run("stat", path, () => stat(context, path)),
    list: (path) => run("list", path, () => list(disk, path)),
    makeDirectory: (path) =>
      run("makeDirectory", path, () => disk.makeDirectory(path)),
    touch: (path) => run("touch", path, () => touch(disk, path)),
    rename: (from, to) => run("rename", from, () => rename(disk, from, to)),
    remove: (path) => run("remove", path, () => remove(disk, path)),
    appendLocked: (path, text, maxBytes) =>
      run(
        "appendLocked",
        path,
        () => appendLocked(context, path, { text, maxBytes }),
      ),
    takeLocked: (path, use) => takeLocked(context, path, use),
    freeBytes: (path) => guard(context, path, () => fileSystem.freeBytes),
    isRemote: (path) => guard(context, path, () => fileSystem.isRemote),
  };
}

function guard<T>(
  { process }: BlockingContext,
  path: string,
  act: () => T,
): T {
  process.assertAlive();
  try {
    return act();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new HostError(error.code, path);
  }
}

function fileAt(disk: FakeDisk, path: string): FilePlace {
  const { node, ...place } = disk.tree.resolve(path);
  if (node?.kind === "directory") throw new HostError("is_a_directory", path);
  return { ...place, node };
}

function readSlice(
  disk: FakeDisk,
  path: string,
  from: number,
  length: number,
): Uint8Array {
  const { node } = fileAt(disk, path);
  if (node === undefined) throw new HostError("not_found", path);
  return new TextEncoder().encode(node.text).subarray(from, from + length);
}

function moveTail(
  disk: FakeDisk,
  path: string,
  to: string,
  maxBytes: number,
): void {
  const { node, path: real } = fileAt(disk, path);
  if (node === undefined) throw new HostError("not_found", path);
  const target = disk.tree.resolve(to, "keep");
  if (!target.hasParent) throw new HostError("not_found", to);
  const bytes = new TextEncoder().encode(node.text);
  const tail = bytes.subarray(Math.max(0, bytes.length - maxBytes));
  disk.replace(target.path, new TextDecoder().decode(tail));
  disk.change(node, real, "");
}

function touch(disk: FakeDisk, path: string): void {
  const place = fileAt(disk, path);
  if (place.node === undefined) create(disk, place, "");
}

function rename(disk: FakeDisk, from: string, to: string): void {
  const old = disk.tree.resolve(from, "keep");
  const isThere = old.node !== undefined || disk.tree.isLink(old.path);
  const target = disk.tree.resolve(to, "keep");
  if (!isThere || !target.hasParent) throw new HostError("not_found", from);
  const isDirectory = old.node?.kind === "directory";
  if (target.node?.kind === "directory") {
    const isFull = disk.tree.namesIn(target.path).length > 0;
    if (!isDirectory) throw new HostError("is_a_directory", from);
    if (isFull) throw new HostError("io", from);
  }
  if (isDirectory && target.node?.kind === "file") {
    throw new HostError("not_a_directory", from);
  }
  disk.move(old.path, target.path);
}

function lock(
  { disk, process }: BlockingContext,
  node: FakeFile,
  path: string,
): Disposable {
  if (!disk.lock(node, process)) {
    throw new TypeError(`${path}: would wait for ever`);
  }
  return { [Symbol.dispose]: () => disk.unlock(node) };
}

function appendLocked(
  context: BlockingContext,
  path: string,
  { text, maxBytes }: { readonly text: string; readonly maxBytes: number },
): "appended" | "full" {
  const { disk } = context;
  const place = fileAt(disk, path);
  const node = place.node ?? create(disk, place, "");
  using _ = lock(context, node, path);
  if (sizeOf(node.text + text) > maxBytes) return "full";
  disk.change(node, place.path, node.text + text);
  return "appended";
}

function takeLocked(
  context: BlockingContext,
  path: string,
  use: (text: string) => void,
): void {
  const { disk, process } = context;
  const { node, path: real } = guard(context, path, () => {
    disk.check("takeLocked", path);
    return fileAt(disk, path);
  });
  if (node === undefined) return;
  using _ = lock(context, node, path);
  if (node.text === "") return;
  // Decoding drops a byte order mark.
  use(node.text.replace(/^\uFEFF/, ""));
  process.assertAlive();
  disk.change(node, real, "");
}
