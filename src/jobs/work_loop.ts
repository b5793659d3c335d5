/**
 * Claims jobs, has them run, settles them. Handlers that end together are
 * settled together, in the same call that claims what comes next.
 *
 * @module
 */

import { type AttemptEnd, lostResult, settleAttempt } from "./attempt.ts";
import type { ClaimRequest, Settled } from "./backend.ts";
import { Breath } from "./breath.ts";
import { ClaimWish } from "./claim_wish.ts";
import type { WorkerHandle } from "./handler.ts";
import { HeldClaims } from "./held_claims.ts";
import type { Claim, Settlement } from "./job.ts";
import { keepProgress } from "./progress.ts";
import { type AttemptWorker, RunningAttempt } from "./running_attempt.ts";
import { Trouble } from "./trouble.ts";
import { WorkerLines } from "./worker_lines.ts";
import type { WorkBackend, WorkHost, WorkOptions } from "./work_options.ts";

/** Jobs that a worker has ended, by how. */
export type WorkCounts = WorkerHandle["counts"];

/** Handlers that end within so many steps of each other end together. */
const GATHER_STEPS = 16;

const COUNT_OF = {
  complete: "completed",
  dead: "dead",
  retry: "retried",
  return: "returned",
} as const satisfies Record<Settlement["kind"], keyof WorkCounts>;

/** An attempt that has ended and how to settle it. */
interface Ended {
  readonly attempt: RunningAttempt;
  readonly settlement: Settlement;
}

/** Works from its creation until it is closed and has settled everything. */
export class WorkLoop {
  /** Settles when nothing is left to do; never rejects. */
  readonly done: Promise<void>;
  /** Jobs it has ended. */
  readonly counts: { -readonly [K in keyof WorkCounts]: number } = {
    completed: 0,
    dead: 0,
    lost: 0,
    retried: 0,
    returned: 0,
  };
  readonly #host: WorkHost;
  readonly #backend: WorkBackend;
  readonly #options: WorkOptions;
  readonly #lines: WorkerLines;
  readonly #trouble: Trouble;
  readonly #held: HeldClaims;
  readonly #wish: ClaimWish;
  readonly #worker: AttemptWorker;
  readonly #closed = new AbortController();
  readonly #abandoned = new AbortController();
  #ended: Ended[] = [];
  #running = 0;
  #wakeUp: (() => void) | undefined;
  #tellQuiet: (() => void) | undefined;
  readonly #breath: Breath;

