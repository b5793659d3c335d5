/**
 * Throwing away all that a project has not delivered: events, deliveries,
 * overflow file, quarantine. What the server has is not touched.
 *
 * @module
 */

import type { BlockingFiles } from "../host/blocking_files.ts";
import { type Clock, HostError } from "../host/host.ts";
import { addAudit } from "./audit.ts";
import { byteLength } from "./envelope.ts";
import { type Lease, proveLease } from "./lease.ts";
import { sumEvents } from "./list_events.ts";
import { parseOverflow } from "./overflow.ts";
import { sumQuarantine } from "./quarantine_care.ts";
import {
  addRemoved,
  NOTHING_REMOVED,
  type Removable,
  REMOVABLE_COLUMNS,
  REMOVE_ROWS,
  type Removed,
  removeEvents,
} from "./remove_events.ts";
import type { Store } from "./store.ts";

/** What a purge would throw away. */
export interface PurgePlan {
  /** Place of the last event that it is about; later ones stay. */
  readonly toSeq: number;
  /** Events that are not delivered. */
  readonly events: Removed;
  /** How many of them are in which state. */
  readonly byState: Readonly<Record<string, number>>;
  /** Those of them that were in a request, so that the server may have them. */
  readonly possiblySent: number;
  /** Events in the overflow file. */
  readonly overflow: Removed;
  /** Entry of the quarantine up to which it goes. */
  readonly toEntry: number;
  /** Entries of the quarantine. */
  readonly quarantine: Removed;
  /** Damaged queues that were put aside; a purge leaves them. */
  readonly asides: readonly string[];
}

/** What a purge has thrown away. */
export type PurgeReport = Pick<PurgePlan, "events" | "overflow" | "quarantine">;

/** Who purges, and how to tell how far it is. */
export interface PurgeOptions {
  /** Who wants it. */
  readonly actor: string;
  /** Called after each transaction with the events that it was about. */
  readonly onDone?: (count: number) => void;
}

type PurgeHost = {
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly blocking: Pick<BlockingFiles, "readText" | "list" | "takeLocked">;
};

const OPEN = "(d.seq IS NULL OR d.is_open = 1)";
/** The overflow file is smaller than this. */
const OVERFLOW_BYTES = 64 * 1024 * 1024;
const ASIDE = /^queue\.corrupt-.*\.db$/;

/** What a purge would throw away; changes nothing. */
export function planPurge(
  host: Pick<PurgeHost, "blocking">,
  store: Store,
): PurgePlan {
  const { db, paths } = store;
  const states = [...sumEvents(store, {})].filter(([state]) =>
    state !== "delivered" && state !== "duplicate"
  );
  const marks = db.get<{ seq: number; entry: number; sent: number }>(
    `SELECT seq, coalesce((SELECT max(q_id) FROM quarantine), 0) AS entry,
       (SELECT count(*) FROM deliveries WHERE is_open = 1
         AND batch_id IS NOT NULL) AS sent FROM meta`,
  ) ?? { seq: 0, entry: 0, sent: 0 };
  return {
    toSeq: marks.seq,
    events: states.reduce(
      (total, [, sum]) => addRemoved(total, sum),
      NOTHING_REMOVED,
    ),
    byState: Object.fromEntries(
      states.map(([state, { count }]) => [state, count]),
    ),
    possiblySent: marks.sent,
    overflow: measure(readOverflow(host, paths.overflow)),
    toEntry: marks.entry,
    quarantine: sumQuarantine(store, {}),
    asides: host.blocking.list(paths.directory)
      .filter((name) => ASIDE.test(name)),
  };
}

function readOverflow({ blocking }: Pick<PurgeHost, "blocking">, path: string) {
  try {
    return blocking.readText(path, OVERFLOW_BYTES);
  } catch (error) {
    if (error instanceof HostError && error.code === "not_found") return "";
    throw error;
  }
}

function measure(text: string): Removed {
  const { drafts, damaged } = parseOverflow(text);
  return { count: drafts.length + damaged.length, bytes: byteLength(text) };
}

