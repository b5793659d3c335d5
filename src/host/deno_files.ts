/**
 * Files through Deno: private by mode, replaced atomically, flushed.
 *
 * @module
 */

import { toHostError } from "./deno_error.ts";
import { isLink, refuseSpecial, statSync } from "./deno_file_kind.ts";
import { type FileLock, type Files, HostError } from "./host.ts";
import { absolutePath, baseName, joinPath, parentPath } from "./path.ts";

const EXCLUSIVE = true;
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const READ_LIMIT_BYTES = 1024 * 1024;

async function guard<T>(
  subject: string,
  run: () => T | Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toHostError(subject, error);
  }
}

/**
 * Small local files are read at once: a thread for each of them would take
 * longer than the reading.
 */
export function readTextSync(
  path: string,
  maxBytes: number = READ_LIMIT_BYTES,
): string {
  refuseSpecial(path);
  using file = Deno.openSync(path, { read: true });
  const info = file.statSync();
  if (info.size > maxBytes) throw new HostError("too_large", path);
  const bytes = new Uint8Array(info.size);
  let length = 0;
  while (length < bytes.length) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  if (typeof content !== "string") return content;
  return new TextEncoder().encode(content);
}

async function makeParents(path: string) {
  const directory = parentPath(path);
  try {
    await Deno.mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new HostError("not_a_directory", directory, error);
  }
}

async function syncDirectory(path: string) {
  // Windows refuses to open a directory for flushing.
  if (Deno.build.os === "windows") return;
  using directory = await Deno.open(path, { read: true });
  await directory.sync();
}

function temporaryPath(path: string): string {
  const name = `.${baseName(path)}.${crypto.randomUUID()}.tmp`;
  return joinPath(parentPath(path), name);
}

/** Opens a file; its directory is made only if it is missing. */
async function openThere(
  path: string,
  options: Deno.OpenOptions,
): Promise<Deno.FsFile> {
  const open = () => Deno.openSync(path, options);
  try {
    return open();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await makeParents(path);
    return open();
  }
}

/** Only a flush waits for the disk, so only that is left to a thread. */
async function replace(
  path: string,
  content: string | Uint8Array,
  { isDerived }: { readonly isDerived: boolean },
) {
  const temporary = temporaryPath(path);
  const options = { createNew: true, write: true, mode: FILE_MODE };
  try {
    using file = await openThere(temporary, options);
    writeAtOnce(file, content);
    if (!isDerived) await file.sync();
    const finish = () => Deno.renameSync(temporary, path);
    finish();
  } catch (error) {
    await Deno.remove(temporary).catch(() => undefined);
    throw error;
  }
  if (!isDerived) await syncDirectory(parentPath(path));
}

async function append(
  path: string,
  text: string,
  { isFleeting } = { isFleeting: false },
) {
  refuseSpecial(path);
  using file = await openThere(path, {
    append: true,
    create: true,
    mode: FILE_MODE,
  });
  writeAtOnce(file, text);
  if (!isFleeting) await file.sync();
}

function writeAtOnce(file: Deno.FsFile, content: string | Uint8Array): void {
  const bytes = bytesOf(content);
  let written = 0;
  while (written < bytes.length) {
    written += file.writeSync(bytes.subarray(written));
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function list(path: string): readonly string[] {
  try {
    return [...Deno.readDirSync(path)].map((entry) => entry.name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function realPath(path: string): string {
  const full = absolutePath(Deno.cwd(), path);
  try {
    return Deno.realPathSync(full);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const parent = parentPath(full);
    if (parent === full) return full;
    return joinPath(realPath(parent), baseName(full));
  }
}

function lockOrClose(file: Deno.FsFile): boolean {
  let isLocked = false;
  try {
    isLocked = file.tryLockSync(EXCLUSIVE);
    return isLocked;
  } finally {
    if (!isLocked) file.close();
  }
}

/** Undefined for what is not there and shall not be made. */
async function openLock(
  path: string,
  { create }: { readonly create: boolean },
): Promise<Deno.FsFile | undefined> {
  const options = { read: true, write: create, create, mode: FILE_MODE };
  if (create) return await openThere(path, options);
  const open = () => Deno.openSync(path, options);
  try {
    return open();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Emptying a file first would give its block back, and some disks take a
 * millisecond for that.
 */
function rewrite(file: Deno.FsFile, text: string): void {
  const bytes = bytesOf(text);
  file.seekSync(0, Deno.SeekMode.Start);
  writeAtOnce(file, bytes);
  if (file.statSync().size > bytes.length) file.truncateSync(bytes.length);
}

async function tryLock(
  path: string,
  options: { readonly create: boolean },
): Promise<FileLock | "held" | "missing"> {
  refuseSpecial(path);
  if (isLink(path)) throw new HostError("io", path, "it is a link");
  const file = await openLock(path, options);
  if (file === undefined) return "missing";
  if (!lockOrClose(file)) return "held";
  let isHeld = true;
  return {
    write: (text) =>
      guard(path, () => {
        // Truncating a file that is open for reading is no HostError.
        if (!options.create) throw new HostError("io", path);
        rewrite(file, text);
      }),
    [Symbol.dispose]() {
      if (isHeld) file.close();
      isHeld = false;
    },
  };
}

/** The real file system. */
export const denoFiles: Files = {
  readText: (path, maxBytes) => guard(path, () => readTextSync(path, maxBytes)),
  writeAtomic: (path, content, options = { isDerived: false }) =>
    guard(path, () => replace(path, content, options)),
  append: (path, text, options) =>
    guard(path, () => append(path, text, options)),
  remove: (path) => guard(path, () => remove(path)),
  list: (path) => guard(path, () => list(path)),
  stat: (path) => guard(path, () => statSync(path)),
  realPath: (path) => guard(path, () => realPath(path)),
  tryLock: (path, options) => guard(path, () => tryLock(path, options)),
};
