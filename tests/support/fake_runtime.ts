/**
 * A program with a sync runtime in a fake world: its project, its settings, its
 * server.
 *
 * @module
 */

import { optIn } from "../../src/queue/consent.ts";
import type { EmitOutcome } from "../../src/queue/event.ts";
import { createRegistry } from "../../src/queue/registry.ts";
import { openStore, type Store } from "../../src/queue/store.ts";
import { projectPaths } from "../../src/state/project_paths.ts";
import { findPlace } from "../../src/sync/project_sync.ts";
import { SyncRuntime } from "../../src/sync/runtime.ts";
import type {
  RuntimeHost,
  RuntimeOptions,
} from "../../src/sync/runtime_options.ts";
import { type FakeHost, FakeWorld } from "./fake_host.ts";
import { queueHostOf } from "./fake_queue.ts";
import { FakeReceiver, FakeTokens } from "./fake_receiver.ts";
import { PROJECT_ID, ROOT, TASK_TYPES } from "./tasks.ts";

/** How a program differs from a plain one. */
export interface FakeRuntimeOptions extends Partial<RuntimeOptions> {
  /** Lines of the project's file; without any there is no project. */
  readonly project?: string | undefined;
  /** Whether the project has opted in. @default true */
  readonly hasConsent?: boolean;
  /** The person's settings below `sync`, or the text of their file. */
  readonly config?: Readonly<Record<string, unknown>> | string;
  /** Variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Awaited before each effect of the process. */
  readonly gate?: (operation: string) => Promise<unknown>;
}

/** A program with a runtime. */
export class FakeRuntime {
  /** The world around it. */
  readonly world: FakeWorld;
  /** Its process. */
  readonly host: FakeHost;
  /** Its server. */
  readonly server = new FakeReceiver();
  /** Its sign-in. */
  readonly tokens = new FakeTokens();
  /** What people were told. */
  readonly warnings: string[] = [];
  /** Its files. */
  readonly paths = projectPaths({ root: ROOT }, PROJECT_ID);
  /** Its runtime. */
  readonly runtime: SyncRuntime;
  readonly #runtimeHost: RuntimeHost;

  /** Joins a host; {@linkcode fakeRuntime} is easier. */
  constructor(
    host: FakeHost,
    runtimeHost: RuntimeHost,
    options: FakeRuntimeOptions,
  ) {
    this.world = host.world;
    this.host = host;
    this.#runtimeHost = runtimeHost;
    this.world.web.respond = this.server.respond;
    if (options.hasConsent ?? true) this.#optIn();
    this.runtime = new SyncRuntime(runtimeHost, {
      place: findPlace(host),
      registry: createRegistry(TASK_TYPES),
      lifetime: "long",
      tokens: this.tokens,
      warn: (message) => void this.warnings.push(message),
      ...options,
    });
  }

  /** Opens the queue as somebody else. */
  open(): Store {
    const opening = openStore(this.#runtimeHost, {
      root: ROOT,
      projectId: PROJECT_ID,
      paths: this.paths,
    });
    if (opening.kind === "open") return opening.store;
    throw new Error(`Cannot open the queue: ${opening.kind}`);
  }

  /** Emits one event. */
  emit(aggregateId = "t"): EmitOutcome {
    return this.runtime.emitter.emit("TaskChanged", {
      aggregateId,
      payload: {},
    });
  }

  /** Whether there is a queue on disk. */
  get hasQueue(): boolean {
    return this.host.blocking.stat(this.paths.queue) !== undefined;
  }

  /** How many events are in which state; what has no row is `new`. */
  states(): Readonly<Record<string, number>> {
    const rows = this.open().db.all<{ state: string; n: number }>(
      `SELECT coalesce(d.state, 'new') AS state, count(*) AS n
         FROM events LEFT JOIN deliveries d USING (seq)
        GROUP BY 1 ORDER BY 1`,
    );
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  }

  #optIn(): void {
    const store = this.open();
    optIn(store, "ada", this.host.clock.now());
    store.db.close();
  }
}

/** A program in a project that has opted in. */
export async function fakeRuntime(
  options: FakeRuntimeOptions = {},
): Promise<FakeRuntime> {
  const world = new FakeWorld();
  const { project = `REEVE_PROJECT_ID=${PROJECT_ID}\n`, config } = options;
  if (!("project" in options) || options.project !== undefined) {
    world.disk.put("/home/ada/code/.reeve", project);
  }
  if (config !== undefined) {
    const text = typeof config === "string"
      ? config
      : JSON.stringify({ "schema_version": 1, sync: config });
    world.disk.put(`${ROOT}/config.json`, text);
  }
  const { env = {}, gate } = options;
  const host = world.host({ env, ...(gate === undefined ? {} : { gate }) });
  const { files, web } = host;
  const queueHost = await queueHostOf(host);
  const { clock } = host;
  const runtimeHost = { ...queueHost, clock, env: host.env, files, web };
  return new FakeRuntime(host, runtimeHost, options);
}
