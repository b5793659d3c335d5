import { assert, assertEquals, assertMatch } from "@std/assert";
import { buildApplication, buildRouteMap, run } from "@stricli/core";
import stringWidth from "fast-string-width";
import { createFakeHost, type FakeHostOptions } from "#support/fake_host.ts";
import { fillQueue, openQueue } from "#support/full_queue.ts";
import { queueHostOf } from "#support/fake_queue.ts";
import { PROJECT_ID, ROOT, TASK_TYPES } from "#support/tasks.ts";
import { KnownError } from "../errors.ts";
import { listDead } from "../queue/dead.ts";
import type { Store } from "../queue/store.ts";
import { projectPaths } from "../state/project_paths.ts";
import type { CommandResult } from "./command.ts";
import type { ReeveContext } from "./define_command.ts";
import { exitCodeFor } from "./exit_code.ts";
import * as care from "./sync_care_commands.ts";
import { dead } from "./sync_dead_commands.ts";
import { quarantine } from "./sync_quarantine_commands.ts";

const { events, gc, archive, purge, verify } = care;
const app = buildApplication<ReeveContext>(
  buildRouteMap({
    routes: { events, gc, archive, purge, verify, dead, quarantine },
    docs: { brief: "Looks after a queue" },
  }),
  {
    name: "reeve sync",
    scanner: { caseStyle: "allow-kebab-for-camel" },
  },
);

const DAY_MS = 24 * 60 * 60 * 1000;

/** A project with an event in every state. */
async function openWorld(terminal: FakeHostOptions["terminal"] = {}) {
  const host = createFakeHost({ terminal, env: { USER: "ada" } });
  const queue = openQueue(
    { ...await queueHostOf(host), clock: host.clock },
    ROOT,
  );
  await fillQueue(queue);
  host.world.clock.setWall(queue.host.clock.now() + 1000);
  host.world.disk.put(
    "/home/ada/code/.reeve",
    `REEVE_PROJECT_ID=${PROJECT_ID}\nREEVE_PROJECT_SLUG=reeve\n`,
  );
  return { host, store: queue.store };
}

type World = Awaited<ReturnType<typeof openWorld>>;

interface Ran extends CommandResult {
  /** What stricli refused. */
  readonly complaint: string;
  readonly document: Readonly<Record<string, unknown>>;
}

async function runLine({ host }: World, line: string): Promise<Ran> {
  const complaints: string[] = [];
  const context: ReeveContext = {
    host,
    isJson: line.includes("--json"),
    outcome: {},
    takeInterrupts: () => new AbortController().signal,
    process: {
      stdout: { write: () => {} },
      stderr: { write: (text) => void complaints.push(text) },
      env: { "STRICLI_NO_COLOR": "1" },
    },
  };
  await run(app, line.split(" "), context);
  const { result, error } = context.outcome;
  const complaint = complaints.join("");
  if (error instanceof KnownError) {
    const { code, message, hint } = error;
    const text = `${message}\n${hint}`;
    return { exit: exitCodeFor(code), text, complaint, document: {} };
  }
  if (error !== undefined) throw error;
  if (result === undefined) return { exit: 64, complaint, document: {} };
  const document = JSON.parse(JSON.stringify(result.json ?? {}));
  return { ...result, complaint, document };
}

function firstDead(store: Store): string {
  return listDead(store, {}, { limit: 1 })[0]?.event_id ?? "";
}

