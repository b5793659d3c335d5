import { assert, assertEquals } from "@std/assert";
import { waitUntil } from "#support/wait_until.ts";
import * as message from "../../scripts/schemas/messages.ts";
import { archiveManifestSchema } from "../../src/queue/archive_schema.ts";
import { type Document, JsonChecker } from "./json_checker.ts";
import { makeSyncPlace, type SyncPlace } from "./sync_place.ts";

const TOKEN = "token-of-documents";
const WORKSPACE = "ada-private";
// Nothing listens on the port of the discard protocol.
const NOWHERE = { REEVE_SERVER_URL: "http://127.0.0.1:9", REEVE_TOKEN: TOKEN };

/** Documents of commands that only go well where a Redis is. */
const NEEDS_REDIS = ["queue_migrate"];

/** What the steps share. */
interface Story {
  readonly place: SyncPlace;
  readonly checker: JsonChecker;
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
  const { ok, server } = await checker.run("sync verify", 1);
  assertEquals([ok, server], [false, "compared"], "the server has other words");
  await checker.run("sync verify --offline", 0);
  const elsewhere = { cwd: place.sandbox.home };
  await checker.fails("sync now", "not_found", elsewhere);
  assertEquals((await checker.run("sync status", 0, elsewhere)).project, null);
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
  assertEquals([purged.applied, purged.entries], [true, 1]);
}

