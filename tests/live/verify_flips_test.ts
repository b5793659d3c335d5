import { assert } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { fillQueue, type FullQueue, openQueue } from "#support/full_queue.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { sandboxHost } from "#support/sandbox_host.ts";
import { denoBlockingFiles } from "../../src/host/deno_blocking_files.ts";
import { openStoreToRead } from "../../src/queue/store.ts";
import { verify } from "../../src/queue/verify.ts";

/**
 * What no other place tells as well: when something was, what a person or a
 * server said, and what is left of an event whose body is gone. Of a change
 * there, only the server can tell, or nobody.
 */
const ONLY_THERE: Readonly<Record<string, readonly string[]>> = {
  audit: ["action", "actor", "at", "details"],
  batches: [
    "account",
    "bytes",
    "count",
    "ended_at",
    "http",
    "lease_token",
    "outcome",
    "sent_at",
    "seq_from",
    "seq_to",
    "workspace",
  ],
  consent: ["actor", "at", "sealed_at"],
  deliveries: ["attempts", "error", "first_at", "last_http", "next_attempt_at"],
  events: [
    "bytes",
    "captured_at",
    "content_sha256",
    "dedupe_key",
    "occurred_at",
    "sha256",
    "type",
  ],
  leases: ["expires_at", "owner", "pid", "token"],
  meta: [
    "allows_background",
    "created_at",
    "dropped",
    "dropped_since",
    "refused",
  ],
  quarantine: ["at", "body", "event_id", "field", "reason", "rule", "type"],
  "sqlite_sequence": ["name", "seq"],
  target: [
    "acked_lamport",
    "clean_batches",
    "failures",
    "hint_bytes",
    "hint_events",
    "last_error",
    "last_error_code",
    "last_pass",
    "last_pass_at",
    "last_success_at",
    "limits_at",
    "next_attempt_at",
    "paused_at",
    "paused_detail",
    "paused_reason",
    "server_max_bytes",
    "server_max_events",
  ],
};

const TABLES = Object.keys(ONLY_THERE);

// The C library stays open for the life of a process: opened here, it is no
// resource that the first test to ask for it appears to leak.
denoBlockingFiles.freeBytes("/");

async function makeFull(sandbox: Sandbox): Promise<FullQueue> {
  const host = sandboxHost(sandbox);
  const databases = await host.databases();
  const queue = openQueue({ ...host, databases }, sandbox.root);
  await fillQueue(queue);
  queue.close();
  return queue;
}

/** Every value by its table, row and column; `undefined` if unreadable. */
function readAll(path: string): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  try {
    using db = new DatabaseSync(path, { readOnly: true });
    for (const table of TABLES) readTable(db, table, values);
    return values;
  } catch {
    return undefined;
  } finally {
    forgetLog(path);
  }
}

function readTable(
  db: DatabaseSync,
  table: string,
  values: Map<string, string>,
): void {
  const columns = db.prepare("SELECT name FROM pragma_table_info(?)")
    .all(table).map(({ name }) => String(name));
  const asText = columns.map((name) =>
    `typeof(${name}) || hex(CAST(${name} AS BLOB)) AS ${name}`
  );
  const rows = db.prepare(
    `SELECT rowid AS row_id, ${asText.join(", ")} FROM ${table}`,
  ).all();
  for (const row of rows) {
    for (const name of columns) {
      values.set(`${table}.${name}.${row["row_id"]}`, String(row[name]));
    }
  }
}

/** What reading a file leaves beside it must not be met by the next one. */
function forgetLog(path: string): void {
  for (const ending of ["-wal", "-shm"]) {
    try {
      Deno.removeSync(path + ending);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** Whether the copy of a queue is found to be broken. */
async function isFound({ host, options }: FullQueue, directory: string) {
  const { projectId, paths } = options;
  const queue = `${directory}/queue.db`;
  const overflow = `${directory}/overflow.jsonl`;
  const copy = { ...paths, directory, queue, overflow };
  try {
    const opening = openStoreToRead(host, { projectId, paths: copy });
    if (opening.kind !== "open") return true;
    using _ = opening.store.db;
    const { checks } = await verify(host, opening.store);
    return checks.some(({ verdict }) => verdict !== "ok");
  } catch {
    return true;
  } finally {
    forgetLog(queue);
  }
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8));
  return flipped;
}

const FLIPS = 250;

Deno.test("verify() finds flipped bits wherever another place tells better", async () => {
  await using sandbox = await makeSandbox();
  const full = await makeFull(sandbox);
  const original = await Deno.readFile(full.options.paths.queue);
  const directory = `${sandbox.directory}/copy`;
  await Deno.mkdir(directory);
  const path = `${directory}/queue.db`;
  await Deno.writeFile(path, original);
  const before = readAll(path);
  assert(before !== undefined);
  assert(!await isFound(full, directory), "as it was");
  let found = 0;
  for (let count = 0; count < FLIPS; count++) {
    const at = Math.floor(Math.random() * original.length);
    await Deno.writeFile(path, flip(original, at));
    if (await isFound(full, directory)) {
      found++;
      continue;
    }
    const after = readAll(path);
    assert(after !== undefined, `unreadable after a flip at ${at}`);
    for (const place of changesBetween(before, after)) {
      const [table = "", column = ""] = place.split(".");
      const isOnlyThere = ONLY_THERE[table]?.includes(column);
      assert(isOnlyThere, `${place} has changed by a flip at ${at}`);
    }
  }
  assert(found > 0);
});

function changesBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const places = new Set([...before.keys(), ...after.keys()]);
  return [...places].filter((place) => before.get(place) !== after.get(place));
}

Deno.test("verify() finds a flipped bit at any place of a body", async () => {
  await using sandbox = await makeSandbox();
  const full = await makeFull(sandbox);
  const original = await Deno.readFile(full.options.paths.queue);
  const directory = `${sandbox.directory}/copy`;
  await Deno.mkdir(directory);
  const body = latestBody(full.options.paths.queue);
  const start = placeOf(body, original);
  for (let at = start; at < start + body.length; at += 3) {
    await Deno.writeFile(`${directory}/queue.db`, flip(original, at));
    assert(await isFound(full, directory), `at ${at - start} of the body`);
  }
});

function latestBody(path: string): string {
  using db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare("SELECT body FROM events ORDER BY seq DESC LIMIT 1")
    .get();
  return String(row?.["body"]);
}

/** Copies in free parts of a page do not count: nobody reads them. */
function placeOf(body: string, file: Uint8Array): number {
  const text = new TextDecoder("latin1").decode(file);
  const bytes = new TextDecoder("latin1").decode(
    new TextEncoder().encode(body),
  );
  const at = text.indexOf(bytes);
  assert(at >= 0 && text.lastIndexOf(bytes) === at, "it is there once");
  return at;
}
