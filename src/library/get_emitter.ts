/**
 * The one accessor of a whole process: `getEmitter()` for programs that want to
 * say what happened and not think about it again. Everything is made on first
 * use; importing does nothing.
 *
 * @module
 */

import { createTokenSource } from "../auth/token_source.ts";
import { denoBlockingFiles } from "../host/deno_blocking_files.ts";
import { denoDatabases } from "../host/deno_databases.ts";
import { denoHost } from "../host/deno_host.ts";
import type { Emitter } from "../queue/emitter.ts";
import { createRegistry, type EventType } from "../queue/registry.ts";
import { openLiveChannel } from "../sync/live_channel.ts";
import { tokensByMode } from "../sync/mode_tokens.ts";
import { findPlace } from "../sync/project_sync.ts";
import type { RuntimeHost } from "../sync/runtime_options.ts";
import { SyncRuntime } from "../sync/runtime.ts";
import { nudgeDaemon } from "./nudge_daemon.ts";

/** How the runtime of a process works; the first call decides. */
export interface EmitterSetup {
  /** Event types of the program, beside the built-in ones. */
  readonly types?: readonly EventType[];
  /** Directory that events belong to. @default the working directory */
  readonly cwd?: string;
  /**
   * A `long` process delivers while it runs and has to call
   * `getRuntime().stop()` to end. @default "short"
   */
  readonly lifetime?: "short" | "long";
  /** Told about trouble, once about each. @default a line on stderr */
  readonly warn?: (message: string) => void;
}

let runtime: SyncRuntime | undefined;

/** The emitter of this process; the first call makes its runtime. */
export function getEmitter(setup: EmitterSetup = {}): Emitter {
  return getRuntime(setup).emitter;
}

/** The runtime of this process; the first call makes it. */
export function getRuntime(setup: EmitterSetup = {}): SyncRuntime {
  if (runtime !== undefined) return runtime;
  // Published only when it could be made: the next call tries again.
  const made = makeRuntime(setup);
  runtime = made;
  closeWithProcess(made);
  if (setup.lifetime === "long") made.start();
  return made;
}

/** The runtime of this process, if there is one; makes nothing. */
export function peekRuntime(): SyncRuntime | undefined {
  return runtime;
}

/** Ends the runtime of this process and forgets it. */
export async function resetForTests(): Promise<void> {
  const ended = runtime;
  runtime = undefined;
  await ended?.stop();
}

function makeRuntime(setup: EmitterSetup): SyncRuntime {
  const { clock, random, env, files, web } = denoHost;
  const host: RuntimeHost = {
    clock,
    random,
    env,
    files,
    web,
    blocking: denoBlockingFiles,
    databases: denoDatabases,
  };
  const place = findPlace(host, setup.cwd);
  const { serverUrl: server, workspace } = place.settings;
  const tokens = tokensByMode(
    env,
    place,
    () => createTokenSource(denoHost, place.paths, { server, workspace }),
  );
  return new SyncRuntime(host, {
    place,
    registry: createRegistry(setup.types),
    lifetime: setup.lifetime ?? "short",
    tokens,
    nudgeDaemon: () => nudgeDaemon(denoHost, place),
    openLive: (store, wake) =>
      openLiveChannel(host, {
        tokens,
        projectId: store.projectId,
        lastLamport: () => 0,
        onConnected: wake,
      }),
    warn: setup.warn ?? ((message) => denoHost.terminal.err(`${message}\n`)),
  });
}

/**
 * What is captured is on disk already. A process that ends by itself gets a
 * moment to deliver; one that is ended only closes its files.
 */
function closeWithProcess(made: SyncRuntime): void {
  let isStopping = false;
  globalThis.addEventListener("beforeunload", (event) => {
    if (isStopping || runtime !== made || !made.hasNews) return;
    isStopping = true;
    event.preventDefault();
    made.stop();
  });
  globalThis.addEventListener("unload", () => made.close());
}
