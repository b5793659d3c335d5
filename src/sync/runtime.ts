/**
 * The sync runtime of one process: capturing is always there, delivery starts
 * when it may, a failure of either never reaches the program around it.
 *
 * @module
 */

import { readConsent } from "../queue/consent.ts";
import { Emitter } from "../queue/emitter.ts";
import type { EventSink } from "../queue/event_sink.ts";
import type { Store } from "../queue/store.ts";
import { type AutoStart, decideAutoStart } from "./auto_start.ts";
import { autoStartFacts } from "./auto_start_facts.ts";
import { Background } from "./background.ts";
import { drain } from "./drain.ts";
import type { DrainOptions } from "./drain_options.ts";
import { mayFlush } from "./final_flush.ts";
import type { PassReport } from "./pass_report.ts";
import { hasQueue, openQueue, originOf, sinkFor } from "./project_sync.ts";
import type {
  RuntimeHost,
  RuntimeMode,
  RuntimeOptions,
  RuntimeSocket,
  RuntimeState,
  StopReport,
} from "./runtime_options.ts";
import { createBudget } from "./time_limit.ts";
import { isProblem } from "./token_source.ts";
import { warnOnce } from "./warn_once.ts";

const STOP_DEADLINE_MS = 2000;
const FLUSH_DEADLINE_MS = 1000;
const FLUSH_GRACE_MS = 100;
const LIVE_STOP_MS = 300;
const GAP_MS = 5000;
const PASS_BATCHES = 20;
const PASS_MS = 30_000;

/** Capturing and delivery of one process. */
export class SyncRuntime {
  readonly #host: RuntimeHost;
  readonly #options: RuntimeOptions;
  readonly #sink: EventSink;
  readonly #emitters = new Set<unknown>();
  readonly #warn: (what: string, error: unknown) => string;
  #state: RuntimeState = { kind: "idle" };
  #emitter: Emitter | undefined;
  #background: Background | undefined;
  #live: RuntimeSocket | undefined;
  #store: Store | undefined;
  #starting: Promise<RuntimeState> | undefined;
  #stopping: Promise<StopReport> | undefined;
  #hasNews = false;
  #isNudging = false;

  /** Makes a runtime; nothing is opened, nothing starts. */
  constructor(host: RuntimeHost, options: RuntimeOptions) {
    this.#host = host;
    this.#options = options;
    this.#warn = warnOnce(options.warn);
    this.#sink = sinkFor(host, options.place, () => this.wake());
  }

  /** Where the runtime is in its life. */
  get state(): RuntimeState {
    return this.#state;
  }

  /** Whether delivery runs in the background. */
  get hasBackground(): boolean {
    return this.#background !== undefined;
  }

  /** Whether there is a WebSocket, open or on its way. */
  get hasSocket(): boolean {
    return this.#live !== undefined;
  }

