/**
 * Linux pidfds: a handle on one process that a reused pid cannot fool.
 *
 * System call numbers 434 (`pidfd_open`) and 424 (`pidfd_send_signal`) are the
 * same on every architecture; see pidfd_open(2) and pidfd_send_signal(2).
 *
 * @module
 */

import type { SignalName, SignalOutcome } from "../host.ts";

const PIDFD_OPEN = 434n;
const PIDFD_SEND_SIGNAL = 424n;
const IS_LITTLE_ENDIAN = true;
const EPERM = 1;
const ESRCH = 3;
const SIGNAL_NUMBERS: Readonly<Record<SignalName, bigint>> = {
  SIGTERM: 15n,
  SIGKILL: 9n,
};

const SYMBOLS = {
  syscall: {
    parameters: ["i64", "i64", "i64", "i64", "i64"],
    result: "i64",
  },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  "__errno_location": { parameters: [], result: "pointer" },
} as const;

type Libc = Deno.DynamicLibrary<typeof SYMBOLS>;

/** One open pidfd. */
export interface Pidfd extends Disposable {
  /** Sends a signal to exactly the process that was opened. */
  signal(name: SignalName): SignalOutcome;
  /** Whether that process has ended; a zombie has. */
  hasExited(): boolean;
}

let libc: Libc | "unavailable" | undefined;

function openLibc(): Libc | "unavailable" {
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS);
  } catch {
    // No glibc, or no right to load it: signals go by number then.
    return "unavailable";
  }
}

function errorNumber(library: Libc): number {
  const location = library.symbols.__errno_location();
  return location === null
    ? 0
    : new Deno.UnsafePointerView(location).getInt32();
}

/**
 * Opens a pidfd. `unavailable` means that this kernel or sandbox has none and
 * that the caller must fall back to signals by number.
 */
export function openPidfd(pid: number): Pidfd | "gone" | "unavailable" {
  libc ??= openLibc();
  if (libc === "unavailable") return "unavailable";
  const library = libc;
  const fd = library.symbols.syscall(PIDFD_OPEN, BigInt(pid), 0n, 0n, 0n);
  if (fd < 0n) {
    return errorNumber(library) === ESRCH ? "gone" : "unavailable";
  }
  return {
    signal(name) {
      const number = SIGNAL_NUMBERS[name];
      const sent = library.symbols.syscall(
        PIDFD_SEND_SIGNAL,
        fd,
        number,
        0n,
        0n,
      );
      if (sent === 0n) return "sent";
      return errorNumber(library) === EPERM ? "denied" : "gone";
    },
    hasExited() {
      // struct pollfd { int fd; short events; short revents; }, POLLIN = 1
      const request = new Uint8Array(8);
      const view = new DataView(request.buffer);
      view.setInt32(0, Number(fd), IS_LITTLE_ENDIAN);
      view.setInt16(4, 1, IS_LITTLE_ENDIAN);
      return library.symbols.poll(request, 1n, 0) > 0;
    },
    [Symbol.dispose]() {
      library.symbols.close(Number(fd));
    },
  };
}
