/**
 * Checks the audit and the quarantine.
 *
 * @module
 */

import type { AuditRow } from "./audit.ts";
import type { QuarantineRow } from "./quarantine.ts";
import type { Store } from "./store.ts";
import type { Findings } from "./verify_findings.ts";
import type { AuditSums } from "./verify_sums.ts";

const PAGE_ROWS = 500;
const WORD = /^[a-z][a-z0-9_]*$/;

/** Checks the audit and adds up what it says was removed. */
export function checkAudit(findings: Findings, { db }: Store): AuditSums {
  const sums = { removed: 0, delivered: 0, coalesced: 0 };
  let last = 0;
  while (true) {
    const rows = db.all<AuditRow>(
      `SELECT a_id, actor, action, details, at FROM audit WHERE a_id > ?
        ORDER BY a_id LIMIT ?`,
      last,
      PAGE_ROWS,
    );
    for (const row of rows) {
      const details = readDetails(row.details);
      const isSound = row.a_id === last + 1 && row.at > 0 &&
        WORD.test(row.action) && row.actor !== "" && details !== undefined;
      if (!isSound) findings.fault("V-016", `audit ${row.a_id} is damaged`);
      last = row.a_id;
      sums.removed += details?.["removed"] ?? 0;
      sums.delivered += details?.["delivered"] ?? 0;
      sums.coalesced += details?.["coalesced"] ?? 0;
    }
    if (rows.length < PAGE_ROWS) break;
  }
  const stated = db.get<{ seq: number }>(
    "SELECT seq FROM sqlite_sequence WHERE name = 'audit'",
  );
  if ((stated?.seq ?? 0) !== last) {
    findings.fault("V-016", `the audit ends at ${last}, not ${stated?.seq}`);
  }
  return sums;
}

/** The details of an entry, if they are as they were written. */
export function parseDetails(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isSame = typeof value === "object" && JSON.stringify(value) === text;
    return isSame && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

type Numbers = Readonly<Record<string, number | undefined>>;

/** The numbers in an entry's details, or `undefined` for what is no object. */
function readDetails(text: string): Numbers | undefined {
  const value = parseDetails(text);
  if (value === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => typeof entry === "number"),
  );
}

/** Checks the quarantine. */
export function checkQuarantine(findings: Findings, { db }: Store): void {
  let last = 0;
  while (true) {
    const rows = db.all<QuarantineRow>(
      `SELECT q_id, event_id, type, reason, field, rule, body, at
         FROM quarantine WHERE q_id > ? ORDER BY q_id LIMIT ?`,
      last,
      PAGE_ROWS,
    );
    for (const row of rows) {
      last = row.q_id;
      if (isSoundEntry(row)) continue;
      findings.fault("V-016", `quarantine ${row.q_id} is damaged`);
    }
    if (rows.length < PAGE_ROWS) break;
  }
  const stated = db.get<{ seq: number }>(
    "SELECT seq FROM sqlite_sequence WHERE name = 'quarantine'",
  );
  if ((stated?.seq ?? 0) < last) {
    findings.fault("V-016", "the quarantine would use a number again");
  }
}

function isSoundEntry(row: QuarantineRow): boolean {
  const isWhole = WORD.test(row.reason) && row.field !== "" &&
    row.rule !== "" && row.at > 0;
  if (!isWhole) return false;
  if (row.reason === "damaged_line") return true;
  try {
    JSON.parse(row.body);
    return true;
  } catch {
    return false;
  }
}
