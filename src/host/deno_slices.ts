/**
 * Parts of files that may be too large to be read as a whole.
 *
 * @module
 */

import { HostError } from "./host.ts";

const FILE_MODE = 0o600;
const CHUNK_BYTES = 256 * 1024;

/** Reads at most `length` bytes from offset `from` on. */
export function readSlice(
  path: string,
  from: number,
  length: number,
): Uint8Array {
  using file = openToRead(path);
  return readAt(file, from, length);
}

/** Opening a pipe waits for its other end, perhaps for ever. */
function openToRead(path: string): Deno.FsFile {
  const { isFile, isDirectory } = Deno.statSync(path);
  if (isDirectory) throw new HostError("is_a_directory", path);
  if (!isFile) throw new HostError("io", path);
  return Deno.openSync(path, { read: true });
}

function readAt(file: Deno.FsFile, from: number, length: number): Uint8Array {
  const size = file.statSync().size;
  const bytes = new Uint8Array(Math.max(0, Math.min(length, size - from)));
  file.seekSync(from, Deno.SeekMode.Start);
  let count = 0;
  while (count < bytes.length) {
    const read = file.readSync(bytes.subarray(count));
    if (read === null) break;
    count += read;
  }
  return bytes.subarray(0, count);
}

/** Moves the last `maxBytes` bytes into another file and empties this one. */
export function moveTail(path: string, to: string, maxBytes: number): void {
  const temporary = `${to}.${crypto.randomUUID()}.tmp`;
  try {
    using source = openToRead(path);
    using target = Deno.openSync(temporary, {
      write: true,
      createNew: true,
      mode: FILE_MODE,
    });
    copyTail(source, target, maxBytes);
    Deno.renameSync(temporary, to);
    Deno.truncateSync(path, 0);
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
}

function copyTail(
  source: Deno.FsFile,
  target: Deno.FsFile,
  maxBytes: number,
): void {
  const size = source.statSync().size;
  let at = Math.max(0, size - maxBytes);
  // What is appended meanwhile goes along, within reason: a service that
  // writes faster than we copy must not keep us here.
  const end = size + maxBytes;
  while (at < end) {
    const bytes = readAt(source, at, CHUNK_BYTES);
    if (bytes.length === 0) return;
    let written = 0;
    while (written < bytes.length) {
      written += target.writeSync(bytes.subarray(written));
    }
    at += bytes.length;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
