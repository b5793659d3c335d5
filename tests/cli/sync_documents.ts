/** The steps of the story of documents that are about events. */

import { assert, assertEquals } from "@std/assert";
import { waitUntil } from "#support/wait_until.ts";
import * as message from "../../scripts/schemas/messages.ts";
import { archiveManifestSchema } from "../../src/queue/archive_schema.ts";
import type { Document, JsonChecker } from "./json_checker.ts";
import type { SyncPlace } from "./sync_place.ts";

/** The token of the one who may send. */
export const TOKEN = "token-of-documents";
/** Nothing listens on the port of the discard protocol. */
export const NOWHERE: { readonly [name: string]: string } = {
  REEVE_SERVER_URL: "http://127.0.0.1:9",
  REEVE_TOKEN: TOKEN,
};
const WORKSPACE = "ada-private";

/** What the steps share. */
export interface Story {
  /** Where commands run. */
  readonly place: SyncPlace;
  /** Runs them and checks what they print. */
  readonly checker: JsonChecker;
  /** Base URL of the server. */
  readonly url: string;
}

const FIRST = "01M7Y0TEC93384R0ZHBB6DF8S1";
const TAKEN = "01M7Y0TEC93384R0ZHBB6DF8S2";
const BROKEN = "01M7Y0TEC93384R0ZHBB6DF8S3";

/** Asks the server as a client does, without the client. */
async function ask(
  url: string,
  path: string,
  body?: unknown,
): Promise<Document> {
  const response = await fetch(`${url}${path}`, {
    headers: {
      "Authorization": `Bearer ${TOKEN}`,
      "Content-Type": "application/json",
      "X-Reeve-Workspace": WORKSPACE,
      "X-Reeve-Sync-Protocol": "3.0",
    },
    ...(body === undefined
      ? {}
      : { method: "POST", body: JSON.stringify(body) }),
  });
  return await response.json();
}

const BATCH = "/api/v1/events/batch/";

/** Takes an id at the server, so that another event with it is dead. */
async function takeId(url: string, stored: Document): Promise<void> {
  const body = { "events": [{ ...stored, "event_id": TAKEN }] };
  message.batchRequest.parse(body);
  const reply = await ask(url, BATCH, body);
  message.batchReply.parse(reply);
  assertEquals(reply.results[0].status, "success");
}

async function checkEmitting({ checker }: Story): Promise<void> {
  const emit = (rest: string, exit: number) =>
    checker.run(`event emit NoteRecorded ${rest}`, exit);
  const first = await emit(`--id ${FIRST} --text one`, 0);
  assertEquals([first.outcome, first.event_id], ["captured", FIRST]);
  const again = await emit(`--id ${FIRST} --text one`, 0);
  assertEquals(again.outcome, "duplicate");
  const broken = await emit(`--id ${BROKEN} --data {"text":1}`, 1);
  assertEquals([broken.outcome, broken.field], ["quarantined", "payload.text"]);
  await emit(`--id ${TAKEN} --text mine`, 0);
  await checker.fails("event emit Nothing", "usage");
}

async function checkDelivery({ checker, url, place }: Story): Promise<void> {
  await checker.run(`config set sync.workspace ${WORKSPACE}`, 0);
  const planned = await checker.run("sync now --dry-run", 0);
  assertEquals([planned.pass, planned.queue.residue], [null, 2]);
  const down = await checker.run("sync now", 3, { env: NOWHERE });
  assertEquals(down.pass.stopped_because, "transport");
  const { body } = await checker.run(`sync diagnose --event ${FIRST}`, 0);
  message.envelope.parse(body);
  await takeId(url, body);
  place.sql("UPDATE target SET circuit = 'closed', next_attempt_at = 0");
  const pass = await checker.run("sync now", 1);
  assertEquals([pass.pass.accepted, pass.pass.dead], [1, 1]);
  assertEquals(pass.queue.dead, { "id_conflict": 1 });
  const status = await checker.run("sync status", 0);
  assertEquals([status.ok, status.queue.quarantined], [false, 1]);
  assertEquals((await checker.run("sync status --check", 1)).exit_code, 1);
  await checker.run("sync doctor", 1);
  await checker.run("sync doctor --server", 1);
  const { ok, comparison } = await checker.run("sync verify", 1);
  assertEquals(
    [ok, comparison],
    [false, "compared"],
    "the server has other words",
  );
  await checker.run("sync verify --offline", 0);
  const elsewhere = { cwd: place.sandbox.home };
  await checker.fails("sync now", "not_found", elsewhere);
  assertEquals(
    (await checker.run("sync status", 0, elsewhere)).project_slug,
    null,
  );
}

async function checkMessages({ url, place }: Story): Promise<void> {
  message.syncHealth.parse(await ask(url, "/api/v1/sync/health/"));
  const wanted = { "project_uuid": place.id, "event_ids": [FIRST] };
  message.lookupRequest.parse(wanted);
  const found = await ask(url, "/api/v1/events/lookup/", wanted);
  message.lookupReply.parse(found);
  assertEquals(found.found[0].event_id, FIRST);
  const path = `/api/v1/projects/${place.id}/watermark/`;
  const watermark = await ask(url, path);
  message.watermarkReply.parse(watermark);
  assertEquals(Object.keys(watermark.nodes).length, 1);
  const broken = await ask(url, BATCH, { "events": [{}] });
  message.protocolError.parse(broken);
}

