import { assert, assertEquals } from "@std/assert";
import { makeConfigPlace } from "./config_place.ts";
import { makeSyncPlace, type SyncPlace } from "./sync_place.ts";

/** A file with a type, whose rule about `n` changes over time. */
async function writeTypes(
  place: SyncPlace,
  rule: Readonly<Record<string, unknown>>,
): Promise<string> {
  const path = `${place.sandbox.directory}/types.json`;
  const types = [{
    type: "TaskChanged",
    "aggregate_type": "Task",
    fields: { n: rule },
  }];
  const text = JSON.stringify({ "schema_version": 1, types });
  await Deno.writeTextFile(path, text);
  return path;
}

async function emitTask(place: SyncPlace, path: string): Promise<string> {
  const args = `event emit TaskChanged --json --data {"n":1} --types ${path}`;
  return (await place.run(args)).json.event_id;
}

Deno.test("reeve sync diagnose of sound events ends with 0", async () => {
  await using place = await makeSyncPlace();
  await place.emit("one", "two");
  const text = await place.run("sync diagnose");
  assertEquals(
    [text.code, text.stdout, text.stderr],
    [
      0,
      "Checked 2 events that the server does not have: all are valid.\n",
      "",
    ],
  );
  const { code, json } = await place.run("sync diagnose --json");
  assertEquals([code, json], [0, {
    schema: "sync_diagnose",
    "schema_version": 1,
    ok: true,
    "exit_code": 0,
    project_id: place.id,
    checked: 2,
    invalid: 0,
    problems: [],
    "unknown_types": {},
    quarantined: 0,
    quarantine: [],
  }]);
});

Deno.test("reeve sync diagnose finds what later types forbid", async () => {
  await using place = await makeSyncPlace();
  const path = await writeTypes(place, { kind: "integer" });
  const ids = [await emitTask(place, path), await emitTask(place, path)];
  const unknown = await place.run("sync diagnose --json");
  assertEquals(
    [unknown.code, unknown.json.checked, unknown.json.unknown_types],
    [0, 0, { TaskChanged: 2 }],
  );
  await writeTypes(place, { kind: "string" });
  const { code, json } = await place.run(
    `sync diagnose --json --types ${path}`,
  );
  assertEquals([code, json.ok, json.invalid], [1, false, 2]);
  const [problem] = json.problems;
  assertEquals(
    [problem.field, problem.count, problem.examples],
    ["payload.n", 2, ids],
  );
});

Deno.test("reeve sync diagnose ends with 1 while the quarantine holds something", async () => {
  await using place = await makeSyncPlace();
  await place.run(`event emit NoteRecorded --data {"text":5}`);
  const { code, json, stderr } = await place.run("sync diagnose --json");
  assertEquals([code, json.invalid, json.quarantined, stderr], [1, 0, 1, ""]);
  assertEquals(json.quarantine[0].field, "payload.text");
});

Deno.test("reeve sync diagnose --event shows all about one event", async () => {
  await using place = await makeSyncPlace();
  const { json: emitted } = await place.run(
    "event emit NoteRecorded --text hello --json",
  );
  const id: string = emitted.event_id;
  const { code, json } = await place.run(
    `sync diagnose --json --event ${id.toLowerCase()}`,
  );
  assertEquals([code, json.ok, json.problem], [0, true, null]);
  assertEquals(
    [json.event.event_id, json.event.state, json.body.payload],
    [id, "ready", { text: "hello" }],
  );
  const text = await place.run(`sync diagnose --event ${id}`);
  assertEquals(text.code, 0);
  assert(text.stdout.includes(`\n    "text": "hello"\n`), text.stdout);
});

Deno.test("reeve sync diagnose --event finds what was not captured", async () => {
  await using place = await makeSyncPlace();
  const id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  await place.run(`event emit NoteRecorded --data {"text":5} --id ${id}`);
  const { code, json } = await place.run(`sync diagnose --json --event ${id}`);
  assertEquals(
    [code, json.quarantine.event_id, json.problem.field],
    [1, id, "payload.text"],
  );
});

Deno.test("reeve sync diagnose --event of no event is an error", async () => {
  await using place = await makeSyncPlace();
  const { code, json } = await place.run("sync diagnose --json --event X");
  assertEquals([code, json.error.code], [1, "not_found"]);
});

Deno.test("reeve sync diagnose notices a body that was changed", async () => {
  await using place = await makeSyncPlace();
  await place.emit("hello");
  place.sql("UPDATE events SET body = replace(body, 'hello', 'hallo')");
  const { code, json } = await place.run("sync diagnose --json");
  assertEquals([code, json.problems[0].field], [1, "sha256"]);
});

Deno.test.each([
  { args: "sync diagnose --json", code: 1, error: "not_found" },
  { args: "sync diagnose --json --types /none", code: 1, error: "not_found" },
  { args: "sync diagnose --json --event", code: 64, error: "usage" },
])("reeve $args without a project ends with $code", async (row) => {
  await using place = await makeConfigPlace();
  const { code, json } = await place.run(row.args.split(" "));
  assertEquals([code, json.error.code], [row.code, row.error]);
});
