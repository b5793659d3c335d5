/**
 * Delivery for all projects of a state root: what the daemon does.
 *
 * @module
 */

import { HostError } from "../host/host.ts";
import type { Log } from "../host/host.ts";
import { readConsent } from "../queue/consent.ts";
import { residueOf } from "../queue/counts.ts";
import { openStore, type Store } from "../queue/store.ts";
import type { StatePaths } from "../state/paths.ts";
import {
  isProjectId,
  pendingDirectory,
  projectPaths,
  projectsDirectory,
} from "../state/project_paths.ts";
import { Background } from "./background.ts";
import { drain } from "./drain.ts";
import type { DrainHost } from "./drain_options.ts";
import { emptyReport, type PassReport } from "./pass_report.ts";
import { isServerMissing } from "./stop_text.ts";
import type { SyncSettings } from "./sync_settings.ts";
import type { TokenSource } from "./token_source.ts";

/** What a courier works with. */
export interface CourierOptions {
  /** Files of the state root. */
  readonly paths: StatePaths;
  /** The person's settings, read anew for each round. */
  readonly settings: () => SyncSettings;
  /** Gives tokens for such settings. */
  readonly tokens: (settings: SyncSettings) => TokenSource;
  /** Told about trouble. */
  readonly log: Log;
}

/** Shortest time between two rounds, in milliseconds. */
const GAP_MS = 1000;
/** Every queue is looked at once in so long, whatever the marks say. */
const FULL_SCAN_MS = 15 * 60 * 1000;
const ROUND_MS = 60_000;
const PASS_BATCHES = 50;
const PASS_MS = 30_000;
const PUBLISH_WAIT_MS = 400;

/** Delivers for all projects of a state root, one after the other. */
export class Courier {
  readonly #host: DrainHost;
  readonly #options: CourierOptions;
  readonly #asked = new Set<string>();
  readonly #waiting = new Set<string>();
  #background: Background | undefined;
  #scannedAt = -Infinity;
  #lastWorkAt = 0;
  #lastSyncAt: number | undefined;
  #failures = 0;
  #round = Promise.withResolvers<void>();