async function checkLists({ checker }: Story): Promise<void> {
  const all = await checker.run("sync events", 0);
  assertEquals(
    all.events.map(({ state }: Document) => state),
    ["delivered", "dead"],
  );
  assert((await checker.run("sync events --limit 1", 0)).next_after === 1);
  const dead = await checker.run("sync dead list", 0);
  assertEquals([dead.total, dead.by_reason], [1, { "id_conflict": 1 }]);
  const letter = await checker.run(`sync dead show ${TAKEN}`, 0);
  assertEquals([letter.event.event_id, letter.requests.length > 0], [
    TAKEN,
    true,
  ]);
  const missing = `sync dead show ${BROKEN}`;
  await checker.fails(missing, "not_found");
  const one = `--id ${TAKEN}`;
  assertEquals((await checker.run(`sync dead skip ${one}`, 0)).skipped, 1);
  assertEquals((await checker.run(`sync dead replay ${one}`, 0)).replayed, 1);
  assertEquals((await checker.run("sync now", 1)).pass.dead, 1);
  await checker.fails("sync dead replay", "usage");
  assertEquals((await checker.run("sync dead purge", 0)).not_archived, 1);
}

async function checkQuarantine({ checker }: Story): Promise<void> {
  const { entries } = await checker.run("sync quarantine list", 0);
  const [{ id }] = entries;
  await checker.run(`sync quarantine show ${id}`, 0);
  await checker.fails("sync quarantine show 99", "not_found");
  const tried = await checker.run(`sync quarantine repair ${id}`, 1);
  assertEquals([tried.left, tried.entries[0].outcome], [1, "invalid"]);
  const found = await checker.run("sync diagnose", 1);
  assertEquals([found.ok, found.quarantined], [false, 1]);
  const event = `sync diagnose --event ${BROKEN}`;
  assertEquals((await checker.run(event, 1)).quarantine.id, id);
  const gone = "sync diagnose --event 01M7Y0TEC93384R0ZHBB6DF8S9";
  await checker.fails(gone, "not_found");
  await checker.run("sync quarantine purge", 0);
  const purged = await checker.run("sync quarantine purge --apply", 0);
  assertEquals([purged.applied, purged.entry_count], [true, 1]);
}

async function checkUpkeep({ checker, place }: Story): Promise<void> {
  const archive = `${place.sandbox.directory}/archive`;
  const made = await checker.run(`sync archive ${archive}`, 0);
  assertEquals(made.event_count, 2);
  const manifest = JSON.parse(await Deno.readTextFile(made.manifest));
  archiveManifestSchema.parse(manifest);
  await checker.run(`sync archive --verify ${made.manifest}`, 0);
  const part = `${archive}/${manifest.parts[0].file}`;
  await Deno.writeTextFile(part, "{}\n", { append: true });
  const broken = await checker.run(`sync archive --verify ${made.manifest}`, 1);
  assertEquals([broken.ok, broken.faults.length > 0], [false, true]);
  await checker.run("sync gc", 0);
  await checker.run("sync gc --apply", 0);
  assertEquals((await checker.run("sync salvage", 0)).files, []);
  place.sql(`VACUUM INTO '${place.directory}/queue.corrupt-1.db'`);
  await Deno.mkdir(`${place.directory}/queue.corrupt-2.db`);
  const text = `${place.directory}/queue.corrupt-3.db`;
  await Deno.writeTextFile(text, "This was never a queue.\n".repeat(500));
  const { files } = await checker.run("sync salvage", 1);
  assertEquals([files[0].report !== null, files[1].report], [true, null]);
  assertEquals([files[2].file, files[2].report], [text, null]);
  const out = await checker.run("sync optout", 0);
  assertEquals((await checker.run("sync optin", 0)).changed, out.changed);
  assert(!(await checker.run("sync purge", 0)).applied);
  await checker.fails("sync purge --apply", "usage");
  const { project_slug: slug } = await checker.run("sync status", 0);
  const purged = await checker.run(`sync purge --apply --confirm ${slug}`, 0);
  assertEquals([purged.applied, purged.event_count], [true, 1]);
}

async function checkWatch({ checker, place, url }: Story): Promise<void> {
  const env = { REEVE_SERVER_URL: url, REEVE_TOKEN: TOKEN };
  await using watch = place.start("sync watch --json", env);
  await waitUntil("it watches", () => watch.out().includes("started"), 20_000);
  await place.emit("watched");
  await waitUntil(
    "it delivers",
    () => watch.out().includes('"delivered"'),
    20_000,
  );
  assertEquals(await watch.end(), 0);
  const lines = watch.out().trim().split("\n");
  for (const line of lines) checker.check(line, "sync watch");
  assert(lines.length >= 3, watch.out());
}

/** The steps in their order. */
export const SYNC_STEPS: Readonly<
  Record<string, (story: Story) => Promise<void>>
> = {
  "event emit": checkEmitting,
  "sync now, status, doctor, verify": checkDelivery,
  "messages": checkMessages,
  "sync events and dead": checkLists,
  "sync quarantine and diagnose": checkQuarantine,
  "sync archive, gc, salvage, optout, optin, purge": checkUpkeep,
  "sync watch": checkWatch,
};
