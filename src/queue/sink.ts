/**
 * Where an emitter puts events: the queue of the project, its overflow file,
 * or the overflow file of a directory that is no project yet.
 *
 * @module
 */

import { HostError } from "../host/host.ts";
import { fillOf, type QueueLimits, RECLAIM_AT } from "./capacity.ts";
import { type Captured, captureDraft, type Placed } from "./capture.ts";
import type { Draft } from "./envelope.ts";
import type { EmitOutcome, EventArgs, SpillReason } from "./event.ts";
import { DiskRoom } from "./disk_room.ts";
import type { EventSink, Rejected } from "./event_sink.ts";
import { takeDropMarker } from "./drop_marker.ts";
import { importOverflow } from "./import_overflow.ts";
import {
  addToQuarantine,
  describeArgs,
  quarantineDraft,
} from "./quarantine.ts";
import { reclaim } from "./reclaim.ts";
import { repair } from "./repair.ts";
import {
  capturedOutcome,
  explainProblem,
  outcomeOf,
  spillTo,
} from "./sink_outcome.ts";
import {
  EMIT_BUSY_TIMEOUT_MS,
  noteBackground,
  openStore,
  type QueueHost,
  type Store,
  type StoreOptions,
} from "./store.ts";
import { WaitingMark } from "./waiting_mark.ts";

/** What a full or busy queue means for a fact. */
export type OverflowPolicy = "spill" | "refuse" | "block";

/** How a project's sink works. */
export interface SinkOptions extends Omit<StoreOptions, "busyTimeoutMs"> {
  /** Limits of the queue. */
  readonly limits: QueueLimits;
  /** What a full or busy queue means. */
  readonly overflow: OverflowPolicy;
  /** Whether a background process may deliver by itself. @default true */
  readonly allowsBackground?: boolean;
  /** Overflow files from before the directory was a project. */
  readonly adopts?: readonly string[];
  /** Called after each commit with the place of the last event. */
  readonly onCaptured?: (seq: number) => void;
}

/** With `overflow: block`, how long to wait for another process. */
const BLOCK_MS = 2000;

/** The queue of a project as an emitter uses it. */
export class ProjectSink implements EventSink {
  readonly #host: QueueHost;
  readonly #options: SinkOptions;
  readonly #mark: WaitingMark;
  readonly #room: DiskRoom;
  #store: Store | undefined;
  #isClosed = false;

  /** Makes a sink; the queue is opened with the first event. */
  constructor(host: QueueHost, options: SinkOptions) {
    this.#host = host;
    this.#options = options;
    const { pending, directory } = options.paths;
    this.#mark = new WaitingMark(host, pending);
    this.#room = new DiskRoom(host.blocking, directory);
  }

  /** The queue, once an event has opened it. */
  get openedStore(): Store | undefined {
    return this.#store;
  }

  capture(drafts: readonly Draft[]): readonly EmitOutcome[] {
    const store = this.#open();
    if ("kind" in store) return drafts.map(() => store);
    if (!("db" in store)) return this.#spillAll(drafts, store.spill);
    if (this.#room.isShort(drafts.length, this.#options.limits.minFreeBytes)) {
      return this.#refuseAll(drafts, "disk_full");
    }
    return this.#captureIn(store, drafts, "repair");
  }

  quarantine(rejected: Rejected): EmitOutcome {
    const { problem, args, type, nowMs, clean } = rejected;
    const { reason, field, rule } = problem;
    const store = this.#open();
    if ("kind" in store) return store;
    try {
      if ("db" in store) {
        const facts = { ...problem, type, nowMs, eventId: idOf(args) };
        const added = store.db.transaction(() =>
          addToQuarantine(store, facts, clean(describeArgs(args)))
        );
        if (added === "full") return this.#refuse(1, "queue_full");
      }
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      const outcome = outcomeOf(error);
      if (outcome.kind !== "refused") return outcome;
      return this.#refuse(1, outcome.reason);
    }
    return { kind: "quarantined", reason, field, rule };
  }

  close(): void {
    this.#isClosed = true;
    this.#mark.flush();
    this.#store?.db.close();
    this.#store = undefined;
  }

