/**
 * A backend in a test: opened for it alone, with short words for what most
 * tests do.
 *
 * @module
 */

import { assertEquals, fail } from "@std/assert";
import type {
  JobEvent,
  QueueBackend,
  QueueStats,
} from "../../src/jobs/backend.ts";
import type {
  Claim,
  Enqueued,
  Job,
  JobError,
  JobOptions,
  Settlement,
  SettleResult,
} from "../../src/jobs/job.ts";
import type { JobLimits } from "../../src/jobs/limits.ts";
import type { JsonValue } from "../../src/state/json_value.ts";

/** A backend, and how to come by others on the same jobs. */
export interface OpenedBackend {
  /** A started one. */
  readonly backend: QueueBackend;
  /** Another started one, as another process would have it. */
  another(): Promise<QueueBackend>;
  /** Stops them all and removes what they kept. */
  dispose(): Promise<void>;
}

/** Opens an empty store for one test. */
export type OpenBackend = (
  options?: { readonly limits?: JobLimits },
) => Promise<OpenedBackend>;

/** Registers one test of a backend. */
export type CheckBackend = (
  text: string,
  test: (world: BackendWorld) => Promise<void>,
  options?: { readonly limits: JobLimits },
) => void;

/** The queue that tests use if they do not say another. */
export const QUEUE = "work";
/** A lease that runs out during a test. */
export const SHORT_LEASE_MS = 300;
/** A lease that does not. */
export const LONG_LEASE_MS = 60_000;
/** A wait that does not end during a test. */
export const HOUR_MS = 3_600_000;
/** Nothing takes so long; no test waits for it if all is well. */
export const HANG_MS = 30_000;
/** Why an attempt of a test failed. */
export const ERROR: JobError = { name: "TypeError", message: "it broke" };

/** Makes backends of one kind for one test. */
export async function openBackends(
  make: () => QueueBackend,
  cleanUp: () => Promise<void> = () => Promise.resolve(),
): Promise<OpenedBackend> {
  const made: QueueBackend[] = [];
  const another = async () => {
    const backend = make();
    made.push(backend);
    await backend.start();
    return backend;
  };
  return {
    backend: await another(),
    another,
    async dispose() {
      await Promise.all(
        made.map((backend) => backend.stop({ mode: "abort", deadlineMs: 500 })),
      );
      await cleanUp();
    },
  };
}

/** What a test of a backend works with. */
export class BackendWorld {
  /** The backend under test, started. */
  readonly backend: QueueBackend;
  /** Another one on the same jobs. */
  readonly another: () => Promise<QueueBackend>;
  /** One on other jobs. */
  readonly elsewhere: () => Promise<QueueBackend>;

  /** Makes the world of one test. */
  constructor(
    { backend, another }: OpenedBackend,
    elsewhere: () => Promise<QueueBackend>,
  ) {
    this.backend = backend;
    this.another = another;
    this.elsewhere = elsewhere;
  }

  /** Adds a job and gives its id. */
  async add(data: JsonValue, options: JobOptions = {}): Promise<string> {
    const added = await this.backend.enqueue(QUEUE, data, options);
    assertEquals(added.status, "enqueued");
    return added.id;
  }

  /** Adds a job under an id that is also its data. */
  addAs(id: string, options: JobOptions = {}): Promise<Enqueued> {
    return this.backend.enqueue(QUEUE, id, { ...options, id });
  }

  /** Claims up to so many jobs. */
  claim(
    limit = 1,
    leaseMs = LONG_LEASE_MS,
    backend: QueueBackend = this.backend,
  ): Promise<readonly Claim[]> {
    return backend.claim({ queue: QUEUE, limit, leaseMs });
  }

  /** Claims one job, which has to be there. */
  async claimOne(leaseMs?: number, backend?: QueueBackend): Promise<Claim> {
    const [claim] = await this.claim(1, leaseMs, backend);
    return claim ?? fail("there was no job to claim");
  }

  /** Claims until there is a job; that somebody vanished may be seen late. */
  async claimSoon(leaseMs?: number, backend?: QueueBackend): Promise<Claim> {
    for (const end = Date.now() + HANG_MS; Date.now() < end;) {
      const [claim] = await this.claim(1, leaseMs, backend);
      if (claim !== undefined) return claim;
      await pause(5);
    }
    return fail(`there was no job to claim for ${HANG_MS} ms`);
  }

  /** Ids in the order in which everything that is ready is claimed. */
  async claimIds(limit = 100): Promise<readonly string[]> {
    return (await this.claim(limit)).map(({ id }) => id);
  }

  /** Ends a claim. */
  async settle(
    settlement: Settlement,
    backend: QueueBackend = this.backend,
  ): Promise<SettleResult> {
    const { results, claims } = await backend.settle([settlement]);
    assertEquals([results.length, claims.length], [1, 0]);
    return results[0] ?? fail();
  }

  /** Ends a claim well. */
  complete(claim: Claim, result?: string): Promise<SettleResult> {
    return this.settle({ kind: "complete", claim, result });
  }

  /** Ends a claim for good. */
  kill(
    claim: Claim,
    reason: "expired" | "failed" | "given_up" | "stalled" | "timeout" =
      "failed",
  ): Promise<SettleResult> {
    return this.settle({ kind: "dead", claim, reason, error: ERROR });
  }

  /** Adds a job and lets it die; gives its id. */
  async addDead(
    id: string,
    reason: "expired" | "failed" | "given_up" | "stalled" | "timeout" =
      "failed",
  ): Promise<string> {
    await this.addAs(id, { priority: 100 });
    const claim = await this.claimOne();
    assertEquals(claim.id, id);
    assertEquals(await this.kill(claim, reason), "settled");
    return id;
  }

  /** A job, which has to be there. */
  async job(
    id: string,
    backend: QueueBackend = this.backend,
  ): Promise<Job> {
    return await backend.get(QUEUE, id) ?? fail(`there is no job ${id}`);
  }

  /** Counts of the queue. */
  async stats(
    queue = QUEUE,
    backend: QueueBackend = this.backend,
  ): Promise<QueueStats> {
    const stats = await backend.stats();
    return stats.find((one) => one.queue === queue) ??
      fail(`there is no queue ${queue}`);
  }

  /** What happens from now on. */
  watch(backend: QueueBackend = this.backend): Watch {
    const events: JobEvent[] = [];
    const watching = backend.subscribe((event) => events.push(event));
    return {
      events,
      [Symbol.dispose]: () => watching[Symbol.dispose](),
    };
  }
}

/** Events that were heard, until it is disposed of. */
export interface Watch extends Disposable {
  /** In the order of their being heard. */
  readonly events: readonly JobEvent[];
}

/** Lets real time pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets real time pass until a time of the wall clock is over. */
export async function pauseUntil(epochMs: number): Promise<void> {
  while (Date.now() <= epochMs) await pause(epochMs - Date.now() + 1);
}
