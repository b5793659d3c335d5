/**
 * Whether a program that ends should try to deliver what it has captured.
 *
 * @module
 */

import { countQueue, residueOf } from "../queue/counts.ts";
import type { QueueHost, Store } from "../queue/store.ts";
import { readTarget } from "../queue/target.ts";

/** More waiting events than this are left to others. */
const FLUSH_BACKLOG = 200;

/**
 * Only a small backlog, and only if the way was clear the last time: whoever
 * runs a command must not wait for a server that is down.
 */
export function mayFlush(
  host: Pick<QueueHost, "blocking">,
  store: Store,
  setting: "auto" | "never",
): boolean {
  if (setting === "never") return false;
  const target = readTarget(store);
  if (target.circuit !== "closed" || target.paused_reason !== null) {
    return false;
  }
  const residue = residueOf(countQueue(host, store));
  return residue > 0 && residue <= FLUSH_BACKLOG;
}
