/**
 * What a sync runtime takes and tells.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Registry } from "../queue/registry.ts";
import type { Store } from "../queue/store.ts";
import type { AutoStartReason } from "./auto_start.ts";
import type { DrainHost, LivePublisher } from "./drain_options.ts";
import type { PassReport } from "./pass_report.ts";
import type { SyncPlace } from "./project_sync.ts";
import type { TokenSource } from "./token_source.ts";

/** A WebSocket as a runtime sees it. */
export interface RuntimeSocket extends LivePublisher {
  /** Closes it within so many milliseconds. */
  stop(deadlineMs: number): Promise<void>;
}

/** What a runtime needs of the world. */
export type RuntimeHost = DrainHost & Pick<Host, "clock" | "env" | "web">;

/** How a runtime works. */
export interface RuntimeOptions {
  /** The directory that events come from. */
  readonly place: SyncPlace;
  /** Types that events may have. */
  readonly registry: Registry;
  /**
   * A `short` process only captures, nudges the daemon, and delivers a little
   * when it ends; a `long` one delivers while it runs.
   */
  readonly lifetime: "short" | "long";
  /** What the program says that it needs. @default "remote" */
  readonly intent?: "local_only" | "remote";
  /** Gives tokens. */
  readonly tokens: TokenSource;
  /** Asks a running daemon to deliver; `false` when there is none. */
  readonly nudgeDaemon?: () => Promise<boolean>;
  /** Opens the WebSocket; without it delivery goes by HTTP. */
  readonly openLive?: (store: Store, wake: () => void) => RuntimeSocket;
  /** Told about each pass in the background; must not throw. */
  readonly onPass?: (report: PassReport) => void;
  /** Told about trouble, once about each; a sentence for a person. */
  readonly warn: (message: string) => void;
}

/** How delivery goes. */
export type RuntimeMode = "queue_only" | "batch" | "realtime" | "delegated";

/** Where a runtime is in its life. */
export type RuntimeState =
  | { readonly kind: "idle" | "starting" | "stopping" | "stopped" }
  | { readonly kind: "running"; readonly mode: RuntimeMode }
  | {
    readonly kind: "denied";
    readonly reason: AutoStartReason | "runtime_fault";
    readonly detail: string;
  };

/** What stopping did. */
export interface StopReport {
  /** Whether a last pass ran, and what it did. */
  readonly flushed: PassReport | undefined;
  /** Steps that failed or took too long, in words. */
  readonly troubles: readonly string[];
  /** How long it took, in milliseconds. */
  readonly ms: number;
}
