/**
 * Checks the target and the lease, and that the target is the one that the
 * audit tells of.
 *
 * @module
 */

import type { SqlRow } from "../host/databases.ts";
import type { Store } from "./store.ts";
import type { TargetFacts } from "./verify_batches.ts";
import type { Findings } from "./verify_findings.ts";
import { parseDetails } from "./verify_tables.ts";

const WORD = /^[a-z][a-z0-9_]*$/;

interface TargetRow extends SqlRow {
  readonly url: string | null;
  readonly workspace: string | null;
  readonly account: string | null;
  readonly circuit: string;
  readonly "paused_reason": string | null;
  readonly "paused_at": number | null;
  readonly "next_attempt_at": number;
  readonly failures: number;
  readonly "acked_lamport": number;
}

const CIRCUITS = ["closed", "open", "half"];
const ROLES = ["command", "background", "daemon"];

/** Checks target and lease, and tells what requests must agree with. */
export function checkTarget(findings: Findings, store: Store): TargetFacts {
  const { db } = store;
  const fault = (text: string) => findings.fault("V-017", text);
  const target = db.get<TargetRow>(
    `SELECT url, workspace, account, circuit, paused_reason, paused_at,
       next_attempt_at, failures, acked_lamport FROM target WHERE id = 1`,
  );
  const { last, urls } = readBindings(store);
  if (target === undefined) fault("there is no target");
  else {
    for (const text of judgeTarget(target)) fault(text);
    const { url, workspace, account } = target;
    const isSame = sameText([url, workspace, account], last);
    if (!isSame) fault("the audit tells of another target");
  }
  const leases = db.all<{ name: string; token: number; role: string }>(
    "SELECT name, token, role FROM leases",
  );
  for (const { name, token, role } of leases) {
    if (name !== "drain") fault(`nobody knows the lease ${name}`);
    if (token < 1 || !ROLES.includes(role)) fault("the lease is nobody's");
  }
  return { token: leases[0]?.token ?? 0, urls };
}

/** Every address that was bound, and the last binding. */
function readBindings({ db }: Store): {
  readonly last: readonly unknown[];
  readonly urls: ReadonlySet<string>;
} {
  const rows = db.all<{ details: string }>(
    "SELECT details FROM audit WHERE action = 'bind_target' ORDER BY a_id",
  );
  let last: readonly unknown[] = [null, null, null];
  const urls = new Set<string>();
  for (const { details } of rows) {
    const { url, workspace, account }: Partial<Record<string, unknown>> =
      parseDetails(details) ?? {};
    last = [url, workspace, account];
    if (typeof url === "string") urls.add(url);
  }
  return { last, urls };
}

function sameText(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function judgeTarget(target: TargetRow): readonly string[] {
  const faults: string[] = [];
  const { url, paused_reason: reason } = target;
  if (url !== null && !URL.canParse(url)) faults.push("its address is none");
  if (!CIRCUITS.includes(target.circuit)) faults.push("its circuit is none");
  if ((reason === null) !== (target.paused_at === null)) {
    faults.push("it is paused, and is not");
  }
  if (reason !== null && !WORD.test(reason)) faults.push("its pause is none");
  const { next_attempt_at: next, failures, acked_lamport: acked } = target;
  if (next < 0 || failures < 0 || acked < 0) faults.push("it counts below 0");
  return faults;
}