  /** Makes a courier that does nothing yet. */
  constructor(host: DrainHost, options: CourierOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Begins with a look at everything. */
  start(): void {
    this.#background = new Background(this.#host, {
      pass: (signal) => this.#deliverAll(signal),
      intervalMs: ROUND_MS,
      gapMs: () => GAP_MS,
      onError: (error) => {
        this.#failures++;
        const text = error instanceof Error ? error.message : String(error);
        this.#options.log.error(`delivery failed: ${text}`);
      },
    });
    this.#background.wake();
  }

  /** Ends the round under way. */
  async stop(): Promise<void> {
    const background = this.#background;
    this.#background = undefined;
    await background?.stop();
  }

  /** Whether something is under way, or waits for no more than a server. */
  hasWork(): boolean {
    return this.#background !== undefined &&
      (this.#background.isRunning || this.#waiting.size > 0);
  }

  /** Time of the last delivery, as elapsed milliseconds. */
  lastWorkAt(): number {
    return this.#lastWorkAt;
  }

  /** Asks for a round soon. */
  trigger(project: string | undefined): void {
    if (project !== undefined && isProjectId(project)) this.#asked.add(project);
    this.#background?.wake();
  }

  /** Asks for a round and waits a moment for it. */
  async publish(
    event: { readonly project: string; readonly id: string },
  ): Promise<"published" | "queued"> {
    this.trigger(event.project);
    const done = new AbortController();
    await Promise.race([
      this.#round.promise,
      this.#host.clock.sleep(PUBLISH_WAIT_MS, done.signal),
    ]);
    done.abort();
    return this.#isDelivered(event) ? "published" : "queued";
  }

  /** How it goes. */
  health(): {
    readonly isRunning: boolean;
    readonly lastSyncAt: number | undefined;
    readonly failures: number;
    readonly socket: string;
  } {
    return {
      isRunning: this.#background !== undefined,
      lastSyncAt: this.#lastSyncAt,
      failures: this.#failures,
      socket: "Offline",
    };
  }

  async #deliverAll(signal: AbortSignal): Promise<PassReport> {
    const total = emptyReport();
    for (const project of this.#dueProjects()) {
      if (signal.aborted) break;
      const report = await this.#tryToDeliver(project, signal);
      if (report === undefined) continue;
      total.accepted += report.accepted;
      total.claimed += report.claimed;
      const { stoppedBecause: reason } = report;
      // There is more: the next round comes at once.
      if (reason === "limit" || reason === "deadline") {
        total.stoppedBecause = reason;
      }
      const times = [total.nextAttemptAt, report.nextAttemptAt]
        .filter((at) => at !== undefined);
      total.nextAttemptAt = times.length === 0 ? undefined : Math.min(...times);
    }
    const round = this.#round;
    this.#round = Promise.withResolvers<void>();
    round.resolve();
    return total;
  }

  /** What is wrong with one project is none of the others' business. */
  async #tryToDeliver(
    project: string,
    signal: AbortSignal,
  ): Promise<PassReport | undefined> {
    try {
      return await this.#deliver(project, signal);
    } catch (error) {
      this.#failures++;
      this.#waiting.delete(project);
      const text = error instanceof Error ? error.message : String(error);
      this.#options.log.error(`delivery of ${project} failed: ${text}`);
      return undefined;
    }
  }

  /** Those that were asked for, those with a mark, now and then all. */
  #dueProjects(): readonly string[] {
    const { blocking, clock } = this.#host;
    const { paths } = this.#options;
    const asked = [...this.#asked];
    this.#asked.clear();
    const marked = blocking.list(pendingDirectory(paths));
    const now = clock.elapsed();
    const isFull = now - this.#scannedAt >= FULL_SCAN_MS;
    if (isFull) this.#scannedAt = now;
    const all = isFull ? blocking.list(projectsDirectory(paths)) : [];
    return [...new Set([...asked, ...marked, ...all])].filter(isProjectId);
  }

  async #deliver(
    project: string,
    signal: AbortSignal,
  ): Promise<PassReport | undefined> {
    const settings = this.#options.settings();
    const store = this.#open(project, settings);
    if (store === undefined) return undefined;
    try {
      if (!mayDeliver(store)) return void this.#waiting.delete(project);
      const report = await drain(this.#host, store, {
        role: "daemon",
        leaseWaitMs: 0,
        isAsked: false,
        tokens: this.#options.tokens(settings),
        size: settings.size,
        limits: settings.limits,
        keepBodiesMs: settings.keepBodiesMs,
        maxBatches: PASS_BATCHES,
        deadlineMs: PASS_MS,
        signal,
      });
      this.#note(project, report);
      return report;
    } finally {
      store.db.close();
    }
  }

  #open(project: string, settings: SyncSettings): Store | undefined {
    const { paths } = this.#options;
    const files = projectPaths(paths, project);
    // A mark without a queue must not make one.
    if (this.#host.blocking.stat(files.queue) === undefined) {
      this.#host.blocking.remove(files.pending);
      this.#waiting.delete(project);
      return undefined;
    }
    const opening = openStore(this.#host, {
      root: paths.root,
      projectId: project,
      paths: files,
      durability: settings.durability,
    });
    if (opening.kind === "open") return opening.store;
    this.#options.log.warn(`queue of ${project}: ${opening.kind}`);
    this.#waiting.delete(project);
    return undefined;
  }

  #note(project: string, report: PassReport): void {
    const residue = report.counts === undefined ? 0 : residueOf(report.counts);
    const { stoppedBecause: reason } = report;
    if (report.claimed > 0) this.#lastWorkAt = this.#host.clock.elapsed();
    if (reason === "done") this.#lastSyncAt = this.#host.clock.now();
    const isFailure = isServerMissing(reason);
    this.#failures = isFailure ? this.#failures + 1 : 0;
    // What waits for a person does not keep a daemon alive.
    const canGoOn = isFailure || ["busy", "deadline", "done", "limit"]
      .includes(reason);
    if (residue > 0 && canGoOn) this.#waiting.add(project);
    else this.#waiting.delete(project);
    if (report.claimed > 0 || isFailure) {
      this.#options.log.info(`delivered ${report.accepted}: ${reason}`, {
        project,
        claimed: report.claimed,
        residue,
      });
    }
  }

  #isDelivered(
    event: { readonly project: string; readonly id: string },
  ): boolean {
    if (!isProjectId(event.project)) return false;
    try {
      const store = this.#open(event.project, this.#options.settings());
      if (store === undefined) return false;
      using db = store.db;
      const row = db.get<{ state: string }>(
        `SELECT state FROM deliveries JOIN events USING (seq)
          WHERE event_id = ?`,
        event.id,
      );
      return row?.state === "delivered" || row?.state === "duplicate";
    } catch (error) {
      if (error instanceof HostError) return false;
      throw error;
    }
  }
}

/** Consent and the project's own word, both as its queue has them. */
function mayDeliver(store: Store): boolean {
  if (readConsent(store).openEpoch === 0) return false;
  const row = store.db.get<{ "allows_background": number }>(
    "SELECT allows_background FROM meta",
  );
  return row?.allows_background === 1;
}