  #open(): Store | EmitOutcome | { readonly spill: SpillReason } {
    if (this.#isClosed) {
      const detail = "the emitter is closed";
      return { kind: "failed", reason: "closed", detail };
    }
    if (this.#store !== undefined) return this.#store;
    const busyTimeoutMs = this.#options.overflow === "block"
      ? BLOCK_MS
      : EMIT_BUSY_TIMEOUT_MS;
    const opening = openStore(this.#host, { ...this.#options, busyTimeoutMs });
    if (opening.kind !== "open") return explainProblem(opening);
    this.#store = opening.store;
    noteBackground(opening.store, this.#options.allowsBackground ?? true);
    this.#adopt(opening.store);
    return opening.store;
  }

  /** Earlier events come first, if nothing is in the way right now. */
  #adopt(store: Store): void {
    const { limits, adopts = [] } = this.#options;
    const nowMs = this.#host.clock.now();
    for (const path of adopts) {
      try {
        importOverflow(this.#host, store, path, { limits, nowMs });
      } catch (error) {
        if (!(error instanceof HostError)) throw error;
      }
    }
  }

  #captureIn(
    store: Store,
    drafts: readonly Draft[],
    onDamage: "repair" | "give_up",
  ): readonly EmitOutcome[] {
    const { limits } = this.#options;
    const nowMs = this.#host.clock.now();
    try {
      const captured = store.db.transaction(() => {
        const results = drafts.map((draft) =>
          captureDraft(store, draft, { limits, nowMs })
        );
        if (results.some(({ kind }) => kind === "overflow")) throw new Full();
        this.#noteConflicts(store, drafts, results, nowMs);
        const last = lastPlaced(results);
        if (last !== undefined && last.droppedPending > 0) {
          takeDropMarker(store, last, { limits, nowMs, host: this.#host });
        }
        return results;
      });
      this.#afterCommit(store, captured);
      return captured.map((one, index) =>
        capturedOutcome(one, drafts[index], limits)
      );
    } catch (error) {
      if (error instanceof Full) {
        return this.#reclaimQuietly(store, drafts.length) > 0
          ? this.#captureIn(store, drafts, onDamage)
          : this.#overflow(drafts, "full");
      }
      if (!(error instanceof HostError)) throw error;
      return this.#refusedBy(error, store, drafts, onDamage);
    }
  }

  #noteConflicts(
    store: Store,
    drafts: readonly Draft[],
    results: readonly Captured[],
    nowMs: number,
  ): void {
    for (const [index, { kind }] of results.entries()) {
      const draft = drafts[index];
      if (kind !== "id_conflict" || draft === undefined) continue;
      quarantineDraft(store, draft, nowMs);
    }
  }

  #afterCommit(store: Store, results: readonly Captured[]): void {
    const last = lastPlaced(results);
    if (last === undefined) return;
    if (last.isEligible) this.#mark.note();
    const fill = fillOf(last.fill, this.#options.limits);
    if (fill >= RECLAIM_AT) this.#reclaimQuietly(store, results.length);
    try {
      this.#options.onCaptured?.(last.seq);
    } catch {
      // Whoever listens cannot take back what is stored.
    }
  }

  /** The event is stored; that room could not be made is not its business. */
  #reclaimQuietly(store: Store, count: number): number {
    try {
      return reclaim(store, { untilMs: Infinity, limit: 200 + count });
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return 0;
    }
  }

  #refusedBy(
    error: HostError,
    store: Store,
    drafts: readonly Draft[],
    onDamage: "repair" | "give_up",
  ): readonly EmitOutcome[] {
    if (error.code === "busy") return this.#overflow(drafts, "busy");
    if (error.code === "damaged" && onDamage === "repair") {
      store.db.close();
      this.#store = undefined;
      repair(this.#host, this.#options.paths);
      const fresh = this.#open();
      if ("db" in fresh) return this.#captureIn(fresh, drafts, "give_up");
    }
    const outcome = outcomeOf(error);
    return outcome.kind === "refused"
      ? this.#refuseAll(drafts, outcome.reason)
      : drafts.map(() => outcome);
  }

  #overflow(
    drafts: readonly Draft[],
    reason: SpillReason,
  ): readonly EmitOutcome[] {
    return this.#options.overflow === "spill"
      ? this.#spillAll(drafts, reason)
      : this.#refuseAll(drafts, "queue_full");
  }

  #spillAll(
    drafts: readonly Draft[],
    reason: SpillReason,
  ): readonly EmitOutcome[] {
    const kept = spillTo(this.#host, this.#options.paths.overflow, {
      drafts,
      reason,
    });
    const [first] = kept;
    if (first?.kind === "refused") return this.#refuseAll(drafts, first.reason);
    if (first?.kind === "spilled") this.#mark.note();
    return kept;
  }

  #refuseAll(
    drafts: readonly Draft[],
    reason: "queue_full" | "disk_full",
  ): readonly EmitOutcome[] {
    const outcome = this.#refuse(drafts.length, reason);
    return drafts.map(() => outcome);
  }

  #refuse(count: number, reason: "queue_full" | "disk_full"): EmitOutcome {
    try {
      this.#store?.db.run("UPDATE meta SET refused = refused + ?", count);
    } catch (error) {
      // The outcome tells it; the count is a help for later.
      if (!(error instanceof HostError)) throw error;
    }
    return { kind: "refused", reason };
  }
}

/** Ends a transaction in which one of the events has no room. */
class Full extends Error {}

function lastPlaced(results: readonly Captured[]): Placed | undefined {
  const last = results.findLast(({ kind }) => kind === "captured");
  return last?.kind === "captured" ? last : undefined;
}

function idOf(args: EventArgs | undefined): string | null {
  return typeof args?.eventId === "string" ? args.eventId : null;
}
