/**
 * A daemon's delivery in a fake world: several projects, one server.
 *
 * @module
 */

import { readConfig } from "../../src/config/read_config.ts";
import type { Log } from "../../src/host/host.ts";
import { DEFAULT_LIMITS } from "../../src/queue/capacity.ts";
import { optIn } from "../../src/queue/consent.ts";
import { Emitter } from "../../src/queue/emitter.ts";
import { createRegistry } from "../../src/queue/registry.ts";
import { ProjectSink } from "../../src/queue/sink.ts";
import { openStore, type Store } from "../../src/queue/store.ts";
import { statePaths } from "../../src/state/paths.ts";
import {
  type ProjectPaths,
  projectPaths,
} from "../../src/state/project_paths.ts";
import { Courier, type CourierOptions } from "../../src/sync/courier.ts";
import type { DrainHost } from "../../src/sync/drain_options.ts";
import { syncSettings } from "../../src/sync/sync_settings.ts";
import { type FakeHost, FakeWorld } from "./fake_host.ts";
import { queueHostOf } from "./fake_queue.ts";
import { FakeReceiver, FakeTokens } from "./fake_receiver.ts";
import { ORIGIN, ROOT, TASK_TYPES } from "./tasks.ts";

/** How a project differs from a plain one. */
export interface FakeProjectOptions {
  /** Whether it has opted in. @default true */
  readonly hasConsent?: boolean;
  /** Whether programs of it may deliver by themselves. @default true */
  readonly allowsBackground?: boolean;
}

/** One project of many. */
export class FakeProject {
  /** Its id. */
  readonly id: string;
  /** Its files. */
  readonly paths: ProjectPaths;
  readonly #host: DrainHost;
  readonly #emitter: Emitter;

  /** Makes its queue. */
  constructor(host: DrainHost, id: string, options: FakeProjectOptions) {
    this.id = id;
    this.#host = host;
    this.paths = projectPaths({ root: ROOT }, id);
    const store = this.open();
    if (options.hasConsent ?? true) optIn(store, "ada", host.clock.now());
    store.db.close();
    const { allowsBackground = true } = options;
    this.#emitter = new Emitter(host, {
      registry: createRegistry(TASK_TYPES),
      sink: new ProjectSink(host, {
        root: ROOT,
        projectId: id,
        paths: this.paths,
        limits: DEFAULT_LIMITS,
        overflow: "spill",
        allowsBackground,
      }),
      origin: () => ({ ...ORIGIN, projectId: id }),
      isOff: false,
      warn: () => {},
    });
  }

  /** Opens its queue once more. */
  open(): Store {
    const opening = openStore(this.#host, {
      root: ROOT,
      projectId: this.id,
      paths: this.paths,
    });
    if (opening.kind === "open") return opening.store;
    throw new Error(`Cannot open the queue: ${opening.kind}`);
  }

  /** Emits so many events and gives their ids. */
  emit(count = 1): readonly string[] {
    return Array.from({ length: count }, (_, at) => {
      const outcome = this.#emitter.emit("TaskChanged", {
        aggregateId: `t${at}`,
        payload: {},
      });
      if (outcome.kind === "captured") return outcome.eventId;
      throw new Error(`Cannot capture: ${JSON.stringify(outcome)}`);
    });
  }

  /** Whether there is a mark that something waits. */
  get isMarked(): boolean {
    return this.#host.blocking.stat(this.paths.pending) !== undefined;
  }

  /** How many events are delivered. */
  get delivered(): number {
    const store = this.open();
    const row = store.db.get<{ n: number }>("SELECT delivered AS n FROM meta");
    store.db.close();
    return row?.n ?? 0;
  }
}

/** A courier and what is around it. */
export class FakeCourier {
  /** The world around it. */
  readonly world: FakeWorld;
  /** Its process. */
  readonly host: FakeHost;
  /** Its server. */
  readonly server = new FakeReceiver();
  /** Its sign-in. */
  readonly tokens = new FakeTokens();
  /** Lines of its log. */
  readonly lines: string[] = [];
  /** The courier. */
  readonly courier: Courier;
  readonly #drainHost: DrainHost;
  #projects = 0;

  /** Joins a host; {@linkcode fakeCourier} is easier. */
  constructor(
    host: FakeHost,
    drainHost: DrainHost,
    options: Partial<CourierOptions>,
  ) {
    this.world = host.world;
    this.host = host;
    this.#drainHost = drainHost;
    this.world.web.respond = this.server.respond;
    const note = (level: string) => (message: string) =>
      void this.lines.push(`${level} ${message}`);
    const log: Log = {
      info: note("info"),
      warn: note("warn"),
      error: note("error"),
      close: () => Promise.resolve(),
    };
    this.courier = new Courier(drainHost, {
      paths: statePaths(ROOT),
      settings: () => syncSettings(readConfig(host, { root: ROOT })),
      tokens: () => this.tokens,
      log,
      ...options,
    });
  }

  /** Makes one more project. */
  project(options: FakeProjectOptions = {}): FakeProject {
    const number = String(++this.#projects).padStart(12, "0");
    const id = `6f1c3c1e-6c2b-4f0e-9a55-${number}`;
    return new FakeProject(this.#drainHost, id, options);
  }
}

/** A courier that has not begun. */
export async function fakeCourier(
  options: Partial<CourierOptions> = {},
): Promise<FakeCourier> {
  const host = new FakeWorld().host();
  const { clock, env, files, web } = host;
  const drainHost = { ...await queueHostOf(host), clock, env, files, web };
  return new FakeCourier(host, drainHost, options);
}
