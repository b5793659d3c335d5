/**
 * Whether a daemon that was just recorded may be relied on, so that the one
 * before it may end.
 *
 * @module
 */

import type { CurrentDaemon } from "./current.ts";

/** What a look after the recording says. */
export type Placement =
  | { readonly kind: "in_place" }
  /** It says that it is stopping; it may yet see itself recorded, and stay. */
  | { readonly kind: "undecided"; readonly reason: string }
  /** It cannot be relied on; why, as a clause. */
  | { readonly kind: "lost"; readonly reason: string };

/**
 * Judges the daemon that the state file names now: it has to be the recorded
 * one, and to prove itself, and not to be ending. Time may have passed since
 * its first answer, and who is named by nobody ends by itself.
 */
export function judgePlacement(
  now: CurrentDaemon,
  recorded: { readonly pid: number; readonly token: string },
): Placement {
  const lost = (reason: string): Placement => ({ kind: "lost", reason });
  if (now.kind === "none") return lost("the state file is gone");
  const { pid, token } = now.state;
  if (pid !== recorded.pid || token !== recorded.token) {
    return lost("the state file names another one");
  }
  if (now.kind === "healthy") return { kind: "in_place" };
  const { reason, isStopping } = now;
  return { kind: isStopping ? "undecided" : "lost", reason };
}
