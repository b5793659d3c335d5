import { assert, assertEquals } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import { snapshotTree } from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";
import { makeConfigPlace } from "./config_place.ts";
import { makeSyncPlace, type SyncPlace, toward } from "./sync_place.ts";

const KEYS = [
  "checks",
  "exit_code",
  "findings",
  "fixed",
  "generated_at",
  "ok",
  "project_id",
  "project_root",
  "project_slug",
  "schema",
  "schema_version",
  "server",
  "server_origin",
  "state_root",
];
const DAY = 86_400_000;

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly remediation: { readonly command: string };
}

async function examine(
  place: SyncPlace,
  flags = "",
  env: Readonly<Record<string, string>> = {},
) {
  const result = await place.run(`sync doctor --json${flags}`, env);
  const { findings, checks, fixed } = result.json;
  return {
    ...result,
    ids: findings.map(({ id, severity }: Finding) => `${id} ${severity}`),
    findings,
    fixed,
    states: Object.fromEntries(
      checks.map(({ name, state }: { name: string; state: string }) =>
        [name, state] as const
      ),
    ),
  };
}

Deno.test("reeve sync doctor changes nothing, with a queue and without", async () => {
  await using empty = await makeConfigPlace();
  const nothing = await snapshotTree(empty.sandbox.directory);
  const first = await empty.run(["sync", "doctor", "--json"]);
  assertEquals([first.code, first.stderr], [0, ""]);
  assertEquals(await snapshotTree(empty.sandbox.directory), nothing);
  assertEquals(Object.keys(first.json).toSorted(), KEYS);
  await using place = await makeSyncPlace();
  await place.emit("hello");
  // Whoever reads a log in shared memory marks his place there.
  place.sql("PRAGMA wal_checkpoint(TRUNCATE)");
  const isOurs = (line: string) =>
    !/queue\.db-(?:shm|wal) |projects\/[^/ ]+ /.test(line);
  const before = (await snapshotTree(place.sandbox.directory)).filter(isOurs);
  await place.run("sync doctor");
  const after = (await snapshotTree(place.sandbox.directory)).filter(isOurs);
  assertEquals(after, before);
});

Deno.test("reeve sync doctor of a delivered project is healthy", async () => {
  await using receiver = await startReceiver();
  await using place = await makeSyncPlace();
  const env = toward(receiver);
  await place.run(`config set sync.workspace ${receiver.workspace}`);
  await place.emit("one", "two");
  assertEquals((await place.run("sync now", env)).code, 0);
  const found = await examine(place, " --server", env);
  assertEquals([found.code, found.json.ok], [0, true]);
  assertEquals(found.ids, ["S-026 info", "S-061 info"]);
  const { daemon, project, sign_in: signIn, ...rest } = found.states;
  assertEquals([daemon, project, signIn], ["info", "ok", "info"]);
  assertEquals([...new Set(Object.values(rest))], ["ok"]);
  const text = await place.run("sync doctor --server", env);
  assertEquals([text.code, text.stderr], [0, ""]);
  assert(text.stdout.endsWith("\nNothing is wrong with delivery.\n"));
});

Deno.test.each([
  {
    name: "an event is older than a day",
    script: `UPDATE events SET captured_at = captured_at - ${2 * DAY}`,
    id: "S-050 error",
    command: "reeve sync now",
  },
  {
    name: "there are dead letters",
    script: `INSERT INTO deliveries (seq, lane, state, epoch, reason_code)
      VALUES (1, 'x', 'dead', 1, 'refused')`,
    id: "S-041 error",
    command: "reeve sync dead list",
  },
  {
    name: "events were refused",
    script: "UPDATE meta SET refused = 1",
    id: "S-038 error",
    command: "reeve sync now",
  },
  {
    name: "the last pass failed",
    script: `UPDATE target SET last_pass_at = 1,
      last_pass = '{"stoppedBecause":"forbidden","detail":""}'`,
    id: "S-053 error",
    command: "reeve auth status",
  },
])("reeve sync doctor ends with 1 while $name", async (row) => {
  await using place = await makeSyncPlace();
  await place.emit("hello");
  place.sql(row.script);
  const { code, ids, findings } = await examine(place);
  assertEquals(code, 1);
  assert(ids.includes(row.id), ids.join());
  const found = findings.find(({ id }: Finding) => row.id.startsWith(id));
  assertEquals(found.remediation.command, row.command);
});

Deno.test("reeve sync doctor knows a dead holder, and --fix lets its lease go", async () => {
  await using place = await makeSyncPlace();
  await place.emit("hello");
  const gone = new Deno.Command("true").spawn();
  await gone.status;
  place.sql(`INSERT INTO leases VALUES
    ('drain', 'x', 7, ${Date.now() + 25_000}, ${gone.pid}, 'daemon');
    INSERT INTO deliveries (seq, lane, state, epoch, holds)
      VALUES (1, 'x', 'inflight', 1, 1);`);
  const before = await examine(place);
  assert(before.ids.includes("S-055 warn"), before.ids.join());
  const after = await examine(place, " --fix");
  assert(
    after.fixed.includes(
      `Released the lease of process ${gone.pid}, which is gone.`,
    ),
    after.fixed.join(),
  );
});

