/**
 * Starting and stopping a queue: first what must be allowed, then whether it
 * could work, then the backend. Both can be called at any time and any number
 * of times; calls for one backend take effect in their order.
 *
 * Test mode is only ever said by the caller. A variable of the environment
 * could not switch the look at the backend off in production.
 *
 * @module
 */

import { KnownError, messageOf } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type {
  QueueBackend,
  Startable,
  StopOptions,
  StopReport,
} from "./backend.ts";
import {
  failedCheck,
  type Failure,
  type Named,
  notReady,
  readinessWarning,
  unusable,
} from "./not_ready_text.ts";
import { QueueNotReadyError, type Readiness } from "./readiness.ts";

/** A backend as far as starting it goes. */
export type RuntimeBackend = Startable & Named;

/** What to do about a backend that is not ready. */
export type ReadyRule =
  /** Do not start. */
  | "fail"
  /** Say so and start. */
  | "warn"
  /** Do not look. */
  | "skip"
  /** Look again until so many milliseconds are over, then do not start. */
  | { readonly waitMs: number };

/** How to start. */
export interface RuntimeOptions<B extends RuntimeBackend = QueueBackend> {
  /** What to start. */
  readonly backend: B;
  /** Throws when the queue must not be used; asked before anything else. */
  readonly policy?: () => Promise<void> | void;
  /** Looks at the backend. @default its own `checkReady` */
  readonly readiness?: (backend: B) => Promise<Readiness>;
  /** What to do when it is not ready. @default "fail" */
  readonly require?: ReadyRule;
  /** Whether this is a test, which does not look at the backend. */
  readonly isTest?: boolean;
  /** Whether this is a build for production, where a test is worth a warning. */
  readonly isProduction?: boolean;
  /** Told what is not as it should be; a line for a person. */
  readonly onWarning?: (text: string) => void;
  /** Ends waiting for a backend to be ready. */
  readonly signal?: AbortSignal;
}

/** A queue that has been started. */
export interface Runtime<B extends RuntimeBackend = QueueBackend> {
  /** What was started. */
  readonly backend: B;
  /** What the look at it gave; `undefined` when nobody looked. */
  readonly readiness: Readiness | undefined;
}

type Clocked = Pick<Host, "clock">;

/** The last thing that was asked for a backend, done or under way. */
type Last =
  | {
    readonly kind: "start";
    readonly done: Promise<Runtime<RuntimeBackend>>;
    readonly hurry: AbortController;
  }
  | { readonly kind: "stop"; readonly done: Promise<StopReport> };

const lasts = new WeakMap<Startable, Last>();
const warned = new WeakSet<Startable>();

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;

/**
 * Starts a queue. A start that is under way or done is shared, whatever the
 * options of the later call are.
 *
 * @throws {QueueNotReadyError} when it must not, is not ready or does not
 * start; nothing is left open then.
 */
export function startRuntime<B extends RuntimeBackend>(
  host: Pick<Host, "clock">,
  options: RuntimeOptions<B>,
): Promise<Runtime<B>> {
  const { backend } = options;
  const last = lasts.get(backend);
  // What is kept for a backend was started with that backend.
  if (last?.kind === "start") return last.done as Promise<Runtime<B>>;
  const hurry = new AbortController();
  const signals = [hurry.signal, options.signal].filter((one) =>
    one !== undefined
  );
  const signal = AbortSignal.any(signals);
  const done = follow(last, () => begin(host, options, signal));
  keep(backend, { kind: "start", done, hurry });
  return done;
}

/**
 * Stops a queue, after a start that is under way; one that waits for its
 * backend to be ready waits no more. A stop that is under way or done is
 * shared; one that has failed can be tried again.
 */
export function stopRuntime(
  { backend, ...options }: { readonly backend: Startable } & StopOptions,
): Promise<StopReport> {
  const last = lasts.get(backend);
  if (last?.kind === "stop") return last.done;
  last?.hurry.abort();
  const done = follow(last, () => backend.stop(options));
  keep(backend, { kind: "stop", done });
  return done;
}

async function follow<T>(
  last: Last | undefined,
  act: () => Promise<T>,
): Promise<T> {
  // Whoever asked for that has heard of its failure.
  await last?.done.catch(() => {});
  return await act();
}

