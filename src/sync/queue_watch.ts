/**
 * Notices what other processes put into a queue. `PRAGMA data_version` tells in
 * microseconds whether anybody has written at all; only then a few numbers tell
 * whether there is more to deliver. Notices from the file system would be
 * cheaper still, but do not come everywhere, and an own delivery would set them
 * off as well.
 *
 * @module
 */

import type { BlockingFiles } from "../host/blocking_files.ts";
import { overflowBytes } from "../queue/overflow.ts";
import type { Store } from "../queue/store.ts";

type WatchHost = { readonly blocking: Pick<BlockingFiles, "stat"> };

interface Numbers {
  readonly [column: string]: number;
  readonly seq: number;
  readonly "open_epoch": number;
  readonly open: number;
}

/**
 * Watches a queue through a connection that nobody else uses; the function
 * tells whether there is more to deliver than at its last call.
 */
export function watchQueue(host: WatchHost, store: Store): () => boolean {
  let version = versionOf(store);
  let numbers = numbersOf(store);
  let overflow = overflowBytes(host, store.paths.overflow);
  return () => {
    const bytes = overflowBytes(host, store.paths.overflow);
    const hasSpilled = bytes > overflow;
    overflow = bytes;
    const now = versionOf(store);
    if (now === version) return hasSpilled;
    const before = numbers;
    // A commit between the two reads is seen again at the next call.
    version = now;
    numbers = numbersOf(store);
    return hasSpilled || hasMore(before, numbers);
  };
}

/**
 * A pass writes too, even one that finds nothing; it must be no news, neither
 * to itself nor to another one, or they would go on for ever.
 */
function hasMore(before: Numbers, after: Numbers): boolean {
  return after.seq > before.seq || after.open > before.open ||
    after.open_epoch > before.open_epoch;
}

function versionOf({ db }: Store): number {
  const row = db.get<{ "data_version": number }>("PRAGMA data_version");
  return row?.data_version ?? 0;
}

/** What a pass claims or gives back stays open all the time. */
function numbersOf({ db }: Store): Numbers {
  return db.get<Numbers>(
    `SELECT seq, open_epoch, seq - claimed_seq + (SELECT count(*)
        FROM deliveries WHERE is_open = 1 AND state IN ('inflight', 'parked',
          'pending_remote', 'ready', 'retry')) AS open FROM meta`,
  ) ?? { seq: 0, "open_epoch": 0, open: 0 };
}
