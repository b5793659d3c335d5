/**
 * The person's settings that the daemon part needs.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { readDocument, requireDocument } from "../state/document.ts";
import type { StatePaths } from "../state/paths.ts";
import { type BackgroundDaemonPolicy, readPolicy } from "./start_gate.ts";

/** Settings that decide about the daemon. */
export interface DaemonSettings {
  /** Whether programs may start the daemon in the background. */
  readonly policy: BackgroundDaemonPolicy;
  /** Server that events are delivered to, when one is configured. */
  readonly serverUrl: string | undefined;
  /** What is wrong with the settings without being fatal. */
  readonly warnings: readonly string[];
}

const ADVICE = "Correct the file, or move it away to use the defaults.";

async function loadSchema() {
  return (await import("./schema.ts")).settingsSchema;
}

/**
 * Reads `config.json` of the state root; `REEVE_SYNC_DAEMON` and
 * `REEVE_SERVER_URL` win over it.
 *
 * @throws {KnownError} `damaged_file` or `unreadable` when it cannot be used:
 * a fault never counts as a default.
 */
export async function readSettings(
  host: Pick<Host, "env" | "files">,
  paths: StatePaths,
): Promise<DaemonSettings> {
  const read = await readDocument(host, paths.config, loadSchema);
  const sync = read.kind === "missing"
    ? undefined
    : requireDocument(read, paths.config, ADVICE).sync;
  const fromEnv = host.env.get("REEVE_SYNC_DAEMON");
  const origin = fromEnv === undefined
    ? `sync.daemon in ${paths.config}`
    : "REEVE_SYNC_DAEMON";
  const policy = readPolicy(fromEnv ?? sync?.daemon);
  if (policy.kind === "error") {
    throw new KnownError("usage", `Cannot use ${origin}: ${policy.message}`, {
      hint: "Write auto or manual.",
    });
  }
  return {
    policy: policy.policy,
    serverUrl: host.env.get("REEVE_SERVER_URL") ?? sync?.server_url,
    warnings: policy.kind === "warning" ? [`${origin} ${policy.message}`] : [],
  };
}
