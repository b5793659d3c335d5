/**
 * Who may deliver the events of a project: one at a time. The file lock keeps
 * others out and goes with its process; the token in the queue keeps out
 * whoever lost the lock without knowing.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { acquireLock } from "../state/lock.ts";
import type { Store } from "./store.ts";

/** How long a lease counts as alive without being renewed. */
export const LEASE_MS = 30_000;

/** The right to deliver, until it is disposed of. */
export interface Lease extends Disposable {
  /** Grows with each holder; every change of a delivery states it. */
  readonly token: number;
}

/** What delivers. */
export type LeaseRole = "command" | "background" | "daemon";

/** Who holds a lease, as far as it is known. */
export interface LeaseHolder {
  readonly [column: string]: string | number;
  /** Process. */
  readonly pid: number;
  /** What it is. */
  readonly role: string;
  /** Epoch milliseconds until which it has said to be alive. */
  readonly "expires_at": number;
}

/** Thrown when another process has taken the lease over. */
export class LeaseLost extends Error {
  /** Creates the error. */
  constructor() {
    super("Cannot go on delivering: another process has taken over");
    this.name = "LeaseLost";
  }
}

/** Takes the lease, waiting at most `waitMs`; `busy` tells who has it. */
export async function acquireLease(
  host: Pick<Host, "clock" | "files" | "env">,
  store: Store,
  options: { readonly role: LeaseRole; readonly waitMs: number },
): Promise<Lease | { readonly busy: LeaseHolder | undefined }> {
  let lock;
  try {
    lock = await acquireLock(host, store.paths.lock, {
      waitMs: options.waitMs,
    });
  } catch (error) {
    if (!(error instanceof KnownError) || error.code !== "lock_busy") {
      throw error;
    }
    return { busy: readHolder(store) };
  }
  if (lock === "not_needed") return { busy: undefined };
  try {
    const token = takeToken(host, store, options.role);
    return { token, [Symbol.dispose]: () => lock[Symbol.dispose]() };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/** Who holds or last held the lease. */
export function readHolder({ db }: Store): LeaseHolder | undefined {
  return db.get<LeaseHolder>(
    "SELECT pid, role, expires_at FROM leases WHERE name = 'drain'",
  );
}

function takeToken(
  host: Pick<Host, "clock" | "env">,
  { db }: Store,
  role: LeaseRole,
): number {
  const { pid } = host.env;
  const row = db.get<{ token: number }>(
    `INSERT INTO leases (name, owner, token, expires_at, pid, role)
     VALUES ('drain', ?, 1, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET token = token + 1,
       owner = excluded.owner, expires_at = excluded.expires_at,
       pid = excluded.pid, role = excluded.role
     RETURNING token`,
    `${pid}`,
    host.clock.now() + LEASE_MS,
    pid,
    role,
  );
  if (row === undefined) throw new TypeError("Cannot take a lease: no row");
  return row.token;
}

/**
 * Proves inside a transaction that the lease is still ours, and renews it.
 *
 * @throws {LeaseLost} when it is not.
 */
export function proveLease(
  { db }: Store,
  lease: Pick<Lease, "token">,
  nowMs: number,
): void {
  const changed = db.run(
    "UPDATE leases SET expires_at = ? WHERE name = 'drain' AND token = ?",
    nowMs + LEASE_MS,
    lease.token,
  );
  if (changed !== 1) throw new LeaseLost();
}
