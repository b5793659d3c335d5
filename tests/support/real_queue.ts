/**
 * A queue on the real disk, for tests and for the programs that they start.
 *
 * @module
 */

import "./c_library.ts";
import { denoBlockingFiles } from "../../src/host/deno_blocking_files.ts";
import { denoDatabases } from "../../src/host/deno_databases.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { DEFAULT_LIMITS, type QueueLimits } from "../../src/queue/capacity.ts";
import { type Batch, claimBatch } from "../../src/queue/claim.ts";
import { Emitter } from "../../src/queue/emitter.ts";
import { importOverflow } from "../../src/queue/import_overflow.ts";
import { parseOverflow } from "../../src/queue/overflow.ts";
import { createRegistry } from "../../src/queue/registry.ts";
import {
  requeueDue,
  settleBatch,
  type Verdict,
} from "../../src/queue/settle.ts";
import { ProjectSink, type SinkOptions } from "../../src/queue/sink.ts";
import {
  openStore,
  type QueueHost,
  type Store,
} from "../../src/queue/store.ts";
import {
  type ProjectPaths,
  projectPaths,
} from "../../src/state/project_paths.ts";
import { ORIGIN, PROJECT_ID, TASK_TYPES } from "./tasks.ts";

const { clock, random, env } = denoHost;

/** The machine as the queue sees it. */
export const realQueueHost: QueueHost = {
  clock,
  random,
  env,
  blocking: denoBlockingFiles,
  databases: denoDatabases,
};

/** How a real queue differs from a plain one. */
export interface RealQueueOptions
  extends Partial<Pick<SinkOptions, "durability" | "overflow" | "projectId">> {
  /** Limits other than the usual ones. */
  readonly limits?: Partial<QueueLimits>;
  /** The machine, if something about it is not real. */
  readonly host?: QueueHost;
}

/** A queue on the real disk. */
export class RealQueue implements Disposable {
  readonly host: QueueHost;
  readonly root: string;
  readonly paths: ProjectPaths;
  readonly limits: QueueLimits;
  readonly sink: ProjectSink;
  readonly emitter: Emitter;
  readonly warnings: string[] = [];
  readonly #options: RealQueueOptions;
  #store: Store | undefined;
  #batches = 0;

  /** Opens nothing yet. */
  constructor(root: string, options: RealQueueOptions = {}) {
    const { projectId = PROJECT_ID, host = realQueueHost } = options;
    this.host = host;
    this.root = root;
    this.paths = projectPaths({ root }, projectId);
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#options = options;
    this.sink = new ProjectSink(host, {
      root,
      projectId,
      paths: this.paths,
      limits: this.limits,
      overflow: options.overflow ?? "spill",
      durability: options.durability ?? "full",
    });
    this.emitter = new Emitter(host, {
      registry: createRegistry(TASK_TYPES),
      sink: this.sink,
      origin: () => ({ ...ORIGIN, projectId }),
      isOff: false,
      warn: (message) => void this.warnings.push(message),
    });
  }

  /** The queue as whoever delivers has opened it. */
  get store(): Store {
    if (this.#store !== undefined) return this.#store;
    const opening = openStore(this.host, {
      root: this.root,
      projectId: this.#options.projectId ?? PROJECT_ID,
      paths: this.paths,
      durability: this.#options.durability ?? "full",
    });
    if (opening.kind === "open") return this.#store = opening.store;
    throw new Error(`Cannot open the queue: ${JSON.stringify(opening)}`);
  }

  /** Takes the right to deliver, whoever has it. */
  takeLease(): { readonly token: number } {
    const row = this.store.db.get<{ token: number }>(
      `INSERT INTO leases (name, owner, token, expires_at, pid, role)
       VALUES ('drain', 'test', 1, 0, 1, 'command')
       ON CONFLICT (name) DO UPDATE SET token = token + 1 RETURNING token`,
    );
    return { token: row?.token ?? 0 };
  }

  /** Claims the next batch. */
  claim(lease: { readonly token: number }, maxEvents = 100): Batch | undefined {
    const nowMs = this.host.clock.now();
    return claimBatch(this.store, lease, {
      batchId: `${nowMs}-${lease.token}-${++this.#batches}`,
      maxEvents,
      maxBytes: 1_000_000,
      nowMs,
      target: { url: "https://sync.example", workspace: null, account: null },
    });
  }

  /** Settles a whole batch in one way. */
  settle(
    lease: { readonly token: number },
    batch: Batch,
    verdict: Verdict,
  ): void {
    const settlements = batch.events.map((event) => ({ event, verdict }));
    const nowMs = this.host.clock.now();
    settleBatch(this.store, lease, batch, settlements, {
      outcome: "ok",
      nowMs,
    });
  }

  /** Delivers all that can be delivered, and returns the ids in order. */
  deliverAll(): readonly string[] {
    const lease = this.takeLease();
    const nowMs = this.host.clock.now();
    requeueDue(this.store, lease, { nowMs, isAsked: true });
    const ids: string[] = [];
    for (let batch = this.claim(lease); batch !== undefined;) {
      ids.push(...batch.events.map(({ eventId }) => eventId));
      this.settle(lease, batch, { kind: "delivered" });
      batch = this.claim(lease);
    }
    return ids;
  }

  /** Moves the overflow file into the queue. */
  importOverflow(): ReturnType<typeof importOverflow> {
    const { host, store, paths, limits } = this;
    const nowMs = host.clock.now();
    return importOverflow(host, store, paths.overflow, { limits, nowMs });
  }

  /** Ids in the overflow file. */
  get spilled(): readonly string[] {
    try {
      const text = this.host.blocking.readText(
        this.paths.overflow,
        64 * 1024 * 1024,
      );
      return parseOverflow(text).drafts.map(({ eventId }) => eventId);
    } catch {
      return [];
    }
  }

  /** Files in the directory of the project. */
  get files(): readonly string[] {
    return this.host.blocking.list(this.paths.directory);
  }

  /** Closes what is open. */
  [Symbol.dispose](): void {
    this.sink.close();
    this.#store?.db.close();
  }
}

/** A directory that is a state root for one test. */
export async function makeRoot(): Promise<
  { readonly path: string } & AsyncDisposable
> {
  const path = await Deno.makeTempDir({ prefix: "reeve-queue-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Starts one of `tests/programs` with JSON as its argument. */
export function startQueueProgram(
  name: string,
  input: unknown,
  options: { readonly stdin?: "piped" | "null" } = {},
): Deno.ChildProcess {
  const path = new URL(`../programs/${name}.ts`, import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--no-prompt",
      "--quiet",
      path,
      JSON.stringify(input),
    ],
    stdin: options.stdin ?? "null",
    stdout: "piped",
    stderr: Deno.env.get("REEVE_TEST_STDERR") ? "inherit" : "null",
  }).spawn();
}