  /** Whether something was captured that nobody was told about. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /** Takes events of the program; made on first use. */
  get emitter(): Emitter {
    this.#emitter ??= new Emitter(this.#host, {
      registry: this.#options.registry,
      sink: this.#sink,
      origin: originOf(this.#host, this.#options.place),
      isOff: this.#options.place.settings.mode === "off",
      warn: this.#options.warn,
    });
    return this.#emitter;
  }

  /** Starts delivery if it may; a second call gets the answer of the first. */
  start(): Promise<RuntimeState> {
    if (this.#stopping !== undefined) return Promise.resolve(this.#state);
    return this.#starting ??= this.#start();
  }

  /** Notes an emitter of the program; each counts once. */
  attachEmitter(emitter: unknown): boolean {
    if (this.#emitters.has(emitter)) return false;
    this.#emitters.add(emitter);
    this.wake();
    return true;
  }

  /** Says that there is something to deliver; returns at once. */
  wake(): void {
    this.#hasNews = true;
    this.#background?.wake();
    const { state } = this;
    if (state.kind === "running" && state.mode === "delegated") this.#nudge();
  }

  /** The daemon is told; if it has gone, delivery is ours again. */
  async #nudge(): Promise<void> {
    if (this.#isNudging) return;
    this.#isNudging = true;
    const isThere = await this.#hasDaemon();
    this.#isNudging = false;
    if (isThere || this.#state.kind !== "running" || this.#background) return;
    try {
      this.#startBackground(this.#openStore());
      this.#state = { kind: "running", mode: "batch" };
    } catch (error) {
      this.#warn("Delivery cannot start", error);
    }
  }

  /** A daemon that cannot be asked is as good as none. */
  async #hasDaemon(): Promise<boolean> {
    return await this.#options.nudgeDaemon?.().catch(() => false) ?? false;
  }

  /** Ends delivery within a deadline; a second call gets the first report. */
  stop(options: { readonly deadlineMs?: number } = {}): Promise<StopReport> {
    this.#stopping ??= this.#stop(options.deadlineMs ?? STOP_DEADLINE_MS);
    return this.#stopping;
  }

  /** Closes the queue at once, for the moment when a process ends. */
  close(): void {
    this.#sink.close();
    this.#store?.db.close();
    this.#store = undefined;
  }

  async #start(): Promise<RuntimeState> {
    this.#enter({ kind: "starting" });
    try {
      this.#enter(await this.#decide());
    } catch (error) {
      const detail = this.#warn("Delivery cannot start", error);
      this.#enter({ kind: "denied", reason: "runtime_fault", detail });
    }
    return this.#state;
  }

  /** Whoever ends stays ended, whatever was under way. */
  #enter(state: RuntimeState): void {
    if (this.#stopping === undefined) this.#state = state;
  }

  async #decide(): Promise<RuntimeState> {
    const { isAllowed, reason, detail } = this.#verdict();
    if (!isAllowed) return { kind: "denied", reason, detail };
    const store = this.#openStore();
    const mode = await this.#mode(store);
    const delivers = this.#options.lifetime === "long" && mode !== "delegated";
    if (delivers && this.#stopping === undefined) this.#startBackground(store);
    return { kind: "running", mode };
  }

  /** Only a queue that is there can have a consent; none is made to look. */
  #verdict(): AutoStart {
    const { place, intent = "remote" } = this.#options;
    const facts = autoStartFacts(this.#host.env, place, intent);
    const first = decideAutoStart({ ...facts, hasConsent: true });
    if (!first.isAllowed) return first;
    const hasConsent = hasQueue(this.#host, place) &&
      readConsent(this.#openStore()).openEpoch > 0;
    return decideAutoStart({ ...facts, hasConsent });
  }

  async #mode(store: Store): Promise<RuntimeMode> {
    const { lifetime, tokens } = this.#options;
    if (lifetime === "short") return "batch";
    if (await this.#hasDaemon()) return "delegated";
    const token = await tokens.current();
    return isProblem(token) ? "queue_only" : this.#connect(store);
  }

  #connect(store: Store): RuntimeMode {
    const { openLive, place } = this.#options;
    if (this.#live !== undefined) return "realtime";
    if (openLive === undefined || !place.settings.hasWebSocket) return "batch";
    if (this.#stopping !== undefined) return "batch";
    this.#live = openLive(store, () => this.wake());
    return "realtime";
  }

  #startBackground(store: Store): void {
    const { onPass } = this.#options;
    this.#background = new Background(this.#host, {
      ...(onPass === undefined ? {} : { onPass }),
      pass: (signal) => this.#passAndConnect(store, signal),
      intervalMs: this.#options.place.settings.intervalMs,
      gapMs: () => this.#live?.isOpen === true ? 0 : GAP_MS,
      onError: (error) => void this.#warn("Delivery failed", error),
    });
    this.#background.wake();
  }

  /** Whoever could not sign in at first gets the socket once that works. */
  async #passAndConnect(
    store: Store,
    signal: AbortSignal,
  ): Promise<PassReport> {
    const report = await this.#pass(store, { signal, deadlineMs: PASS_MS });
    if (report.stoppedBecause === "done") {
      this.#enter({ kind: "running", mode: this.#connect(store) });
    }
    return report;
  }

  async #pass(
    store: Store,
    limits: Partial<DrainOptions>,
  ): Promise<PassReport> {
    const { place, tokens } = this.#options;
    const { size, limits: room, keepBodiesMs } = place.settings;
    return await drain(this.#host, store, {
      role: "background",
      leaseWaitMs: 0,
      isAsked: false,
      ...{ tokens, size, limits: room, keepBodiesMs },
      maxBatches: PASS_BATCHES,
      ...limits,
      ...(this.#live === undefined ? {} : { live: this.#live }),
    });
  }

  #openStore(): Store {
    if (this.#store !== undefined) return this.#store;
    const { place, lifetime } = this.#options;
    const opened = this.#sink.openedStore;
    // At the end of a short process nobody captures any more; a long one must
    // not make capturing wait for delivery.
    if (lifetime === "short" && opened !== undefined) return opened;
    this.#store = openQueue(this.#host, place);
    return this.#store;
  }

  async #stop(deadlineMs: number): Promise<StopReport> {
    // Even without any time, both have to be told.
    const budget = createBudget(this.#host, Math.max(1, deadlineMs));
    this.#state = { kind: "stopping" };
    const [background, live] = [this.#background, this.#live];
    // A short program has neither, and its end waits for no timer.
    await Promise.all([
      background && budget.attempt(
        { name: "background", ms: Math.max(1, deadlineMs / 2) },
        () => background.stop(),
      ),
      live && budget.attempt(
        { name: "socket", ms: LIVE_STOP_MS },
        () => live.stop(LIVE_STOP_MS),
      ),
    ]);
    const flushed = await budget.attempt(
      { name: "last pass", ms: FLUSH_DEADLINE_MS, graceMs: FLUSH_GRACE_MS },
      (signal) => this.#flush(signal),
    );
    this.close();
    this.#state = { kind: "stopped" };
    const ms = Math.round(budget.usedMs());
    return { flushed, troubles: budget.troubles, ms };
  }

  /** What is new goes to the daemon, or a little of it straight away. */
  async #flush(signal: AbortSignal): Promise<PassReport | undefined> {
    if (!this.#hasNews || !this.#verdict().isAllowed) return undefined;
    const { tokens, place } = this.#options;
    if (await this.#hasDaemon()) return undefined;
    const store = this.#openStore();
    const { finalFlush } = place.settings;
    if (!mayFlush(this.#host, store, finalFlush)) return undefined;
    if (isProblem(await tokens.current())) return undefined;
    return await this.#pass(store, {
      signal,
      deadlineMs: FLUSH_DEADLINE_MS,
      // The end of a program is no time for tidying up.
      ...{ asksLimits: false, keepBodiesMs: Infinity },
    });
  }
}
