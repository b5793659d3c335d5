/**
 * Repairs what can be repaired without asking and without losing anything; says
 * what it did. Modes are left to the person: the report has the line for them.
 *
 * @module
 */

import { HostError } from "../host/host.ts";
import { addAudit } from "../queue/audit.ts";
import { importOverflow } from "../queue/import_overflow.ts";
import { openStore, type QueueHost, type Store } from "../queue/store.ts";
import type { SyncPlace } from "../sync/project_sync.ts";
import type { SyncFacts } from "./sync_facts.ts";
import { eventCount } from "./sync_finding.ts";

/** Repairs what the facts show; gives a sentence for each step. */
export function fixSync(
  host: QueueHost,
  place: SyncPlace,
  facts: SyncFacts,
): readonly string[] {
  const { queue, disk } = facts;
  const modes = disk.looseModes.length === 0
    ? []
    : ["File modes were left as they are: the report has the lines to type."];
  if (queue.kind !== "open") {
    return [
      ...modes,
      "The queue was left as it is: it is not open to repairs.",
    ];
  }
  // Writing into a damaged file could cost what can still be saved.
  if (queue.integrity.kind !== "ok") {
    return [...modes, "The queue was left as it is: it may be damaged."];
  }
  const store = openToFix(host, place);
  if (typeof store === "string") return [...modes, store];
  try {
    return [
      ...modes,
      ...importAll(host, store, place, facts),
      ...releaseLease(host, store, facts),
      ...acknowledgeLosses(host, store, facts),
      attempt("take the log into the queue", () => checkpoint(store)),
    ].filter((line) => line !== "");
  } finally {
    store.db.close();
  }
}

function openToFix(host: QueueHost, place: SyncPlace): Store | string {
  const { project, projectPaths: paths, settings } = place;
  if (project?.id === undefined || paths === undefined) {
    return "The queue was left as it is: there is no project.";
  }
  const opening = openStore(host, {
    root: place.paths.root,
    projectId: project.id,
    paths,
    durability: settings.durability,
  });
  return opening.kind === "open"
    ? opening.store
    : `The queue was left as it is: ${opening.kind.replaceAll("_", " ")}.`;
}

/** A step that the machine refuses must not keep the others from their turn. */
function attempt(what: string, act: () => string): string {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return `Could not ${what}: ${error.code.replaceAll("_", " ")}.`;
  }
}

function importAll(
  host: QueueHost,
  store: Store,
  place: SyncPlace,
  facts: SyncFacts,
): readonly string[] {
  const sources = [store.paths.overflow, place.unassigned];
  return sources.map((path) =>
    attempt(`import ${path}`, () => {
      const report = importOverflow(host, store, path, {
        limits: facts.settings.limits,
        nowMs: host.clock.now(),
      });
      if (report === "full") return `The queue is too full to import ${path}.`;
      const { imported, damaged } = report;
      if (imported + damaged === 0) return "";
      const rest = damaged === 0
        ? ""
        : `; ${damaged} damaged lines are in the quarantine`;
      return `Imported ${eventCount(imported)} from ${path}${rest}.`;
    })
  );
}

/**
 * The row stays and keeps its number, which must only ever grow; it just does
 * not count as alive any more.
 */
function releaseLease(
  host: QueueHost,
  store: Store,
  { queue }: SyncFacts,
): readonly string[] {
  const holder = queue.kind === "open" ? queue.holder : undefined;
  if (holder?.isAlive !== false || !holder.isFresh) return [];
  const { pid } = holder;
  return [attempt("release the lease", () => {
    const changed = store.db.run(
      `UPDATE leases SET expires_at = ? WHERE name = 'drain' AND pid = ?
         AND expires_at > ?`,
      host.clock.now(),
      pid,
      host.clock.now(),
    );
    return changed === 0
      ? ""
      : `Released the lease of process ${pid}, which is gone.`;
  })];
}

/**
 * Whoever asks for repairs has read of the losses; the audit keeps them. What
 * is lost later is told again.
 */
function acknowledgeLosses(
  host: QueueHost,
  store: Store,
  { queue }: SyncFacts,
): readonly string[] {
  const { refused, dropped } = queue.kind === "open"
    ? queue.counts
    : { refused: 0, dropped: 0 };
  if (refused + dropped === 0) return [];
  return [attempt("note the losses", () => {
    store.db.transaction(() => {
      store.db.run(
        "UPDATE meta SET refused = refused - ?, dropped = dropped - ?",
        refused,
        dropped,
      );
      const details = { refused, dropped };
      addAudit(store, "reeve", "note_losses", details, host.clock.now());
    });
    return `Noted in the audit that ${
      eventCount(refused + dropped)
    } found no room; the count begins anew.`;
  })];
}

function checkpoint({ db }: Store): string {
  const row = db.get<{ busy: number; log: number }>(
    "PRAGMA wal_checkpoint(TRUNCATE)",
  );
  if (row === undefined || row.log < 0) return "";
  return row.busy === 0
    ? "Took the log into the queue."
    : "The log could not be taken into the queue: another process reads it.";
}
