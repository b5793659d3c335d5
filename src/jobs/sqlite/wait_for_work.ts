/**
 * Waiting until a queue has work: at once for what this process does, soon for
 * what another one does, and on time for what time alone does.
 *
 * @module
 */

import type { Database } from "../../host/databases.ts";
import type { Clock } from "../../host/host.ts";
import { busOf } from "./bus.ts";
import { lookAhead } from "./claim_jobs.ts";
import type { Transactions } from "./transactions.ts";

/** Whom to wait for. */
export interface Awaited {
  /** The open file. */
  readonly steps: Pick<Transactions, "look" | "path">;
  /** The queue. */
  readonly queue: string;
}

/** The file is looked at so often after a change by another process. */
const SHORTEST_MS = 250;
/** And so often at last, while nothing happens. */
const LONGEST_MS = 2000;

/** Settles when there is work or `signal` aborts. */
export async function waitForWork(
  { clock }: { readonly clock: Clock },
  { steps, queue }: Awaited,
  signal: AbortSignal,
): Promise<void> {
  let pollMs = SHORTEST_MS;
  let version: number | undefined;
  while (!signal.aborted) {
    const nowMs = clock.now();
    const { isDue, nextAt } = steps.look((db) => lookAhead(db, queue, nowMs));
    if (isDue) return;
    const latest = steps.look(versionOf);
    const isQuiet = latest === version;
    pollMs = isQuiet ? Math.min(pollMs * 2, LONGEST_MS) : SHORTEST_MS;
    version = latest;

    const woken = new AbortController();
    const wake = () => woken.abort();
    using _work = busOf(steps.path).onWork(queue, wake);
    // Looking alone does not keep a process alive, and waiting for a time does.
    using _poll = clock.later(pollMs, wake);
    signal.addEventListener("abort", wake);
    if (nextAt === undefined) await aborted(woken.signal);
    else await clock.sleep(nextAt - nowMs, woken.signal);
    signal.removeEventListener("abort", wake);
  }
}

/** Another number says that another connection has changed the file. */
function versionOf(db: Database): number | undefined {
  return db.get<{ "data_version": number }>("PRAGMA data_version")
    ?.data_version;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