/**
 * Carries a plan out. Whoever delivers is kept out by the lease, so that
 * nothing is on its way meanwhile.
 *
 * @throws {LeaseLost} when another process has taken over.
 */
export async function purge(
  host: PurgeHost,
  store: Store,
  lease: Pick<Lease, "token">,
  { plan, ...options }: PurgeOptions & { readonly plan: PurgePlan },
): Promise<PurgeReport> {
  const step = { host, store, lease, plan, options };
  const overflow = purgeOverflow(step);
  const events = await purgeEvents(step);
  return { events, overflow, quarantine: await purgeEntries(step) };
}

interface Step {
  readonly host: PurgeHost;
  readonly store: Store;
  readonly lease: Pick<Lease, "token">;
  readonly plan: PurgePlan;
  readonly options: PurgeOptions;
}

async function purgeEvents(step: Step): Promise<Removed> {
  let removed = NOTHING_REMOVED;
  let after = 0;
  while (true) {
    const { part, last, isLast } = purgeSome(step, after);
    removed = addRemoved(removed, part);
    after = last;
    step.options.onDone?.(part.count);
    if (isLast) return removed;
    await step.host.clock.sleep(0);
  }
}

function purgeSome({ host, store, lease, plan, options }: Step, after: number) {
  const nowMs = host.clock.now();
  const { db } = store;
  return db.transaction(() => {
    proveLease(store, lease, nowMs);
    const rows = db.all<Removable>(
      `SELECT ${REMOVABLE_COLUMNS}
         FROM events e LEFT JOIN deliveries d ON d.seq = e.seq
        WHERE e.seq > ? AND e.seq <= ? AND ${OPEN} ORDER BY e.seq LIMIT ?`,
      after,
      plan.toSeq,
      REMOVE_ROWS,
    );
    const { actor } = options;
    const part = removeEvents(store, rows, {
      actor,
      action: "purge",
      details: {},
      nowMs,
    });
    const last = rows.at(-1)?.seq ?? after;
    // Behind the mark, places without an event would count as ready.
    db.run("UPDATE meta SET claimed_seq = max(claimed_seq, ?)", last);
    return { part, last, isLast: rows.length < REMOVE_ROWS };
  });
}

function purgeOverflow({ host, store, lease, options }: Step): Removed {
  let removed = NOTHING_REMOVED;
  host.blocking.takeLocked(store.paths.overflow, (text) => {
    removed = measure(text);
    const nowMs = host.clock.now();
    store.db.transaction(() => {
      proveLease(store, lease, nowMs);
      const details = { ...removed };
      addAudit(store, options.actor, "purge_overflow", details, nowMs);
    });
  });
  return removed;
}

async function purgeEntries(step: Step): Promise<Removed> {
  let removed = NOTHING_REMOVED;
  while (true) {
    const part = purgeSomeEntries(step);
    removed = addRemoved(removed, part);
    if (part.count < REMOVE_ROWS) return removed;
    await step.host.clock.sleep(0);
  }
}

function purgeSomeEntries(
  { host, store, lease, plan, options }: Step,
): Removed {
  const { db } = store;
  const nowMs = host.clock.now();
  return db.transaction(() => {
    proveLease(store, lease, nowMs);
    const rows = db.all<{ "q_id": number; bytes: number }>(
      `SELECT q_id, length(CAST(body AS BLOB)) AS bytes FROM quarantine
        WHERE q_id <= ? ORDER BY q_id LIMIT ?`,
      plan.toEntry,
      REMOVE_ROWS,
    );
    if (rows.length === 0) return NOTHING_REMOVED;
    db.run(
      "DELETE FROM quarantine WHERE q_id <= ?",
      rows.at(-1)?.q_id ?? 0,
    );
    const count = rows.length;
    addAudit(store, options.actor, "purge_quarantine", { count }, nowMs);
    const bytes = rows.reduce((total, row) => total + row.bytes, 0);
    return { count, bytes };
  });
}
