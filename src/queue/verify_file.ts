/**
 * Checks the file of a queue as a database, its tables, and the overflow file
 * beside it.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { buildIdOf } from "./envelope.ts";
import { MIGRATIONS } from "./migrations.ts";
import { parseOverflow } from "./overflow.ts";
import type { Store } from "./store.ts";
import { isUlid } from "../state/ulid.ts";
import { type Findings, MOST_EXAMPLES } from "./verify_findings.ts";
import type { Meta } from "./verify_sums.ts";

/** The overflow file is smaller than this. */
const OVERFLOW_BYTES = 64 * 1024 * 1024;

/** The table that SQLite makes by itself for numbers that never come twice. */
const COUNTERS = "CREATE TABLE sqlite_sequence(name,seq);";

/** Lets SQLite check its file. */
export function checkIntegrity(findings: Findings, { db }: Store): void {
  const rows = db.all<{ "integrity_check": string }>(
    `PRAGMA integrity_check(${MOST_EXAMPLES})`,
  );
  for (const { integrity_check: text } of rows) {
    if (text !== "ok") findings.fault("V-001", text);
  }
  for (const row of db.all("PRAGMA foreign_key_check")) {
    findings.fault("V-001", `${row["table"]} ${row["rowid"]} has no event`);
  }
}

/** Compares the tables with those that this program makes. */
export function checkSchema(findings: Findings, { db }: Store): void {
  const fault = (text: string) => findings.fault("V-002", text);
  const stated = db.get<{ "user_version": number }>("PRAGMA user_version");
  if (stated?.user_version !== MIGRATIONS.length) {
    fault(`it has version ${stated?.user_version}`);
  }
  const rows = db.all<{ name: string; sql: string }>(
    "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL",
  );
  const script = [...MIGRATIONS, COUNTERS].join("\n");
  for (const { name, sql } of rows) {
    if (!script.includes(`${sql};`)) fault(`${name} is another one`);
  }
  const wanted = script.match(/^CREATE (?:TABLE|INDEX)/gm)?.length ?? 0;
  if (rows.length !== wanted) fault(`it has ${rows.length} parts`);
}

/** Checks whose queue it is. */
export function checkOwner(
  findings: Findings,
  { projectId }: Store,
  meta: Meta,
): void {
  const { project_uuid: owner, node_id: node, build_id: build } = meta;
  if (owner !== projectId) {
    findings.fault("V-003", `it belongs to project ${owner}`);
  }
  if (!/^[0-9a-f]{32}$/.test(node) || buildIdOf(projectId, node) !== build) {
    findings.fault("V-003", "it names an installation that cannot be");
  }
}

/** Checks the lines of the overflow file. */
export function checkOverflow(
  findings: Findings,
  { blocking }: Pick<Host, "blocking">,
  { db, paths }: Store,
): void {
  let text = "";
  try {
    text = blocking.readText(paths.overflow, OVERFLOW_BYTES);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.code === "not_found") return;
    const why = error.code.replaceAll("_", " ");
    return findings.unknown("V-015", `it cannot be read: ${why}`);
  }
  const { drafts, damaged } = parseOverflow(text);
  for (const line of damaged) {
    const amount = `${line.length} characters`;
    findings.fault("V-015", `a torn or damaged line of ${amount}`);
  }
  let known = 0;
  for (const { eventId } of drafts) {
    if (!isUlid(eventId)) findings.fault("V-015", "an id is none");
    const sql = "SELECT seq FROM events WHERE event_id = ?";
    if (db.get(sql, eventId) !== undefined) known++;
  }
  findings.note(
    "V-015",
    `${drafts.length} events wait there; ${known} are in the queue already`,
  );
}
