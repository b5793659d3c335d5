/**
 * Calls of the C library on Linux that Deno has no API for. Each function takes
 * a quarter of a millisecond to open, so every module opens just its own.
 *
 * @module
 */

type Functions<T extends Deno.ForeignLibraryInterface> = Deno.DynamicLibrary<
  T
>["symbols"];

/**
 * Functions of the C library, opened when they are first asked for and for the
 * life of the process; or that there are none: not glibc, too old a one, or no
 * right to load it.
 */
export function lazyLibc<const T extends Deno.ForeignLibraryInterface>(
  symbols: T,
): () => Functions<T> | "unavailable" {
  let loaded: Functions<T> | "unavailable" | undefined;
  return () => loaded ??= open(symbols);
}

function open<T extends Deno.ForeignLibraryInterface>(
  symbols: T,
): Functions<T> | "unavailable" {
  // A program that uses us as a library must not be asked for a right.
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  if (state !== "granted") return "unavailable";
  try {
    return Deno.dlopen("libc.so.6", symbols).symbols;
  } catch {
    return "unavailable";
  }
}

/** Byte order of this machine, for structures shared with the kernel. */
export const IS_LITTLE_ENDIAN: boolean =
  new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
