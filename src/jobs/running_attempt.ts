/**
 * One attempt at a job, from its begin until its handler has really returned.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import type { Clock } from "../host/host.ts";
import type { JsonValue } from "../state/json_value.ts";
import { AttemptAborted, type AttemptEnd, endOf, GivenUp } from "./attempt.ts";
import type { Handler, RunningJob } from "./handler.ts";
import type { Claim } from "./job.ts";

/** What an attempt needs of its worker. */
export interface AttemptWorker {
  /** Time. */
  readonly clock: Pick<Clock, "later">;
  /** Whose jobs these are. */
  readonly tenant: string;
  /** Writes a handler's line. */
  readonly log: (claim: Claim, line: string) => void;
  /** Keeps a word of progress; never rejects. */
  readonly keep: (attempt: RunningAttempt, value: JsonValue) => Promise<void>;
  /** Told once how the attempt is to be settled. */
  readonly onEnd: (attempt: RunningAttempt, end: AttemptEnd) => void;
  /** Told once that the handler does not run any more. */
  readonly onReturn: () => void;
}

/** An attempt that a worker holds the claim for. */
export class RunningAttempt {
  /** The claim. */
  readonly claim: Claim;
  /** Elapsed milliseconds until which the claim is surely held. */
  leaseUntil: number;
  /** Whether a call to settle it is under way. */
  isSettling = false;
  readonly #worker: AttemptWorker;
  #isOver = false;
  #isStopping = false;
  #controller: AbortController | undefined;
  #aborted: AttemptAborted | undefined;
  #timer: Disposable | undefined;
  #word: { readonly value: JsonValue } | undefined;
  #writing: Promise<void> | undefined;

  /** Makes an attempt that has not begun. */
  constructor(worker: AttemptWorker, claim: Claim, leaseUntil: number) {
    this.#worker = worker;
    this.claim = claim;
    this.leaseUntil = leaseUntil;
  }

  /** Whether it is decided how it ends; its handler may still run. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Calls the handler; whatever that does comes back through the worker. */
  begin(handler: Handler): void {
    let data: JsonValue;
    try {
      data = JSON.parse(this.claim.body);
    } catch (error) {
      const why = `The payload is not JSON: ${messageOf(error)}`;
      return this.#return({ kind: "bad_payload", why });
    }
    this.#startTimer();
    let value: unknown;
    let isPromise: boolean;
    try {
      value = handler(this.#toJob(data));
      isPromise = isThenable(value);
    } catch (error) {
      return this.#return(endOf(error));
    }
    if (!isPromise) return this.#return({ kind: "completed", value });
    Promise.resolve(value).then(
      (result) => this.#return({ kind: "completed", value: result }),
      (error) => this.#return(endOf(error)),
    );
  }

  /** Ends it without calling a handler. */
  refuse(end: AttemptEnd): void {
    this.#return(end);
  }

  /** Ends it as `end` although its handler may still run. */
  end(end: AttemptEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#worker.onEnd(this, end);
  }

  /** Tells the handler to stop; it may still end well. */
  stop(reason: AttemptAborted): void {
    this.#isStopping = true;
    this.#abort(reason);
  }

  /** Another worker has the job now: however this ends does not count. */
  lose(): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#abort(
      new AttemptAborted(
        "lost",
        `Job ${this.claim.id} was lost: its lease ran out, and another worker may run it`,
      ),
    );
  }

  #return(end: AttemptEnd): void {
    this.#worker.onReturn();
    // A handler that was told to stop and threw has only obeyed.
    const hasObeyed = end.kind === "threw" && this.#isStopping;
    this.end(hasObeyed ? { kind: "stopped" } : end);
  }

  #startTimer(): void {
    const { timeoutMs } = this.claim.rules;
    if (timeoutMs === 0) return;
    this.#timer = this.#worker.clock.later(timeoutMs, () => {
      // What the handler does when it hears of it is not how it ended.
      this.end({ kind: "timed_out" });
      this.#abort(
        new AttemptAborted(
          "timeout",
          `Job ${this.claim.id} took longer than ${timeoutMs} ms`,
        ),
      );
    });
  }

  #abort(reason: AttemptAborted): void {
    this.#aborted ??= reason;
    this.#controller?.abort(this.#aborted);
  }

  /** Most handlers look at no signal, and making one takes time. */
  #signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted !== undefined) this.#controller.abort(this.#aborted);
    return this.#controller.signal;
  }

  #toJob(data: JsonValue): RunningJob {
    const { claim } = this;
    const { tenant } = this.#worker;
    const readSignal = () => this.#signal();
    return {
      id: claim.id,
      queue: claim.queue,
      tenant,
      data,
      attempt: claim.attempts + 1,
      maxAttempts: claim.rules.attempts,
      idempotencyKey: `${tenant}/${claim.queue}/${claim.id}`,
      get signal() {
        return readSignal();
      },
      progress: (value) => this.#tellProgress(value),
      log: (line) => this.#worker.log(claim, line),
      giveUp: (why) => {
        throw new GivenUp(why);
      },
    };
  }

  /** Words that come while one is being written: only the last counts. */
  #tellProgress(value: JsonValue): Promise<void> {
    this.#word = { value };
    this.#writing ??= this.#writeProgress();
    return this.#writing;
  }

  async #writeProgress(): Promise<void> {
    while (this.#word !== undefined && !this.#isOver) {
      const { value } = this.#word;
      this.#word = undefined;
      await this.#worker.keep(this, value);
    }
    this.#writing = undefined;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null) return false;
  if (typeof value !== "object" && typeof value !== "function") return false;
  return typeof (value as { readonly then?: unknown }).then === "function";
}
