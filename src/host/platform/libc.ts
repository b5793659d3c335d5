/**
 * The few calls of the C library on Linux that Deno has no API for.
 *
 * @module
 */

const SYMBOLS = {
  syscall: {
    parameters: ["i64", "i64", "i64", "i64", "i64"],
    result: "i64",
  },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u64", "i32"], result: "i64" },
  recv: { parameters: ["i32", "buffer", "u64", "i32"], result: "i64" },
  statfs: { parameters: ["buffer", "buffer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  "__errno_location": { parameters: [], result: "pointer" },
} as const;

/** The loaded library. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

let loaded: Libc | "unavailable" | undefined;

/** The C library, or why there is none: not glibc, or no right to load it. */
export function loadLibc(): Libc | "unavailable" {
  loaded ??= open();
  return loaded;
}

function open(): Libc | "unavailable" {
  // A program that uses us as a library must not be asked for a right.
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  if (state !== "granted") return "unavailable";
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS).symbols;
  } catch {
    return "unavailable";
  }
}

/** Number of the error of the call just made. */
export function errorNumber(libc: Libc): number {
  const location = libc.__errno_location();
  return location === null
    ? 0
    : new Deno.UnsafePointerView(location).getInt32();
}

/** Byte order of this machine, for structures shared with the kernel. */
export const IS_LITTLE_ENDIAN: boolean =
  new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
