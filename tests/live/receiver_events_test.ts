import { assert, assertEquals, assertMatch } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import {
  ask,
  get,
  gzip,
  headersOf,
  makeEvent,
  makeEvents,
  NODE,
  post,
  PROJECT,
  send,
  sha256,
  statuses,
  ulid,
} from "./receiver_client.ts";

const BATCH = "/api/v1/events/batch/";
const LOOKUP = "/api/v1/events/lookup/";

Deno.test("health states the limits and needs no session", async () => {
  await using started = await startReceiver();
  const { status, json } = await ask(`${started.url}/api/v1/sync/health/`);
  assertEquals(status, 200);
  assertEquals(json, {
    status: "ok",
    protocol: "3.0",
    "max_events_per_batch": 1000,
    "max_decompressed_bytes_per_batch": 524288,
    "retry_after_min_seconds": 1,
    "retry_after_max_seconds": 3600,
  });
});

Deno.test("an event is stored once, however often it comes", async () => {
  await using started = await startReceiver();
  const events = makeEvents(3);
  const first = await send(started, events);
  assertEquals([first.status, statuses(first)], [
    200,
    ["success", "success", "success"],
  ]);
  assertEquals(first.json.max_lamport, { [NODE]: 3 });
  const again = await send(started, [...events].reverse());
  assertEquals(statuses(again), ["duplicate", "duplicate", "duplicate"]);
  assertEquals(again.json.max_lamport, { [NODE]: 3 });
  assertEquals(started.receiver.countEvents(), 3);
  assertEquals(
    started.receiver.bodies(),
    events.map((event) => JSON.stringify(event)),
  );
});

Deno.test("keys in another order are the same event", async () => {
  await using started = await startReceiver();
  const event = makeEvent();
  await send(started, [event]);
  const turned = Object.fromEntries(Object.entries(event).reverse());
  assertEquals(statuses(await send(started, [turned])), ["duplicate"]);
});

Deno.test("other content under a known id is a conflict, and the rest is stored", async () => {
  await using started = await startReceiver();
  const [one, two] = [makeEvent(1), makeEvent(2)];
  await send(started, [one]);
  const changed = { ...one, payload: { to: "done" } };
  const answer = await send(started, [changed, two]);
  assertEquals(answer.status, 200);
  const [conflict, stored] = answer.json.results;
  assertEquals([conflict.status, conflict.code], ["rejected", "id_conflict"]);
  assertEquals(stored, { "event_id": two["event_id"], status: "success" });
  assertEquals(started.receiver.bodies()[0], JSON.stringify(one));
});

Deno.test("what is no event is refused by itself", async () => {
  await using started = await startReceiver();
  const events = [
    makeEvent(1),
    makeEvent(2, { "node_id": "short" }),
    makeEvent(3, { payload: { text: "x".repeat(65_536) } }),
    makeEvent(4, { "project_uuid": "7f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d" }),
  ];
  const answer = await send(started, events);
  assertEquals(
    answer.json.results.map((result: Record<string, string>) =>
      `${result["status"]} ${result["code"]} ${result["error"]}`
    ),
    [
      "success undefined undefined",
      "rejected schema_mismatch node_id: must be 32 lowercase hexadecimal digits",
      "rejected oversized_event payload: is over 65536 bytes",
      `rejected schema_mismatch project_uuid: must be ${PROJECT} as in the ` +
      "rest of the batch",
    ],
  );
  assertEquals(started.receiver.countEvents(), 1);
});

Deno.test("a batch with an event that has no id is refused as a whole", async () => {
  await using started = await startReceiver();
  const answer = await send(started, [makeEvent(1), { a: 1 }]);
  assertEquals(answer.status, 400);
  assertEquals(answer.json.error, {
    code: "schema_mismatch",
    message: "events[1].event_id: not a ULID",
  });
  assertEquals(started.receiver.countEvents(), 0);
});

Deno.test("gzip and plain bodies are the same", async () => {
  await using started = await startReceiver();
  const text = JSON.stringify({ events: makeEvents(50) });
  const packed = await ask(started.url + BATCH, {
    method: "POST",
    body: await gzip(text),
    headers: { ...headersOf(started), "content-encoding": "gzip" },
  });
  assertEquals(packed.status, 200);
  const plain = await post(started, BATCH, JSON.parse(text));
  assert(statuses(plain).every((status) => status === "duplicate"));
});

Deno.test("a bomb is refused before it is unpacked", async () => {
  await using started = await startReceiver();
  const bomb = await gzip(" ".repeat(64 * 1024 * 1024));
  assert(bomb.length < 100_000);
  const answer = await ask(started.url + BATCH, {
    method: "POST",
    body: bomb,
    headers: { ...headersOf(started), "content-encoding": "gzip" },
  });
  assertEquals([answer.status, answer.json.error.code], [413, "too_large"]);
});