Deno.test.each([
  { line: "events", schema: "sync_events" },
  { line: "events --state dead --state skipped", schema: "sync_events" },
  { line: "events --type Nothing", schema: "sync_events" },
  { line: "dead list", schema: "sync_dead_list" },
  { line: "dead list --skipped --limit 1", schema: "sync_dead_list" },
  { line: "dead list --since 9d --reason no", schema: "sync_dead_list" },
  { line: "dead show DEAD", schema: "sync_dead_letter" },
  { line: "dead replay --all", schema: "sync_dead_replay" },
  { line: "dead replay --id DEAD", schema: "sync_dead_replay" },
  { line: "dead skip --reason refused", schema: "sync_dead_skip" },
  { line: "dead purge", schema: "sync_dead_purge" },
  { line: "dead purge --archive a", schema: "sync_dead_purge" },
  { line: "dead purge --archive a --apply", schema: "sync_dead_purge" },
  { line: "quarantine list", schema: "sync_quarantine_list" },
  { line: "quarantine show 1", schema: "sync_quarantine_entry" },
  { line: "quarantine repair 2 --dry-run", schema: "sync_quarantine_repair" },
  { line: "quarantine repair --all", schema: "sync_quarantine_repair" },
  { line: "quarantine purge", schema: "sync_quarantine_purge" },
  { line: "quarantine purge --id 1 --apply", schema: "sync_quarantine_purge" },
  { line: "gc", schema: "sync_gc" },
  { line: "gc --days 1 --apply", schema: "sync_gc" },
  { line: "archive out", schema: "sync_archive" },
  { line: "archive out --type Nothing", schema: "sync_archive" },
  { line: "archive out --until 1d --gc", schema: "sync_archive" },
  { line: "purge", schema: "sync_purge" },
  { line: "purge --apply --confirm reeve", schema: "sync_purge" },
  { line: "verify", schema: "sync_verify" },
])(
  "reeve sync $line gives text of 80 columns and one document",
  async (row) => {
    const world = await openWorld();
    const line = row.line.replace("DEAD", firstDead(world.store));
    const { text = "", document, complaint } = await runLine(world, line);
    assertEquals(complaint, "");
    assert(text !== "", "it says something");
    for (const part of text.split("\n")) {
      // Paths and the person's own JSON are never cut.
      if (/^(?:Manifest|Archive): |^ *["{}]|^ +sha256/.test(part)) continue;
      assert(stringWidth(part) <= 80, part);
    }
    assertEquals([document["schema"], document["schema_version"]], [
      row.schema,
      1,
    ]);
    for (const key of Object.keys(document)) assertMatch(key, /^[a-z0-9_]+$/);
    assertEquals(world.host.terminal.questions, []);
  },
);

Deno.test.each([
  { line: "dead replay", exit: 64, says: /nothing is chosen/ },
  { line: "dead skip --yes", exit: 64, says: /nothing is chosen/ },
  { line: "dead show 01", exit: 1, says: /Cannot find a dead letter 01/ },
  { line: "dead replay --id 01", exit: 1, says: /Cannot find a dead letter/ },
  { line: "dead purge --id 01", exit: 1, says: /Cannot find a dead letter/ },
  { line: "quarantine show 99", exit: 1, says: /Cannot find the entry 99/ },
  { line: "quarantine repair", exit: 64, says: /name entries/ },
  { line: "quarantine repair 1 --all", exit: 64, says: /name entries/ },
  {
    line: "quarantine repair 1 2 --payload x",
    exit: 64,
    says: /several entries/,
  },
  { line: "quarantine repair 1 --types x", exit: 1, says: /no such file/ },
  { line: "gc --days -1", exit: 64, says: /-1 days/ },
  { line: "archive", exit: 64, says: /name one directory/ },
  { line: "archive a --verify b", exit: 64, says: /name one directory/ },
  { line: "archive --verify b", exit: 1, says: /no such file/ },
  { line: "purge --apply", exit: 64, says: /Add --confirm reeve/ },
  { line: "purge --apply --confirm other", exit: 64, says: /is reeve/ },
])("reeve sync $line ends with $exit", async ({ line, exit, says }) => {
  const ran = await runLine(await openWorld(), line);
  assertEquals(ran.exit, exit);
  assertMatch(ran.text ?? ran.complaint, says);
});

Deno.test.each([
  { line: "events --since soon" },
  { line: "events --state lost" },
  { line: "quarantine show one" },
])(
  "reeve sync $line is refused before anything is opened",
  async ({ line }) => {
    const ran = await runLine(await openWorld(), line);
    assertEquals(ran.exit, 64);
    assert(ran.complaint !== "");
  },
);

const COUNT = "SELECT count(*) AS n FROM events";
const countOf = (store: Store) => store.db.get<{ n: number }>(COUNT)?.n;

Deno.test.each([
  { line: "dead skip --all" },
  { line: "dead purge --archive a --apply" },
  { line: "quarantine purge --apply" },
  { line: "gc --days 0 --apply" },
])("reeve sync $line asks at a terminal and takes a no", async ({ line }) => {
  const world = await openWorld({ isInteractive: true, answers: [false] });
  const { host, store } = world;
  host.world.clock.setWall(host.clock.now() + 100 * DAY_MS);
  const before = countOf(store);
  const { exit, text } = await runLine(world, line);
  assertEquals([exit, text], [2, "Nothing was done."]);
  assertEquals(host.terminal.questions.length, 1);
  assertEquals(countOf(store), before);
});

Deno.test.each([
  { line: "dead purge --apply", key: "applied", is: true },
  { line: "dead purge", key: "applied", is: false },
  { line: "quarantine purge --apply", key: "entry_count", is: 2 },
  { line: "quarantine purge", key: "applied", is: false },
  { line: "gc", key: "applied", is: false },
  { line: "purge", key: "applied", is: false },
  { line: "purge --apply --confirm reeve", key: "applied", is: true },
  { line: "verify", key: "ok", is: true },
])("reeve sync $line --json never asks", async ({ line, key, is }) => {
  const world = await openWorld({ isInteractive: true });
  const ran = await runLine(world, `${line} --json`);
  assertEquals([ran.exit, ran.document[key]], [0, is]);
  assertEquals(world.host.terminal.questions, []);
});

Deno.test("reeve sync verify ends with 1 and names the check", async () => {
  const world = await openWorld();
  world.store.db.run("UPDATE meta SET live_rows = live_rows + 1");
  const { exit, text = "", document } = await runLine(world, "verify");
  assertEquals([exit, document["ok"]], [1, false]);
  assertMatch(text, /broken +V-009 /);
  assertMatch(text, /1 of 17 checks do not hold/);
});

Deno.test("reeve sync quarantine repair takes types and a payload", async () => {
  const world = await openWorld();
  const { disk } = world.host.world;
  disk.put("/home/ada/code/p.json", `{"text":"mended"}`);
  const types = TASK_TYPES.map(({ type, aggregateType, fields }) => ({
    type,
    "aggregate_type": aggregateType,
    fields,
  }));
  const file = JSON.stringify({ "schema_version": 1, types });
  disk.put("/home/ada/code/t.json", file);
  const line = "quarantine repair 2 --aggregate t1 --payload p.json " +
    "--types t.json";
  const { exit, document } = await runLine(world, line);
  assertEquals([exit, document["left"]], [0, 0]);
  assertEquals((await runLine(world, "quarantine show 2")).exit, 1);
});

Deno.test("reeve sync purge waits for whoever delivers, and says who", async () => {
  const world = await openWorld();
  const { lock } = projectPaths({ root: ROOT }, PROJECT_ID);
  const other = world.host.world.host();
  const held = await other.files.tryLock(lock, { create: true });
  assert(typeof held === "object");
  const ran = await runLine(world, "purge --apply --confirm reeve");
  assertEquals(ran.exit, 3);
  assertMatch(ran.text ?? "", /is delivering\n.*reeve daemon stop/);
});

Deno.test("reeve sync archive --verify tells a sound one from a broken one", async () => {
  const world = await openWorld();
  const { document } = await runLine(world, "archive out");
  const manifest = String(document["manifest"]);
  const sound = await runLine(world, `archive --verify ${manifest}`);
  assertEquals([sound.exit, sound.document["ok"]], [0, true]);
  const part = manifest.replace(".manifest.json", ".0001.jsonl");
  await world.host.files.append(part, "{}\n");
  const broken = await runLine(world, `archive --verify ${manifest}`);
  assertEquals([broken.exit, broken.document["ok"]], [1, false]);
});
