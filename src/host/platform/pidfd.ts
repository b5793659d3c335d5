/**
 * Linux pidfds: a handle on one process that a reused pid cannot fool.
 *
 * System call numbers 434 (`pidfd_open`) and 424 (`pidfd_send_signal`) are the
 * same on every architecture; see pidfd_open(2) and pidfd_send_signal(2).
 *
 * @module
 */

import type { SignalName, SignalOutcome } from "../processes.ts";
import { lazyLibc } from "./libc.ts";
import { findPoll, POLLIN, pollNow } from "./poll.ts";

const loadLibc = lazyLibc((find) => ({
  syscall: find("syscall", {
    parameters: ["i64", "i64", "i64", "i64", "i64"],
    result: "i64",
  }),
  poll: findPoll(find),
  close: find("close", { parameters: ["i32"], result: "i32" }),
  "__errno_location": find("__errno_location", {
    parameters: [],
    result: "pointer",
  }),
}));

type Libc = Exclude<ReturnType<typeof loadLibc>, "unavailable">;

const PIDFD_OPEN = 434n;
const PIDFD_SEND_SIGNAL = 424n;
const EPERM = 1;
const ESRCH = 3;
const SIGNAL_NUMBERS: Readonly<Record<SignalName, bigint>> = {
  SIGINT: 2n,
  SIGTERM: 15n,
  SIGKILL: 9n,
};

/** One open pidfd. */
export interface Pidfd extends Disposable {
  /** Sends a signal to exactly the process that was opened. */
  signal(name: SignalName): SignalOutcome;
  /** Whether that process has ended; a zombie has. */
  hasExited(): boolean;
}

/**
 * Opens a pidfd. `unavailable` means that this kernel or sandbox has none and
 * that the caller must fall back to signals by number.
 */
export function openPidfd(pid: number): Pidfd | "gone" | "unavailable" {
  const libc = loadLibc();
  if (libc === "unavailable") return "unavailable";
  const fd = libc.syscall.call(PIDFD_OPEN, BigInt(pid), 0n, 0n, 0n);
  if (fd < 0n) return errorNumber(libc) === ESRCH ? "gone" : "unavailable";
  let isOpen = true;
  const check = () => {
    // The number may belong to another file by now.
    if (!isOpen) throw new TypeError(`Cannot use the hold on ${pid}: released`);
  };
  return {
    signal(name) {
      check();
      return sendSignal(libc, fd, name);
    },
    hasExited() {
      check();
      return pollNow(libc.poll, Number(fd), POLLIN) !== 0;
    },
    [Symbol.dispose]() {
      if (isOpen) libc.close.call(Number(fd));
      isOpen = false;
    },
  };
}

function sendSignal(libc: Libc, fd: bigint, name: SignalName): SignalOutcome {
  const number = SIGNAL_NUMBERS[name];
  if (libc.syscall.call(PIDFD_SEND_SIGNAL, fd, number, 0n, 0n) === 0n) {
    return "sent";
  }
  return errorNumber(libc) === EPERM ? "denied" : "gone";
}

/** Number of the error of the call just made. */
function errorNumber(libc: Libc): number {
  const location = libc.__errno_location.call();
  return location === null
    ? 0
    : new Deno.UnsafePointerView(location).getInt32();
}