Deno.test.each([
  { name: "broken gzip", encoding: "gzip", body: "nothing", status: 400 },
  { name: "another encoding", encoding: "br", body: "{}", status: 415 },
  { name: "no JSON", encoding: "identity", body: "{", status: 400 },
  { name: "no list", encoding: "identity", body: "{}", status: 400 },
  { name: "bad UTF-8", encoding: "identity", body: "\xff", status: 400 },
])("$name is refused with $status", async ({ encoding, body, status }) => {
  await using started = await startReceiver();
  const bytes = Uint8Array.from(body, (sign) => sign.charCodeAt(0));
  const answer = await ask(started.url + BATCH, {
    method: "POST",
    body: bytes,
    headers: { ...headersOf(started), "content-encoding": encoding },
  });
  assertEquals(answer.status, status);
});

Deno.test.each([
  { name: "too many events", limits: { maxEvents: 2 } },
  { name: "too many bytes", limits: { maxBytes: 1000 } },
  { name: "too many bytes on the wire", limits: { maxWireBytes: 1000 } },
])("$name are refused and none is stored", async ({ limits }) => {
  await using started = await startReceiver({ limits });
  const answer = await send(started, makeEvents(3));
  assertEquals(answer.status, 413);
  assertEquals(started.receiver.countEvents(), 0);
});

Deno.test.each([
  { change: { authorization: "" }, status: 401, code: "unauthorized" },
  { change: { authorization: "Bearer x" }, status: 401, code: "unauthorized" },
  {
    change: { "x-reeve-sync-protocol": "2.0" },
    status: 412,
    code: "protocol_mismatch",
  },
  {
    change: { "x-reeve-workspace": "" },
    status: 403,
    code: "workspace_missing",
  },
  { change: { "x-reeve-workspace": "acme" }, status: 403, code: "forbidden" },
])("$change is refused with $status $code", async (row) => {
  await using started = await startReceiver();
  const answer = await send(started, makeEvents(1), row.change);
  assertEquals([answer.status, answer.json.error.code], [row.status, row.code]);
  assertEquals(started.receiver.countEvents(), 0);
});

Deno.test("a lookup finds what is stored, with its hash", async () => {
  await using started = await startReceiver();
  const event = makeEvent();
  await send(started, [event]);
  const ids = [event["event_id"], ulid()];
  const body = { "project_uuid": PROJECT, "event_ids": ids };
  const { json } = await post(started, LOOKUP, body);
  const sha = await sha256(JSON.stringify(event));
  assertEquals(json, { found: [{ "event_id": ids[0], "sha256": sha }] });
  const other = { ...body, "project_uuid": crypto.randomUUID() };
  assertEquals((await post(started, LOOKUP, other)).json, { found: [] });
  const bad = { ...body, "event_ids": [1] };
  assertEquals((await post(started, LOOKUP, bad)).status, 400);
  const many = { ...body, "event_ids": Array.from({ length: 1001 }, ulid) };
  assertEquals((await post(started, LOOKUP, many)).status, 413);
});

Deno.test("the watermark counts the events of each node", async () => {
  await using started = await startReceiver();
  const path = `/api/v1/projects/${PROJECT}/watermark/`;
  assertEquals((await get(started, path)).json, { nodes: {} });
  await send(started, makeEvents(3));
  const other = "f".repeat(32);
  await send(started, [makeEvent(9, { "node_id": other }), makeEvent(2)]);
  assertEquals((await get(started, path)).json, {
    nodes: {
      [NODE]: { "max_lamport": 3, "event_count": 4 },
      [other]: { "max_lamport": 9, "event_count": 1 },
    },
  });
});

Deno.test("each workspace has its own events", async () => {
  await using started = await startReceiver({ workspaces: ["one", "two"] });
  const events = makeEvents(1);
  await send(started, events);
  const header = { "x-reeve-workspace": "two" };
  assertEquals(statuses(await send(started, events, header)), ["success"]);
  assertEquals(statuses(await send(started, events, header)), ["duplicate"]);
});

Deno.test("events outlive the server", async () => {
  const folder = await Deno.makeTempDir();
  const data = `${folder}/server.db`;
  const events = makeEvents(2);
  {
    await using started = await startReceiver({ data });
    await send(started, events);
  }
  {
    await using started = await startReceiver({ data });
    assertEquals(statuses(await send(started, events)), [
      "duplicate",
      "duplicate",
    ]);
  }
  if (Deno.build.os !== "windows") {
    assertEquals((await Deno.stat(data)).mode, 0o100600);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("senders at the same time store each event once", async () => {
  await using started = await startReceiver();
  const events = makeEvents(200);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => send(started, events)),
  );
  const stored = answers.flatMap(statuses)
    .filter((status) => status === "success");
  assertEquals([stored.length, started.receiver.countEvents()], [200, 200]);
});

Deno.test("a page of another name reaches nothing", async () => {
  await using started = await startReceiver();
  using connection = await Deno.connect({ port: started.port });
  const request = "GET /api/v1/sync/health/ HTTP/1.1\r\n" +
    "Host: evil.example\r\nConnection: close\r\n\r\n";
  await connection.write(new TextEncoder().encode(request));
  const bytes = new Uint8Array(1000);
  const length = await connection.read(bytes) ?? 0;
  const head = new TextDecoder().decode(bytes.subarray(0, length));
  assertMatch(head, /^HTTP\/1\.1 403 /);
});
