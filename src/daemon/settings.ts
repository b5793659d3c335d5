/**
 * The person's settings that the daemon part needs.
 *
 * @module
 */

import type { KeyName } from "../config/keys.ts";
import { readConfig, requireSound } from "../config/read_config.ts";
import type { Host } from "../host/host.ts";
import type { StatePaths } from "../state/paths.ts";
import type { BackgroundDaemonPolicy } from "./start_gate.ts";

/** Settings that decide about the daemon. */
export interface DaemonSettings {
  /** Whether programs may start the daemon in the background. */
  readonly policy: BackgroundDaemonPolicy;
  /** Server that events are delivered to, when one is configured. */
  readonly serverUrl: string | undefined;
  /** What is wrong with the settings without being fatal. */
  readonly warnings: readonly string[];
}

const OURS: readonly KeyName[] = ["sync.daemon", "sync.server_url"];

/**
 * Reads what the settings say about the daemon. Other keys may be wrong.
 *
 * @throws {KnownError} `usage`, `damaged_file`, `newer_file` or `unreadable`
 * when they cannot be used: a fault never counts as a default.
 */
export function readSettings(
  host: Pick<Host, "env" | "blocking">,
  paths: Pick<StatePaths, "root">,
): DaemonSettings {
  const config = readConfig(host, { root: paths.root });
  requireSound(config, OURS);
  return {
    policy: config.get("sync.daemon"),
    serverUrl: config.get("sync.server_url"),
    warnings: config.warnings,
  };
}
