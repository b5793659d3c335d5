/**
 * Starts a process on Linux by `posix_spawn` (see posix_spawn(3)): no copy of
 * our own memory, and no shell that has to become the program first. A service
 * takes a fifth of a millisecond so; by a shell in a session of its own it
 * takes five.
 *
 * @module
 */

import { IS_LITTLE_ENDIAN, lazyLibc } from "./libc.ts";

const loadLibc = lazyLibc((find) => ({
  posix_spawn: find("posix_spawn", {
    parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
  }),
  posix_spawn_file_actions_addopen: find("posix_spawn_file_actions_addopen", {
    parameters: ["buffer", "i32", "buffer", "i32", "u32"],
    result: "i32",
  }),
  posix_spawn_file_actions_adddup2: find("posix_spawn_file_actions_adddup2", {
    parameters: ["buffer", "i32", "i32"],
    result: "i32",
  }),
  posix_spawn_file_actions_addchdir_np: find(
    "posix_spawn_file_actions_addchdir_np",
    {
      parameters: ["buffer", "buffer"],
      result: "i32",
    },
  ),
  posix_spawn_file_actions_destroy: find("posix_spawn_file_actions_destroy", {
    parameters: ["buffer"],
    result: "i32",
  }),
  waitpid: find("waitpid", {
    parameters: ["i32", "buffer", "i32"],
    result: "i32",
  }),
}));

/** What is started. No word may hold a zero byte. */
export interface SpawnWords {
  /** Absolute path of the program. */
  readonly executable: string;
  /** All its words, its name first. */
  readonly argv: readonly string[];
  /** All its variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly cwd: string;
  /** Existing file that its output is appended to. */
  readonly logPath: string;
}

/** What became of it. */
export type SpawnOutcome =
  | { readonly kind: "refused"; readonly errorNumber: number }
  | { readonly kind: "spawned"; readonly pid: number };

const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;
const O_RDONLY = 0;
const O_WRONLY_APPEND = 0o2001;
const WNOHANG = 1;

/** More than the structures need, which may begin as zeros. */
const STRUCT_BYTES = 1024;
const SIGSET_BYTES = 128;

/** A file that is a program, but in no format that the kernel knows. */
export const ENOEXEC = 8;

/**
 * Starts a process in a session of its own, without input, with its output in
 * a file and with the signals as a login gives them.
 */
export function posixSpawn(words: SpawnWords): SpawnOutcome | "unavailable" {
  const libc = loadLibc();
  if (libc === "unavailable") return "unavailable";
  const memory = layOut(words);
  const files = new Uint8Array(STRUCT_BYTES);
  const open = libc.posix_spawn_file_actions_addopen;
  open.call(files, 0, memory.nothing, O_RDONLY, 0);
  open.call(files, 1, memory.logPath, O_WRONLY_APPEND, 0);
  libc.posix_spawn_file_actions_adddup2.call(files, 1, 2);
  libc.posix_spawn_file_actions_addchdir_np.call(files, memory.cwd);
  const pid = new Uint8Array(4);
  const errorNumber = libc.posix_spawn.call(
    pid,
    memory.executable,
    files,
    attributesOf(),
    memory.argv,
    memory.env,
  );
  libc.posix_spawn_file_actions_destroy.call(files);
  if (errorNumber !== 0) return { kind: "refused", errorNumber };
  return { kind: "spawned", pid: readInt32(pid) };
}

/**
 * `posix_spawnattr_t`: flags, group, and the two sets of signals, each of 128
 * bytes, at the places that the binary interface of glibc fixes. To fill them
 * in by its functions would mean to open four more of them.
 */
function attributesOf(): Uint8Array<ArrayBuffer> {
  const attributes = new Uint8Array(STRUCT_BYTES);
  const flags = SETSIGDEF | SETSIGMASK | SETSID;
  new DataView(attributes.buffer).setInt16(0, flags, IS_LITTLE_ENDIAN);
  // Every signal does as usual again, and none is held back.
  attributes.fill(0xff, 8, 8 + SIGSET_BYTES);
  return attributes;
}

/** Exit code of a child that has ended: 128 and the signal when by one. */
export function reap(pid: number): number | undefined {
  const libc = loadLibc();
  if (libc === "unavailable") return undefined;
  const status = new Uint8Array(4);
  const ended = libc.waitpid.call(pid, status, WNOHANG);
  if (ended !== pid) return undefined;
  const word = readInt32(status);
  const signal = word & 0x7f;
  return signal === 0 ? (word >> 8) & 0xff : 128 + signal;
}

function readInt32(bytes: Uint8Array<ArrayBuffer>): number {
  return new DataView(bytes.buffer).getInt32(0, IS_LITTLE_ENDIAN);
}

/** Everything in one piece of memory, which no collection of garbage moves. */
function layOut({ executable, argv, env, cwd, logPath }: SpawnWords) {
  const encoder = new TextEncoder();
  const texts = [
    executable,
    cwd,
    logPath,
    "/dev/null",
    ...argv,
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
  ].map((text) => encoder.encode(`${text}\0`));
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  const bytes = new Uint8Array(new ArrayBuffer(length));
  const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  const starts: number[] = [];
  let at = 0;
  for (const text of texts) {
    bytes.set(text, at);
    starts.push(at);
    at += text.length;
  }
  const [program = 0, directory = 0, log = 0, nothing = 0, ...words] = starts;
  const pointers = (offsets: readonly number[]) => {
    const list = new BigUint64Array(new ArrayBuffer(8 * (offsets.length + 1)));
    offsets.forEach((offset, index) => list[index] = base + BigInt(offset));
    return new Uint8Array(list.buffer);
  };
  return {
    executable: bytes.subarray(program),
    cwd: bytes.subarray(directory),
    logPath: bytes.subarray(log),
    nothing: bytes.subarray(nothing),
    argv: pointers(words.slice(0, argv.length)),
    env: pointers(words.slice(argv.length)),
  };
}
