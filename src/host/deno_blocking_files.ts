/**
 * Blocking files through Deno's synchronous calls.
 *
 * @module
 */

import type { BlockingFiles } from "./blocking_files.ts";
import { toHostError } from "./deno_error.ts";
import { moveTail, readSlice } from "./deno_slices.ts";
import { refusePipe, statSync } from "./deno_file_kind.ts";
import { readTextSync } from "./deno_files.ts";
import { HostError } from "./host.ts";
import { freeBytes, isRemote } from "./platform/file_system.ts";

const EXCLUSIVE = true;
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

function guard<T>(subject: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw toHostError(subject, error);
  }
}

function ignoreMissing(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function list(path: string): readonly string[] {
  const names: string[] = [];
  ignoreMissing(() => {
    for (const { name } of Deno.readDirSync(path)) names.push(name);
  });
  return names.sort();
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    written += file.writeSync(bytes.subarray(written));
  }
}

function appendLocked(
  path: string,
  text: string,
  maxBytes: number,
): "appended" | "full" {
  const bytes = new TextEncoder().encode(text);
  refusePipe(path);
  using file = Deno.openSync(path, {
    append: true,
    create: true,
    mode: FILE_MODE,
  });
  file.lockSync(EXCLUSIVE);
  if (file.statSync().size + bytes.length > maxBytes) return "full";
  writeAll(file, bytes);
  file.syncSync();
  return "appended";
}

function takeLocked(path: string, use: (text: string) => void): void {
  using file = guard(path, () => openToTake(path));
  if (file === undefined) return;
  const text = guard(path, () => readLocked(file));
  if (text === "") return;
  // What `use` throws is not the file's fault.
  use(text);
  guard(path, () => {
    // The name stays: whoever waits for the lock holds this very file open.
    file.truncateSync(0);
    file.syncSync();
  });
}

function openToTake(path: string): Deno.FsFile | undefined {
  refusePipe(path);
  try {
    return Deno.openSync(path, { read: true, write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function readLocked(file: Deno.FsFile): string {
  file.lockSync(EXCLUSIVE);
  return readAll(file, file.statSync().size);
}

function readAll(file: Deno.FsFile, size: number): string {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

function makeDirectory(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new HostError("not_a_directory", path, error);
  }
}

function touch(path: string): void {
  refusePipe(path);
  Deno.openSync(path, { append: true, create: true, mode: FILE_MODE }).close();
}

/** The real blocking files. */
export const denoBlockingFiles: BlockingFiles = {
  readText: (path, maxBytes) => guard(path, () => readTextSync(path, maxBytes)),
  readSlice: (path, from, length) =>
    guard(path, () => readSlice(path, from, length)),
  moveTail: (path, to, maxBytes) =>
    guard(path, () => moveTail(path, to, maxBytes)),
  stat: (path) => guard(path, () => statSync(path)),
  list: (path) => guard(path, () => list(path)),
  makeDirectory: (path) => guard(path, () => makeDirectory(path)),
  touch: (path) => guard(path, () => touch(path)),
  rename: (from, to) => guard(from, () => Deno.renameSync(from, to)),
  remove: (path) =>
    guard(path, () => ignoreMissing(() => Deno.removeSync(path))),
  appendLocked: (path, text, maxBytes) =>
    guard(path, () => appendLocked(path, text, maxBytes)),
  takeLocked,
  freeBytes,
  isRemote,
};