  /** Starts to work. */
  constructor(host: WorkHost, backend: WorkBackend, options: WorkOptions) {
    const { clock } = host;
    this.#host = host;
    this.#backend = backend;
    this.#options = options;
    const lines = new WorkerLines(options);
    const trouble = new Trouble((text) => lines.trouble(text));
    this.#lines = lines;
    this.#trouble = trouble;
    this.#held = new HeldClaims({
      clock,
      backend,
      leaseMs: options.leaseMs,
      trouble,
      onLost: (attempt) => this.#lose(attempt),
    });
    this.#wish = new ClaimWish({
      ...options,
      clock,
      backend,
      trouble,
      signal: this.#closed.signal,
      wake: () => this.#wake(),
    });
    this.#worker = {
      clock,
      tenant: backend.tenant,
      log: (claim, line) => lines.log(line, claim.id),
      keep: async (attempt, value) => {
        const how = { backend, lines, trouble };
        const kept = await keepProgress(how, attempt.claim, value);
        if (kept === "lost" && !attempt.isOver) this.#lose(attempt);
      },
      onEnd: (attempt, end) => this.#end(attempt, end),
      onReturn: () => {
        this.#running--;
        this.#wish.free();
        this.#wake();
      },
    };
    this.#breath = new Breath(clock);
    this.done = this.#run();
  }

  /** Handlers that run. */
  get running(): number {
    return this.#running;
  }

  /** Attempts whose end is not decided. */
  get unended(): readonly RunningAttempt[] {
    return this.#held.unended;
  }

  /** Claims nothing more; what is claimed just now goes back. */
  close(): void {
    this.#closed.abort();
    this.#wish.release();
    this.#wake();
  }

  /** Settles when the end of every attempt is decided. */
  quiet(): Promise<void> {
    if (this.unended.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#tellQuiet = resolve;
    });
  }

  /**
   * Tries no longer to settle; gives how many claims are left to run out.
   */
  abandon(): number {
    const { size } = this.#held;
    this.#abandoned.abort();
    this.counts.lost += size;
    this.#held.clear();
    this.#wake();
    return size;
  }

  async #run(): Promise<void> {
    while (!this.#isDone()) {
      // Whoever starts a worker gets its handle before anything happens.
      await this.#gather();
      await this.#breath.take();
      const ended = this.#ended.splice(0);
      const { aborted } = this.#closed.signal;
      const wish = aborted ? undefined : this.#wish.next(ended.length > 0);
      if (ended.length > 0 || wish !== undefined) {
        await this.#exchange(ended, wish);
      } else if (!this.#isDone()) {
        await new Promise<void>((resolve) => {
          this.#wakeUp = resolve;
        });
      }
    }
  }

  #isDone(): boolean {
    if (this.#abandoned.signal.aborted) return true;
    return this.#closed.signal.aborted && this.#held.size === 0;
  }

  #wake(): void {
    this.#wakeUp?.();
    this.#wakeUp = undefined;
  }

  /** Lets others end that are about to. */
  async #gather(): Promise<void> {
    for (let step = 0; step < GATHER_STEPS; step++) {
      if (this.#ended.length === 0 || this.#running === 0) return;
      await null;
    }
  }

  async #exchange(
    ended: readonly Ended[],
    wish: ClaimRequest | undefined,
  ): Promise<void> {
    const leaseUntil = this.#host.clock.elapsed() + this.#options.leaseMs;
    for (const { attempt } of ended) attempt.isSettling = true;
    let settled: Settled;
    try {
      settled = await this.#ask(ended, wish);
    } catch (error) {
      if (wish !== undefined) this.#wish.fail(wish);
      this.#keepForLater(ended);
      const waitMs = this.#trouble.failed("claim or settle", error);
      await this.#pause(waitMs);
      return;
    }
    // Nobody waits for what a call brings that has outlasted the stop.
    if (this.#abandoned.signal.aborted) return;
    this.#trouble.worked("claim or settle");
    ended.forEach((one, at) => this.#count(one, settled.results[at]));
    if (wish !== undefined) this.#wish.grant(wish, settled.claims.length);
    for (const claim of settled.claims) this.#begin(claim, leaseUntil);
    this.#held.update();
  }

  async #ask(
    ended: readonly Ended[],
    wish: ClaimRequest | undefined,
  ): Promise<Settled> {
    if (ended.length === 0 && wish !== undefined) {
      return { results: [], claims: await this.#backend.claim(wish) };
    }
    const settlements = ended.map(({ settlement }) => settlement);
    return await this.#backend.settle(settlements, wish);
  }

  /** What could not be settled is tried again while its lease lasts. */
  #keepForLater(ended: readonly Ended[]): void {
    for (const { attempt } of ended) attempt.isSettling = false;
    this.#ended = [...ended, ...this.#ended];
    const now = this.#host.clock.elapsed();
    for (const { attempt } of ended) {
      if (attempt.leaseUntil <= now) this.#lose(attempt);
    }
  }

  async #pause(ms: number): Promise<void> {
    // Closing cuts a wait short, but only the first one.
    const { signal } = this.#closed.signal.aborted
      ? this.#abandoned
      : this.#closed;
    await this.#host.clock.sleep(ms, signal);
  }

  #begin(claim: Claim, leaseUntil: number): void {
    const attempt = new RunningAttempt(this.#worker, claim, leaseUntil);
    this.#held.add(attempt);
    const { expiresAt } = claim.rules;
    this.#running++;
    if (this.#closed.signal.aborted) {
      attempt.refuse({ kind: "stopped" });
    } else if (expiresAt > 0 && this.#host.clock.now() >= expiresAt) {
      attempt.refuse({ kind: "expired" });
    } else {
      attempt.begin(this.#options.handler);
    }
  }

  #end(attempt: RunningAttempt, end: AttemptEnd): void {
    const mayRetry = end.kind === "threw" || end.kind === "timed_out";
    const settlement = settleAttempt(attempt.claim, end, {
      nowMs: this.#host.clock.now(),
      random: mayRetry ? this.#random() : 0,
    });
    const problem = lostResult(end, settlement);
    if (problem !== undefined) {
      const text = `The result is not kept: ${problem}`;
      this.#lines.trouble(text, attempt.claim.id);
    }
    this.#ended.push({ attempt, settlement });
    this.#wake();
    this.#checkQuiet();
  }

  #count({ attempt, settlement }: Ended, result: string | undefined): void {
    this.#held.delete(attempt);
    const isSettled = result === "settled";
    this.counts[isSettled ? COUNT_OF[settlement.kind] : "lost"]++;
  }

  #lose(attempt: RunningAttempt): void {
    this.#held.delete(attempt);
    this.#held.update();
    this.#ended = this.#ended.filter((one) => one.attempt !== attempt);
    this.counts.lost++;
    const text = "The job is lost: its lease has run out, and it runs again";
    this.#lines.trouble(text, attempt.claim.id);
    attempt.lose();
    this.#wake();
    this.#checkQuiet();
  }

  #checkQuiet(): void {
    if (this.#tellQuiet !== undefined && this.unended.length === 0) {
      this.#tellQuiet();
    }
  }

  #random(): number {
    return Number.parseInt(this.#host.random.hex(6), 16) / 2 ** 48;
  }
}
