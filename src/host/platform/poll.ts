/**
 * What is the matter with an open file of this process, without waiting; see
 * poll(2).
 *
 * @module
 */

import { type FindFunction, IS_LITTLE_ENDIAN, lazyLibc } from "./libc.ts";

const POLL = {
  parameters: ["buffer", "u64", "i32"],
  result: "i32",
} as const satisfies Deno.ForeignFunction;

/** The function itself. */
export type Poll = Deno.UnsafeFnPointer<typeof POLL>;

/** There is something to read; of a pidfd, that its process has ended. */
export const POLLIN = 1;

/** Always told: nobody reads at the other end. */
const POLLERR = 8;

/** Always told: the other end is closed. */
const POLLHUP = 16;

/** Looks the function up. */
export const findPoll = (find: FindFunction): Poll => find("poll", POLL);

const loadPoll = lazyLibc(findPoll);

/** Events of a file: those asked for, and what is always told. */
export function pollNow(poll: Poll, fd: number, events: number): number {
  // struct pollfd { int fd; short events; short revents; }
  const request = new Uint8Array(8);
  const view = new DataView(request.buffer);
  view.setInt32(0, fd, IS_LITTLE_ENDIAN);
  view.setInt16(4, events, IS_LITTLE_ENDIAN);
  return poll.call(request, 1n, 0) > 0 ? view.getInt16(6, IS_LITTLE_ENDIAN) : 0;
}

/** Whether whoever read what is written to a file has left, as far as known. */
export function isDeserted(fd: number): boolean {
  const poll = loadPoll();
  if (poll === "unavailable") return false;
  return (pollNow(poll, fd, 0) & (POLLERR | POLLHUP)) !== 0;
}
