/**
 * Where the events of a project go, and how that goes: binding, circuit,
 * learned limits, the last pass.
 *
 * @module
 */

import { addAudit } from "./audit.ts";
import type { Store } from "./store.ts";

/** Why nothing is sent although there is something, until a person acts. */
export type PauseReason =
  | "auth_required"
  | "auth_unreadable"
  | "endpoint_missing"
  | "forbidden"
  | "not_admitted"
  | "protocol"
  | "redirected"
  | "workspace_missing";

/** The row of the target. */
export interface Target {
  readonly [column: string]: string | number | null;
  readonly url: string | null;
  readonly workspace: string | null;
  readonly account: string | null;
  readonly "paused_reason": string | null;
  readonly "paused_detail": string | null;
  readonly "paused_at": number | null;
  readonly circuit: string;
  readonly "next_attempt_at": number;
  readonly failures: number;
  readonly "last_error_code": string | null;
  readonly "last_error": string | null;
  readonly "server_max_events": number | null;
  readonly "server_max_bytes": number | null;
  readonly "limits_at": number | null;
  readonly "hint_events": number | null;
  readonly "hint_bytes": number | null;
  readonly "clean_batches": number;
  readonly "last_pass_at": number | null;
  readonly "last_success_at": number | null;
  readonly "last_pass": string | null;
  readonly "acked_lamport": number;
}

/** Reads the target. */
export function readTarget({ db }: Store): Target {
  const row = db.get<Target>("SELECT * FROM target WHERE id = 1");
  if (row === undefined) throw new TypeError("Cannot read the target: no row");
  return row;
}

/** Who receives from now on. */
export interface Binding {
  readonly url: string;
  readonly workspace: string | null;
  readonly account: string | null;
}

/**
 * Binds the target to a server, account and workspace. What is not delivered
 * yet goes there; what is delivered stays where it was. A change forgets what
 * was learned of the former one.
 */
export function bindTarget(
  store: Store,
  binding: Binding,
  nowMs: number,
): Target {
  return store.db.transaction(() => {
    const before = readTarget(store);
    const isSame = before.url === binding.url &&
      before.workspace === binding.workspace &&
      before.account === binding.account;
    if (isSame) return before;
    store.db.run(
      `UPDATE target SET url = ?, workspace = ?, account = ?, circuit = 'closed',
         paused_reason = NULL, paused_detail = NULL, paused_at = NULL,
         next_attempt_at = 0, failures = 0, last_error_code = NULL,
         last_error = NULL, server_max_events = NULL, server_max_bytes = NULL,
         limits_at = NULL, hint_events = NULL, hint_bytes = NULL,
         clean_batches = 0, acked_lamport = 0`,
      binding.url,
      binding.workspace,
      binding.account,
    );
    const { url, workspace, account } = before;
    const former = { url, workspace, account };
    addAudit(store, "reeve", "bind_target", { ...binding, former }, nowMs);
    return readTarget(store);
  });
}

/** Fields of the target that a pass may change. */
export type TargetChange = {
  readonly [K in Exclude<keyof Target, "url" | "workspace" | "account">]?:
    Target[K];
};

/** Changes some fields of the target. */
export function changeTarget({ db }: Store, change: TargetChange): void {
  const fields = Object.keys(change);
  if (fields.length === 0) return;
  const values = fields.map((field) => change[field] ?? null);
  const sets = fields.map((field) => `${field} = ?`).join(", ");
  db.run(`UPDATE target SET ${sets} WHERE id = 1`, ...values);
}
