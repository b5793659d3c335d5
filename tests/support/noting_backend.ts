/**
 * A queue backend that notes what is done to it, and does what it is told.
 *
 * @module
 */

import { assertRejects } from "@std/assert";
import type { StopOptions, StopReport } from "../../src/jobs/backend.ts";
import {
  QueueNotReadyError,
  type Readiness,
} from "../../src/jobs/readiness.ts";
import {
  type Runtime,
  type RuntimeBackend,
  type RuntimeOptions,
  startRuntime,
  stopRuntime,
} from "../../src/jobs/runtime.ts";
import { FakeClock } from "./fake_clock.ts";

/** All is well. */
export const READY: Readiness = { ok: true, checks: [], latencyMs: 1 };
/** What stopping gives. */
export const REPORT: StopReport = { finished: 1, returned: 2, ms: 3 };

/** Nobody answers. */
export function refusing(detail = "connection refused"): Readiness {
  const code = "QUEUE_REDIS_UNREACHABLE";
  return {
    ok: false,
    checks: [{ check: "reachable", level: "fail", code, detail }],
    latencyMs: 1,
  };
}

type Act = () => Promise<void> | void;

/** A backend that notes what is done to it. */
export class NotingBackend implements RuntimeBackend {
  readonly kind = "redis";
  readonly place = "redis://127.0.0.1:6379";
  readonly tenant = "_default";
  /** What was done to it. */
  readonly calls: string[] = [];
  /** How it was stopped. */
  readonly stops: (StopOptions | undefined)[] = [];
  /** What a look at it gives. */
  onCheck: () => Readiness = () => READY;
  /** What starting does. */
  onStart: Act = () => {};
  /** What stopping does. */
  onStop: Act = () => {};

  /** Looks. */
  checkReady(): Promise<Readiness> {
    this.calls.push("readiness");
    return Promise.resolve(this.onCheck());
  }

  /** Starts. */
  async start(): Promise<void> {
    this.calls.push("start");
    await this.onStart();
    this.calls.push("started");
  }

  /** Stops. */
  async stop(options?: StopOptions): Promise<StopReport> {
    this.calls.push("stop");
    this.stops.push(options);
    await this.onStop();
    return REPORT;
  }
}

type Options = Omit<RuntimeOptions<NotingBackend>, "backend">;

/** A backend with a clock, and what starts and stops it. */
export interface NotedRuntime {
  /** Time. */
  readonly clock: FakeClock;
  /** The backend. */
  readonly backend: NotingBackend;
  /** What was done to it. */
  readonly calls: string[];
  /** What a person was told. */
  readonly warnings: readonly string[];
  /** Starts it. */
  readonly start: (options?: Options) => Promise<Runtime<NotingBackend>>;
  /** Stops it. */
  readonly stop: (options?: StopOptions) => Promise<StopReport>;
}

/** Makes a backend that nobody has started. */
export function notedRuntime(): NotedRuntime {
  const clock = new FakeClock();
  const backend = new NotingBackend();
  const warnings: string[] = [];
  return {
    clock,
    backend,
    warnings,
    calls: backend.calls,
    start: (options: Options = {}) =>
      startRuntime({ clock }, {
        backend,
        onWarning: (text) => warnings.push(text),
        ...options,
      }),
    stop: (options: StopOptions = {}) => stopRuntime({ backend, ...options }),
  };
}

/** The error that starting ends with. */
export function refusal(
  act: Promise<unknown>,
): Promise<QueueNotReadyError> {
  return assertRejects(() => act, QueueNotReadyError);
}