async function checkUpkeep({ checker, place }: Story): Promise<void> {
  const archive = `${place.sandbox.directory}/archive`;
  const made = await checker.run(`sync archive ${archive}`, 0);
  assertEquals(made.events, 2);
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
  const { slug } = (await checker.run("sync status", 0)).project;
  const purged = await checker.run(`sync purge --apply --confirm ${slug}`, 0);
  assertEquals([purged.applied, purged.events.count], [true, 1]);
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

async function checkAuth({ checker, url }: Story): Promise<void> {
  const tokens = await checker.run("auth whoami", 0);
  assertEquals(tokens.source, "env");
  assertEquals((await checker.run("auth status", 0)).state, "env");
  const env = { REEVE_TOKEN: "", REEVE_SERVER_URL: "" };
  const out = { env };
  await checker.fails("auth whoami", "not_signed_in", out);
  assertEquals(
    (await checker.run("auth status --check", 4, out)).state,
    "none",
  );
  await checker.fails("auth login", "usage", out);
  const login = `auth login --token - --server ${url}`;
  const given = await checker.run(login, 0, { env, input: `${TOKEN}\n` });
  assertEquals(given.outcome, "signed_in");
  const kept = await checker.run("auth login", 0, out);
  assertEquals(kept.outcome, "already_signed_in");
  assertEquals((await checker.run("auth whoami", 0, out)).source, "session");
  assert((await checker.run("auth status", 0, out)).signed_in);
  const report = await checker.run("auth doctor --server", 0, out);
  assert(report.server_session.active);
  assert((await checker.run("auth logout", 0, out)).was_signed_in);
  assert(!(await checker.run("auth logout", 0, out)).was_signed_in);
  await checker.fails("auth doctor --plan x --reset", "usage");
}

async function checkConfig({ checker, place }: Story): Promise<void> {
  const set = await checker.run("config set sync.mode local", 0);
  assertEquals([set.value, set.changed], ["local", true]);
  assertEquals((await checker.run("config get sync.mode", 0)).value, "local");
  await checker.run("config unset sync.mode", 0);
  await checker.run("config path", 0);
  await checker.run("config show", 0);
  await checker.run("config show sync.mode", 0);
  const atTerminal = { "EDITOR": "true", "REEVE_FORCE_INTERACTIVE": "1" };
  await checker.run("config edit --own", 0, { env: atTerminal });
  await checker.fails("config get sync.mood", "usage");
  const text = `{"schema_version":1,"sync":{"mode":"nowhere"}}`;
  await Deno.writeTextFile(`${place.sandbox.root}/config.json`, text);
  const shown = await checker.run("config show", 1);
  assertEquals(shown.faults[0].key, "sync.mode");
  await checker.fails("config get sync.mode", "usage");
  await Deno.remove(`${place.sandbox.root}/config.json`);
}

async function checkDaemon({ checker, place }: Story): Promise<void> {
  assert(!(await checker.run("daemon status", 1)).active);
  const env = { REEVE_SYNC_DISABLE: "1" };
  const refused = await checker.run("daemon start --intent local_only", 0, {
    env,
  });
  assertEquals(refused.action, "skipped");
  const started = await checker.run("daemon start", 0);
  assertEquals((await checker.run("daemon start", 0)).action, "reused");
  assertEquals((await checker.run("daemon status", 0)).pid, started.pid);
  const explain = `auth doctor --explain ${started.port}`;
  assertEquals((await checker.run(explain, 0)).record.port, started.port);
  await checker.fails("auth doctor --explain 1", "not_found");
  const file = `${place.sandbox.directory}/facts.json`;
  await checker.run(`auth doctor --record ${file}`, 0);
  const { records } = await checker.run(`daemon replay ${file}`, 0);
  assertEquals(records.length, 1);
  await checker.fails("daemon replay /no/file", "not_found");
  await checker.run(`auth doctor --plan ${file}`, 0);
  await checker.run("auth doctor --reset", 0);
  assert((await checker.run("daemon logs", 0)).lines.length > 0);
  await checker.fails("daemon logs --follow", "usage");
  const restarted = await checker.run("daemon restart", 0);
  assertEquals(restarted.previous_pid, started.pid);
  assertEquals((await checker.run("daemon stop", 0)).status, "stopped");
  assertEquals((await checker.run("daemon stop", 0)).status, "not_running");
  assert((await checker.run("daemon journal", 0)).entries.length > 0);
}

const HANDLER = `export const queue = "mail";
export function run(job) {
  if (job.data.broken) throw new TypeError("no address");
  return { sent: true };
}
`;

async function checkQueue({ checker, place }: Story): Promise<void> {
  const add = (rest: string) => checker.run(`queue enqueue mail ${rest}`, 0);
  assertEquals((await add(`{"to":"ada"} --id good`)).added, 1);
  const again = await add(`{"to":"ada"} --id good`);
  assertEquals([again.added, again.jobs[0].status], [0, "duplicate"]);
  await add(`{"broken":true} --id bad --attempts 1`);
  await add(`{"broken":true} --id worse --attempts 1`);
  await add(`{"to":"eve"} --id late --delay 1h`);
  await checker.fails("queue enqueue mail {", "usage");
  assertEquals((await checker.run("queue list mail", 0)).jobs.length, 4);
  assertEquals((await checker.run("queue show mail good", 0)).job.id, "good");
  await checker.fails("queue show mail nobody", "not_found");
  await checker.run("queue pause mail", 0);
  await checker.run("queue resume mail", 0);
  await checker.run("queue drain --timeout 100ms", 1);
  await checker.run("queue cancel mail late", 0);
  const file = `${place.sandbox.directory}/mail.ts`;
  await Deno.writeTextFile(file, HANDLER);
  const worker = `queue worker --handler ${file} --until-empty`;
  const { totals } = await checker.run(worker, 1);
  assertEquals([totals.completed, totals.dead], [1, 2]);
  const { queues } = await checker.run("queue status", 0);
  assertEquals([queues[0].completed, queues[0].dead], [1, 2]);
  assertEquals((await checker.run("queue drain", 0)).left, 0);
  const [dead] = (await checker.run("queue dead list mail", 0)).jobs;
  assertEquals([dead.dead_reason, dead.error.name], ["failed", "TypeError"]);
  await checker.run("queue dead show mail bad", 0);
  await checker.run("queue doctor", 0);
  await checker.run("queue dead replay mail --id bad", 0);
  const purge = "queue dead purge mail --id worse";
  assertEquals((await checker.run(purge, 0)).deleted, 0);
  assertEquals((await checker.run(`${purge} --apply`, 0)).deleted, 1);
  await checker.fails("queue migrate --from sqlite --to sqlite", "usage");
}

async function checkServer({ checker, url }: Story): Promise<void> {
  const checked = await checker.run(`server check ${url}`, 0);
  assertEquals(checked.failed, 0);
  const { REEVE_SERVER_URL: nowhere } = NOWHERE;
  const silent = `server check ${nowhere}`;
  await checker.fails(silent, "not_ready");
  await checker.fails("server run --port 70000", "usage");
}

Deno.test("every document of every command is as its schema says", async (t) => {
  await using place = await makeSyncPlace();
  const data = `${place.sandbox.directory}/server.db`;
  const words = `server run --port 0 --json --token ${TOKEN} --data ${data}`;
  await using server = place.start(words);
  await waitUntil("it serves", () => server.out().endsWith("}\n"), 20_000);
  const { url } = JSON.parse(server.out());
  const checker = new JsonChecker({
    cwd: place.root,
    env: { ...place.sandbox.env, REEVE_SERVER_URL: url, REEVE_TOKEN: TOKEN },
  });
  checker.check(server.out(), words);
  const story = { place, checker, url };
  const steps = {
    "event emit": checkEmitting,
    "sync now, status, doctor, verify": checkDelivery,
    "messages": checkMessages,
    "sync events and dead": checkLists,
    "sync quarantine and diagnose": checkQuarantine,
    "sync archive, gc, salvage, optout, optin, purge": checkUpkeep,
    "sync watch": checkWatch,
    "auth": checkAuth,
    "config": checkConfig,
    "daemon": checkDaemon,
    "queue": checkQueue,
    "server": checkServer,
  };
  for (const [name, step] of Object.entries(steps)) {
    await t.step(name, () => step(story));
  }
  // Those about environments have a story of their own.
  const unseen = checker.unseen.filter((name) =>
    !name.startsWith("environment_")
  );
  assertEquals(unseen, NEEDS_REDIS, "what no command has printed");
});
