/** Processes that look like the daemons of old Spec Kitty releases. */

import {
  type ShapedNature,
  type Started,
  startShaped,
} from "#support/population.ts";
import type { Sandbox } from "#support/sandbox.ts";

/** The owner record that all daemons of a root share. */
export type SharedOwner = Readonly<Record<string, unknown>>;

/** How one legacy daemon differs from a plain one. */
export interface LegacyNature {
  /** Port that it listens on. */
  readonly port: number;
  /** Version that it states. @default "3.2.2" */
  readonly version?: string;
  /** Token in its argument vector. @default {@linkcode TOKEN} */
  readonly argvToken?: string;
  /** Port in its argument vector. @default its port */
  readonly argvPort?: number;
  /** Owner block of its health; without one it reports itself. */
  readonly owner?: SharedOwner;
  /** More keys of its health. */
  readonly health?: Readonly<Record<string, unknown>>;
  /** Scope marker. @default that of the sandbox's root */
  readonly marker?: string;
  /** What it does when it is asked to stop. */
  readonly shutdown?: Pick<ShapedNature, "shutdownLog" | "shutdownStatus">;
}

/** Control token of all these daemons. */
export const TOKEN = "0123456789abcdef0123456789abcdef";

/** The root of the other product in a sandbox. */
export function kittyRoot(sandbox: Pick<Sandbox, "env">): string {
  return sandbox.env["SPEC_KITTY_HOME"] ?? "";
}

/** Starts a process with the shape and health of release 3.2.0 to 3.2.3. */
export function startLegacy(
  sandbox: Sandbox,
  nature: LegacyNature,
): Promise<Started> {
  const { port, version = "3.2.2", argvToken = TOKEN } = nature;
  const call = `run_sync_daemon(${nature.argvPort ?? port}, '${argvToken}')`;
  const script = `import os\nos.environ['X'] = '1'\n${call}\n`;
  const marker = nature.marker ??
    `--spec-kitty-daemon-root=${kittyRoot(sandbox)}`;
  const owner = nature.owner ?? ownerFields(version);
  const health = {
    status: "ok",
    token: TOKEN,
    "protocol_version": 1,
    "package_version": version,
    sync: { running: true, "last_sync": null, "consecutive_failures": 0 },
    "websocket_status": "Offline",
    owner: { ...owner, token: "<redacted>" },
    ...nature.health,
  };
  const shape = ["-c", script, ...(marker === "" ? [] : [marker])];
  return startShaped(sandbox, { port, health, ...nature.shutdown }, shape);
}

/** An owner record without pid and port. */
export function ownerFields(version: string): SharedOwner {
  return {
    "auth_principal": null,
    "auth_scope": null,
    "auth_team": null,
    "executable_path": "/usr/bin/python3",
    "package_version": version,
    "queue_db_path": "/queue.db",
    "server_url": "https://example.invalid",
    "source_checkout_path": "/opt/kitty",
    "started_at": "2026-01-02T03:04:05+00:00",
    token: TOKEN,
  };
}

/** Writes the shared owner record and returns it. */
export async function writeSharedOwner(
  sandbox: Sandbox,
  writer: { readonly pid: number; readonly port: number },
): Promise<SharedOwner> {
  const { pid, port } = writer;
  const owner = { ...ownerFields("3.2.3"), pid, port };
  const directory = `${kittyRoot(sandbox)}/sync/daemon`;
  await Deno.mkdir(directory, { recursive: true });
  const sorted = Object.fromEntries(
    Object.entries(owner).toSorted(([a], [b]) => a < b ? -1 : 1),
  );
  const text = JSON.stringify(sorted, null, 2) + "\n";
  await Deno.writeTextFile(`${directory}/owner.json`, text);
  return owner;
}

/** Writes the state file of the other product. */
export async function writeKittyState(
  sandbox: Sandbox,
  lines: readonly (number | string)[],
): Promise<void> {
  await Deno.mkdir(kittyRoot(sandbox), { recursive: true });
  const text = lines.map((line) => `${line}\n`).join("");
  await Deno.writeTextFile(`${kittyRoot(sandbox)}/sync-daemon`, text);
}