Deno.test("reeve sync doctor --fix brings the overflow file in", async () => {
  await using place = await makeSyncPlace();
  await place.emit("hello");
  const before = await place.run("sync status --json");
  await using _busy = await holdQueue(place);
  const spilled = await place.run("event emit NoteRecorded --text two --json");
  assertEquals(spilled.json.outcome, "spilled");
  await _busy[Symbol.asyncDispose]();
  const found = await examine(place);
  assert(found.ids.includes("S-037 warn"), found.ids.join());
  const fixed = await examine(place, " --fix");
  assertEquals(
    fixed.fixed[0],
    `Imported 1 event from ${place.directory}/overflow.jsonl.`,
  );
  assert(!fixed.ids.includes("S-037 warn"), fixed.ids.join());
  const after = await place.run("sync status --json");
  assertEquals(after.json.queue.captured, before.json.queue.captured + 1);
});

/** Keeps the queue busy until it is disposed of. */
async function holdQueue(place: SyncPlace): Promise<AsyncDisposable> {
  const code = `import { DatabaseSync } from "node:sqlite";
    const db = new DatabaseSync(Deno.args[0]);
    db.exec("BEGIN IMMEDIATE");
    console.log("held");
    await Deno.stdin.read(new Uint8Array(1));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code, `${place.directory}/queue.db`],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  let text = "";
  const reading = (async () => {
    const chunks = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const chunk of chunks) text += chunk;
  })();
  await waitUntil("the queue is held", () => text.includes("held"));
  let isOver = false;
  return {
    async [Symbol.asyncDispose]() {
      if (isOver) return;
      isOver = true;
      await child.stdin.close();
      await child.status;
      await reading;
    },
  };
}

Deno.test("reeve sync doctor shows damage and how to save what is left", async () => {
  await using place = await makeSyncPlace();
  await place.emit("hello");
  place.sql("PRAGMA wal_checkpoint(TRUNCATE)");
  const queue = `${place.directory}/queue.db`;
  await Deno.writeTextFile(queue, "this is no database".repeat(500));
  const { code, ids, states } = await examine(place);
  assertEquals([code, states.delivery], [1, "unknown"]);
  assert(ids.includes("S-031 error"), ids.join());
  await Deno.writeTextFile(`${place.directory}/queue.corrupt-1.db`, "");
  assert((await examine(place)).ids.includes("S-015 warn"));
});

Deno.test("reeve sync doctor shows modes with the line that mends them", async () => {
  await using place = await makeSyncPlace();
  await place.emit("hello");
  const queue = `${place.directory}/queue.db`;
  await Deno.chmod(queue, 0o644);
  const loose = async () =>
    (await examine(place)).findings
      .filter(({ id }: Finding) => id === "S-011")
      .map(({ remediation }: Finding) => remediation.command);
  const lines = await loose();
  assert(lines.includes(`chmod 600 '${queue}'`), lines.join());
  // SQLite gives the files beside a queue the mode of the queue.
  for (const line of [...lines, ...await loose()]) {
    await new Deno.Command("sh", { args: ["-c", line] }).output();
  }
  assertEquals(await loose(), []);
});

Deno.test("reeve sync doctor shows a faulty setting with file and line", async () => {
  await using place = await makeSyncPlace();
  const file = `${place.sandbox.root}/config.json`;
  await Deno.writeTextFile(
    file,
    `{\n  "schema_version": 1,\n  "sync": {\n    "mode": "nowhere"\n  }\n}\n`,
  );
  const { code, findings } = await examine(place);
  const found = findings.find(({ id }: Finding) => id === "S-005");
  assertEquals([code, found.severity], [1, "error"]);
  assertEquals(found.remediation.command, `\${EDITOR:-vi} +4 '${file}'`);
});

Deno.test.each([
  { fault: "clock-skew=-7200", id: "S-076 warn" },
  { fault: "html", id: "S-071 error" },
])(
  "reeve sync doctor --server with the fault $fault finds $id",
  async (row) => {
    await using receiver = await startReceiver({ faults: [row.fault] });
    await using place = await makeSyncPlace();
    const env = toward(receiver);
    assert(!(await examine(place, "", env)).ids.includes(row.id));
    const { ids } = await examine(place, " --server", env);
    assert(ids.includes(row.id), ids.join());
  },
);

Deno.test("reeve sync doctor --server says when nobody answers", async () => {
  await using place = await makeSyncPlace();
  const port = place.sandbox.firstPort;
  const env = { REEVE_SERVER_URL: `http://127.0.0.1:${port}` };
  const { code, ids, states } = await examine(place, " --server", env);
  assertEquals([code, states.server, states.clock], [1, "error", "unknown"]);
  assert(ids.includes("S-070 error"), ids.join());
});
