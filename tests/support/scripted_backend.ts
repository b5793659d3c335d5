/**
 * A backend for the tests of workers: plays jobs, writes every call down, and
 * fails or waits when it is told to.
 *
 * @module
 */

import type { ClaimRequest, Settled } from "../../src/jobs/backend.ts";
import type { WorkerLine } from "../../src/jobs/handler.ts";
import type { Claim, JobRules, Settlement } from "../../src/jobs/job.ts";
import type { WorkBackend, WorkHost } from "../../src/jobs/worker.ts";
import type { JsonValue } from "../../src/state/json_value.ts";
import { FakeClock } from "./fake_clock.ts";

/** The queue of such a backend. */
export const QUEUE = "work";

/** A clock that knows who waits for it. */
export class CountingClock extends FakeClock {
  /** Calls of `sleep` and `later` that are not over. */
  open = 0;

  /** Counts until the sleep is over. */
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.open++;
    const slept = super.sleep(ms, signal);
    const close = () => void this.open--;
    slept.then(close, close);
    return slept;
  }

  /** Counts until the callback is called or disposed of. */
  override later(ms: number, callback: () => void): Disposable {
    this.open++;
    let isOpen = true;
    const close = () => {
      if (isOpen) this.open--;
      isOpen = false;
    };
    const timer = super.later(ms, () => {
      close();
      callback();
    });
    return {
      [Symbol.dispose]: () => {
        close();
        timer[Symbol.dispose]();
      },
    };
  }
}

/** One call of a backend. */
export type BackendCall =
  | { readonly call: "claim"; readonly limit: number }
  | {
    readonly call: "settle";
    readonly ids: readonly string[];
    readonly limit: number | undefined;
  }
  | { readonly call: "heartbeat"; readonly ids: readonly string[] }
  | { readonly call: "progress"; readonly id: string }
  | { readonly call: "wait" };

const RULES: JobRules = {
  attempts: 3,
  backoff: { type: "fixed", baseMs: 1000, capMs: 1000, jitter: "none" },
  timeoutMs: 0,
  expiresAt: 0,
};

/** Plays the jobs of one queue. */
export class ScriptedBackend implements WorkBackend {
  readonly tenant = "acme";
  /** As a disk of ours, unless a test says otherwise. */
  capabilities = { durable: true, shared: false, notifies: false };
  /** Every call, in order. */
  readonly calls: BackendCall[] = [];
  /** What was settled, in order. */
  readonly settled: Settlement[] = [];
  /** Words of progress. */
  readonly words: JsonValue[] = [];
  /** Tokens that somebody else has taken. */
  readonly lost = new Set<string>();
  /** Called before each call does anything; may wait or throw. */
  before: (call: BackendCall) => Promise<void> | void = () => {};
  readonly #ready: Claim[] = [];
  readonly #held = new Map<string, Claim>();
  #claims = 0;
  #wake = Promise.withResolvers<void>();

  /** Ids of the jobs that nobody has claimed. */
  get ready(): readonly string[] {
    return this.#ready.map(({ id }) => id);
  }

  /** Tokens of the claims that are held. */
  get held(): readonly string[] {
    return [...this.#held.keys()];
  }

  /** Kinds of what was settled for a job. */
  kindsOf(id: string): readonly string[] {
    return this.settled.filter(({ claim }) => claim.id === id)
      .map(({ kind }) => kind);
  }

  /** How often something was called. */
  count(call: BackendCall["call"]): number {
    return this.calls.filter((one) => one.call === call).length;
  }

  /** Adds jobs. */
  add(
    ids: readonly string[],
    rules: Partial<JobRules> = {},
    more: Partial<Pick<Claim, "attempts" | "body">> = {},
  ): void {
    for (const id of ids) {
      this.#ready.push({
        queue: QUEUE,
        id,
        token: "",
        body: "{}",
        attempts: 0,
        createdAt: 0,
        rules: { ...RULES, ...rules },
        ...more,
      });
    }
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async claim(request: ClaimRequest): Promise<readonly Claim[]> {
    await this.#note({ call: "claim", limit: request.limit });
    return this.#take(request);
  }

  async settle(
    settlements: readonly Settlement[],
    next?: ClaimRequest,
  ): Promise<Settled> {
    const ids = settlements.map(({ claim }) => claim.id);
    await this.#note({ call: "settle", ids, limit: next?.limit });
    const results = settlements.map((settlement) => {
      const { token } = settlement.claim;
      if (this.lost.has(token) || !this.#held.delete(token)) return "lost";
      this.settled.push(settlement);
      return "settled";
    });
    return { results, claims: next === undefined ? [] : this.#take(next) };
  }

  async heartbeat(claims: readonly Claim[]): Promise<readonly boolean[]> {
    await this.#note({ call: "heartbeat", ids: claims.map(({ id }) => id) });
    return claims.map(({ token }) =>
      this.#held.has(token) && !this.lost.has(token)
    );
  }

  async progress(claim: Claim, value: JsonValue): Promise<boolean> {
    await this.#note({ call: "progress", id: claim.id });
    if (this.lost.has(claim.token)) return false;
    this.words.push(value);
    return true;
  }

  async waitForWork(_queue: string, signal: AbortSignal): Promise<void> {
    await this.#note({ call: "wait" });
    if (signal.aborted || this.#ready.length > 0) return;
    const aborted = Promise.withResolvers<void>();
    const abort = () => aborted.resolve();
    signal.addEventListener("abort", abort);
    await Promise.race([this.#wake.promise, aborted.promise]);
    signal.removeEventListener("abort", abort);
  }

  async #note(call: BackendCall): Promise<void> {
    this.calls.push(call);
    await this.before(call);
  }

  #take({ limit }: ClaimRequest): readonly Claim[] {
    return this.#ready.splice(0, limit).map((job) => {
      const claim = { ...job, token: `t${++this.#claims}` };
      this.#held.set(claim.token, claim);
      return claim;
    });
  }
}

/** What the tests of workers share. */
export interface WorkerWorld {
  /** Its clock tells who waits. */
  readonly host: WorkHost & { readonly clock: CountingClock };
  /** Plays the jobs. */
  readonly backend: ScriptedBackend;
  /** What the worker said. */
  readonly lines: WorkerLine[];
  /** Option that collects them. */
  readonly onLine: (line: WorkerLine) => void;
}

/** A world without workers and jobs. */
export function workerWorld(): WorkerWorld {
  const lines: WorkerLine[] = [];
  return {
    host: {
      clock: new CountingClock(),
      random: { hex: (bytes) => "8".padEnd(bytes * 2, "0") },
    },
    backend: new ScriptedBackend(),
    lines,
    onLine: (line) => void lines.push(line),
  };
}
