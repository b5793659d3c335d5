/**
 * The work of the daemon process, loaded when there is some: a daemon that has
 * nothing to deliver stays as small as before.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import type { BodyHealth, DaemonBody } from "../daemon/body.ts";
import type { Host, Log } from "../host/host.ts";
import { HostError } from "../host/host.ts";
import type { StatePaths } from "../state/paths.ts";
import { pendingDirectory } from "../state/project_paths.ts";

/** How often an idle daemon looks for marks, in milliseconds. */
const LOOK_MS = 30_000;

const NOTHING_YET: BodyHealth = {
  isRunning: true,
  lastSyncAt: undefined,
  failures: 0,
  socket: "Offline",
};

/** Delivery that is loaded with the first thing to deliver. */
export class LazyBody implements DaemonBody {
  readonly #host: Host;
  readonly #paths: StatePaths;
  readonly #log: Log;
  #loading: Promise<void> | undefined;
  #loaded: DaemonBody | undefined;
  readonly #stop = new AbortController();
  #failures = 0;
  #isStopped = true;

  /** Makes a body that has not begun. */
  constructor(host: Host, paths: StatePaths, log: Log) {
    this.#host = host;
    this.#paths = paths;
    this.#log = log;
  }

  start(): void {
    this.#isStopped = false;
    this.#look();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stop.abort();
    await this.#loading;
    await this.#loaded?.stop();
  }

  hasWork(): boolean {
    if (this.#isStopped) return false;
    return this.#loaded?.hasWork() ?? this.#loading !== undefined;
  }

  lastWorkAt(): number {
    return this.#loaded?.lastWorkAt() ?? 0;
  }

  trigger(project: string | undefined): void {
    this.#load().then((body) => body?.trigger(project));
  }

  async publish(
    event: { readonly project: string; readonly id: string },
  ): Promise<"published" | "queued"> {
    const body = await this.#load();
    return await body?.publish(event) ?? "queued";
  }

  health(): BodyHealth {
    if (this.#isStopped) return { ...NOTHING_YET, isRunning: false };
    // Whoever asks a daemon that cannot deliver has to do it without it.
    const failures = this.#failures;
    const isRunning = failures === 0;
    return this.#loaded?.health() ?? { ...NOTHING_YET, isRunning, failures };
  }

  // A timer that keeps nothing alive would load Node's timers: four MiB.
  async #look(): Promise<void> {
    while (!this.#isStopped && this.#loaded === undefined) {
      if (this.#hasMarks()) await this.#load();
      if (this.#loaded === undefined) {
        await this.#host.clock.sleep(LOOK_MS, this.#stop.signal);
      }
    }
  }

  #hasMarks(): boolean {
    try {
      return this.#host.blocking.list(pendingDirectory(this.#paths)).length > 0;
    } catch (error) {
      if (error instanceof HostError) return false;
      throw error;
    }
  }

  async #load(): Promise<DaemonBody | undefined> {
    if (this.#isStopped) return undefined;
    this.#loading ??= this.#open();
    await this.#loading;
    return this.#loaded;
  }

  async #open(): Promise<void> {
    try {
      const { openCourier } = await import("./daemon_courier.ts");
      const body = await openCourier(this.#host, this.#paths, this.#log);
      if (this.#isStopped) return;
      body.start();
      this.#loaded = body;
    } catch (error) {
      this.#failures++;
      this.#loading = undefined;
      this.#log.error(`delivery cannot start: ${messageOf(error)}`);
    }
  }
}
