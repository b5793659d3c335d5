/**
 * Calls of the C library on Linux that Deno has no API for. Every module
 * looks up just its own.
 *
 * @module
 */

/** Looks up a function of the C library by its name; throws if it has none. */
export type FindFunction = <const F extends Deno.ForeignFunction>(
  name: string,
  definition: F,
) => Deno.UnsafeFnPointer<F>;

/**
 * Functions of the C library, looked up when they are first asked for and for
 * the life of the process; or that there are none: not glibc, too old a one, or
 * no right to load it.
 */
export function lazyLibc<T>(
  open: (find: FindFunction) => T,
): () => T | "unavailable" {
  let loaded: T | "unavailable" | undefined;
  return () => loaded ??= tryOpen(open);
}

function tryOpen<T>(open: (find: FindFunction) => T): T | "unavailable" {
  // A program that uses us as a library must not be asked for a right.
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  if (state !== "granted") return "unavailable";
  try {
    return open(find);
  } catch {
    return "unavailable";
  }
}

/**
 * For a function that `dlopen` itself makes callable, Deno compiles machine
 * code first, which takes as long as a hundred calls by its address.
 */
function find<const F extends Deno.ForeignFunction>(
  name: string,
  definition: F,
): Deno.UnsafeFnPointer<F> {
  const { symbols } = Deno.dlopen("libc.so.6", {
    address: { name, type: "pointer" },
  });
  const pointer = Deno.UnsafePointer.create<Omit<F, "nonblocking">>(
    Deno.UnsafePointer.value(symbols.address),
  );
  if (pointer === null) throw new TypeError(`no function ${name}`);
  return new Deno.UnsafeFnPointer(pointer, definition);
}

/** Byte order of this machine, for structures shared with the kernel. */
export const IS_LITTLE_ENDIAN: boolean =
  new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
