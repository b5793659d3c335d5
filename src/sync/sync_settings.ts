/**
 * The settings that capturing and delivering follow, out of all settings.
 *
 * @module
 */

import type { Config } from "../config/read_config.ts";
import type { KeyName } from "../config/keys.ts";
import type { QueueLimits } from "../queue/capacity.ts";
import type { OverflowPolicy } from "../queue/sink.ts";
import type { BatchSize } from "./batch_size.ts";

/** Settings of the sync part. */
export interface SyncSettings {
  /** Whether events are captured at all, and whether they may go anywhere. */
  readonly mode: "local" | "teamspace" | "external" | "off";
  /** Server that events go to. */
  readonly serverUrl: string | undefined;
  /** Workspace, when the person names one. */
  readonly workspace: string | undefined;
  /** Whether a program may start networking by itself; unset if undefined. */
  readonly autoStart: boolean | undefined;
  /** Whether each event is flushed. */
  readonly durability: "full" | "relaxed";
  /** What a full or busy queue means. */
  readonly overflow: OverflowPolicy;
  /** Limits of the queue. */
  readonly limits: QueueLimits;
  /** How long bodies of delivered events are kept, in milliseconds. */
  readonly keepBodiesMs: number;
  /** Most that one request may hold. */
  readonly size: BatchSize;
  /** Whether a program tries to deliver when it ends. */
  readonly finalFlush: "auto" | "never";
  /** Time between two looks of the background, in milliseconds. */
  readonly intervalMs: number;
  /** Whether a WebSocket may be used. */
  readonly hasWebSocket: boolean;
  /** Age of waiting events that a person should hear of; 0 for never. */
  readonly stallWarningMs: number;
  /** Facts that events may carry. */
  readonly privacy: readonly string[];
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Keys that decide whether anything may leave; faults there close the way. */
export const GATE_KEYS: readonly KeyName[] = [
  "sync.auto_start",
  "sync.mode",
  "sync.server_url",
];

/** Reads them out of all settings. */
export function syncSettings(config: Config): SyncSettings {
  const mode = config.get("sync.mode");
  return {
    mode,
    serverUrl: mode === "external"
      ? config.get("sync.external.endpoint")
      : config.get("sync.server_url"),
    workspace: config.get("sync.workspace"),
    autoStart: config.get("sync.auto_start"),
    durability: config.get("sync.durability"),
    overflow: config.get("sync.overflow"),
    limits: {
      maxRows: config.get("sync.max_rows"),
      maxBytes: config.get("sync.max_bytes"),
      minFreeBytes: config.get("sync.min_free_disk"),
    },
    keepBodiesMs: config.get("sync.retain_days") * DAY_MS,
    size: {
      maxEvents: config.get("sync.batch.max_events"),
      maxBytes: config.get("sync.batch.max_bytes"),
    },
    finalFlush: config.get("sync.final_flush"),
    intervalMs: config.get("sync.interval_s") * 1000,
    hasWebSocket: config.get("sync.websocket"),
    stallWarningMs: config.get("sync.stall_warning"),
    privacy: config.get("sync.privacy.include"),
  };
}
