// deno-lint-ignore-file no-console -- a script talks to its parent
/**
 * Sends the events of one queue as a program of twenty lines would: rows of
 * `node:sqlite`, `fetch()`, rows deleted when the server has them. Nothing is
 * tried again, nobody is asked and nobody else is kept away. Prints the
 * milliseconds and the events as JSON.
 *
 * Arguments: state root, project id, URL of the server, token.
 */

import { DatabaseSync } from "node:sqlite";
import { projectPaths } from "../../src/state/project_paths.ts";

const [root = "", projectId = "", server = "", token = ""] = Deno.args;
const BATCH_EVENTS = 1000;
const BATCH_BYTES = 235_929;

interface Row {
  readonly id: number;
  readonly body: string;
}

const db = new DatabaseSync(`${root}/outbox.db`);
db.exec(
  "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" +
    "CREATE TABLE outbox (id INTEGER PRIMARY KEY, body TEXT)",
);
const { queue } = projectPaths({ root }, projectId);
db.prepare("ATTACH ? AS queue").run(queue);
db.exec("INSERT INTO outbox (body) SELECT body FROM queue.events ORDER BY seq");
db.exec("DETACH queue");

const read = db.prepare("SELECT id, body FROM outbox ORDER BY id LIMIT ?");
const remove = db.prepare("DELETE FROM outbox WHERE id <= ?");

function nextBatch(): readonly Row[] {
  const rows = read.all(BATCH_EVENTS) as unknown as readonly Row[];
  let bytes = 0;
  const fitting = rows.findIndex(({ body }) =>
    (bytes += body.length + 1) > BATCH_BYTES
  );
  return fitting === -1 ? rows : rows.slice(0, fitting);
}

async function send(rows: readonly Row[]): Promise<void> {
  const response = await fetch(`${server}/api/v1/events/batch/`, {
    method: "POST",
    headers: {
      "Authorization": `Bearer ${token}`,
      "Content-Type": "application/json",
      "Idempotency-Key": crypto.randomUUID(),
      "X-Reeve-Sync-Protocol": "3.0",
      "X-Reeve-Workspace": "ada-private",
      "X-Request-Id": crypto.randomUUID(),
    },
    body: `{"events":[${rows.map(({ body }) => body).join(",")}]}`,
  });
  const { results = [] } = await response.json();
  const stored = results.filter(({ status }: { status: string }) =>
    status === "success"
  );
  if (stored.length < rows.length) throw new Error(`${response.status}`);
}

let events = 0;
const start = performance.now();
for (let rows = nextBatch(); rows.length > 0; rows = nextBatch()) {
  await send(rows);
  remove.run(rows.at(-1)?.id ?? 0);
  events += rows.length;
}
const ms = performance.now() - start;
db.close();
console.log(JSON.stringify({ ms, events }));