/** A failure is forgotten, so that the next call tries again. */
function keep(backend: Startable, last: Last): void {
  lasts.set(backend, last);
  last.done.catch(() => {
    if (lasts.get(backend) === last) lasts.delete(backend);
  });
}

async function begin<B extends RuntimeBackend>(
  host: Clocked,
  options: RuntimeOptions<B>,
  hurry: AbortSignal,
): Promise<Runtime<B>> {
  const { backend } = options;
  const step = async (failure: Omit<Failure, "detail">, act: () => unknown) => {
    const began = host.clock.elapsed();
    try {
      await act();
    } catch (error) {
      throw explain(backend, failure, error, host.clock.elapsed() - began);
    }
  };
  await step(
    { check: "policy", code: "QUEUE_POLICY" },
    () => options.policy?.(),
  );
  const readiness = await lookIfDue(host, options, hurry);
  try {
    await step(
      { check: "start", code: unusable(backend.kind) },
      () => backend.start(),
    );
  } catch (error) {
    // It failed already; a backend that cannot even stop adds nothing.
    await backend.stop().catch(() => {});
    throw error;
  }
  return { backend, readiness };
}

function explain(
  backend: RuntimeBackend,
  failure: Omit<Failure, "detail">,
  error: unknown,
  ms: number,
): QueueNotReadyError {
  if (error instanceof QueueNotReadyError) return error;
  const hint = error instanceof KnownError ? error.hint : undefined;
  const detail = messageOf(error);
  return notReady(backend, { ...failure, detail, hint, cause: error }, ms);
}

async function lookIfDue<B extends RuntimeBackend>(
  host: Clocked,
  options: RuntimeOptions<B>,
  hurry: AbortSignal,
): Promise<Readiness | undefined> {
  const { backend, require = "fail", onWarning } = options;
  if (options.isTest === true) {
    if (options.isProduction === true && !warned.has(backend)) {
      warned.add(backend);
      onWarning?.(
        "The job queue starts in test mode in a production build: " +
          `nobody looks whether ${backend.kind} is ready`,
      );
    }
    return undefined;
  }
  if (require === "skip") return undefined;
  const began = host.clock.elapsed();
  const first = await look(host, options, began);
  const { readiness, error } = typeof require === "object"
    ? await lookAgain(host, options, { first, began, hurry, ...require })
    : first;
  if (error !== undefined && require !== "warn") throw error;
  if (error !== undefined) onWarning?.(error.message);
  for (const check of readiness?.checks ?? []) {
    if (check.level === "warn") onWarning?.(readinessWarning(check));
  }
  return readiness;
}

/** What one look has given. */
interface Look {
  readonly readiness: Readiness | undefined;
  readonly error: QueueNotReadyError | undefined;
}

async function look<B extends RuntimeBackend>(
  host: Clocked,
  { backend, readiness: ask }: RuntimeOptions<B>,
  began: number,
): Promise<Look> {
  const spentMs = () => host.clock.elapsed() - began;
  try {
    const readiness = await (ask?.(backend) ?? backend.checkReady());
    const failure = failedCheck(backend, readiness);
    const error = failure && notReady(backend, failure, spentMs());
    return { readiness, error };
  } catch (error) {
    const failure = { check: "readiness", code: unusable(backend.kind) };
    return {
      readiness: undefined,
      error: explain(backend, failure, error, spentMs()),
    };
  }
}

/** Services of one machine start in any order: the backend may be on its way. */
async function lookAgain<B extends RuntimeBackend>(
  host: Clocked,
  options: RuntimeOptions<B>,
  { first, began, hurry, waitMs }: {
    readonly first: Look;
    readonly began: number;
    readonly hurry: AbortSignal;
    readonly waitMs: number;
  },
): Promise<Look> {
  let last = first;
  let pauseMs = FIRST_WAIT_MS;
  while (last.error !== undefined) {
    const leftMs = began + waitMs - host.clock.elapsed();
    if (leftMs <= 0) break;
    if (last === first) {
      const until = `trying again for ${waitMs} ms`;
      options.onWarning?.(`${last.error.message}; ${until}`);
    }
    await host.clock.sleep(Math.min(pauseMs, leftMs), hurry);
    if (hurry.aborted) break;
    pauseMs = Math.min(2 * pauseMs, LONGEST_WAIT_MS);
    last = await look(host, options, began);
  }
  return last;
}
