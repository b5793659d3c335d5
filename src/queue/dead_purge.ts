/**
 * Throwing dead letters away. A fact that the server never took is gone for
 * good after that, so it needs an archive or a long time.
 *
 * @module
 */

import type { ReadArchive } from "./read_archive.ts";
import {
  DEAD_FROM,
  type DeadAction,
  type DeadFilter,
  deadValues,
} from "./dead.ts";
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

/** Dead letters younger than this are thrown away only with an archive. */
export const DEAD_KEEP_MS: number = 90 * 24 * 60 * 60 * 1000;

/** Under which conditions to throw away. */
export interface DeadPurge extends DeadAction {
  /** Whether nobody has asked for it in person. */
  readonly isAutomatic: boolean;
  /** Longer than {@linkcode DEAD_KEEP_MS}, if the person wants that. */
  readonly keepMs?: number;
  /** An archive that was read back. */
  readonly archive?: ReadArchive | undefined;
}

/** What is asked about one dead letter. */
export interface DeadFacts {
  readonly seq: number;
  readonly sha256: string;
  /** When it was refused last, in epoch milliseconds. */
  readonly "last_at": number | null;
}

/** Whether a dead letter may go, and if not, what is missing. */
export type PurgeVerdict = "may_go" | "too_young" | "not_archived";

/** Decides about one dead letter; pure. */
export function judgeDeadPurge(
  letter: DeadFacts,
  { nowMs, isAutomatic, archive, keepMs = 0 }: DeadPurge,
): PurgeVerdict {
  const ageMs = nowMs - (letter.last_at ?? nowMs);
  const isOld = ageMs >= Math.max(DEAD_KEEP_MS, keepMs);
  const isArchived = archive?.sha256Of(letter.seq) === letter.sha256;
  if (isAutomatic && !isOld) return "too_young";
  if (isAutomatic || !isOld) return isArchived ? "may_go" : "not_archived";
  return "may_go";
}

/** What purging would do or did. */
export interface DeadPurgeReport extends Removed {
  /** Dead letters that stay because they are too young. */
  readonly tooYoung: Removed;
  /** Dead letters that stay because no archive has them. */
  readonly notArchived: Removed;
}

interface Row extends Removable, DeadFacts {
  readonly sha256: string;
}

/** What purging would do; changes nothing. */
export function planDeadPurge(
  store: Store,
  filter: DeadFilter,
  purge: DeadPurge,
): DeadPurgeReport {
  return walk(store, filter, purge, sumRows);
}

/** Throws dead letters away, as far as they may go. */
export function purgeDead(
  store: Store,
  filter: DeadFilter,
  purge: DeadPurge,
): DeadPurgeReport {
  return walk(store, filter, purge, (rows) =>
    store.db.transaction(() => {
      // Somebody may have had them sent again since they were read.
      const still = readRows(store, filter, { rows });
      return removeEvents(store, still, {
        actor: purge.actor,
        action: "dead_purge",
        details: { archive: purge.archive?.name ?? null },
        nowMs: purge.nowMs,
      });
    }));
}

function sumRows(rows: readonly Row[]): Removed {
  const bytes = rows.reduce((total, row) => total + row.bytes, 0);
  return { count: rows.length, bytes };
}

function walk(
  store: Store,
  filter: DeadFilter,
  purge: DeadPurge,
  take: (rows: readonly Row[]) => Removed,
): DeadPurgeReport {
  let removed = NOTHING_REMOVED;
  let tooYoung = NOTHING_REMOVED;
  let notArchived = NOTHING_REMOVED;
  let after = 0;
  while (true) {
    const rows = readRows(store, filter, { after });
    const by = Map.groupBy(rows, (row) => judgeDeadPurge(row, purge));
    removed = addRemoved(removed, take(by.get("may_go") ?? []));
    tooYoung = addRemoved(tooYoung, sumRows(by.get("too_young") ?? []));
    notArchived = addRemoved(
      notArchived,
      sumRows(by.get("not_archived") ?? []),
    );
    after = rows.at(-1)?.seq ?? after;
    if (rows.length < REMOVE_ROWS) {
      return { ...removed, tooYoung, notArchived };
    }
  }
}

function readRows(
  { db }: Store,
  filter: DeadFilter,
  { after = 0, rows }: {
    readonly after?: number;
    readonly rows?: readonly Row[];
  },
): readonly Row[] {
  return db.all<Row>(
    `SELECT ${REMOVABLE_COLUMNS}, e.sha256, d.last_at ${DEAD_FROM}
        AND d.seq > ?6
        AND (?7 IS NULL OR d.seq IN (SELECT value FROM json_each(?7)))
      ORDER BY d.seq LIMIT ?8`,
    ...deadValues(filter),
    after,
    rows === undefined ? null : JSON.stringify(rows.map(({ seq }) => seq)),
    REMOVE_ROWS,
  );
}
