import { assertEquals } from "@std/assert";
import { pathsBelow } from "#support/environment_runs.ts";
import { createFakeHost } from "#support/fake_host.ts";
import { parentPath } from "../host/path.ts";
import { appendEvents, olderEventsPath, readEvents } from "./event_file.ts";

const PATHS = pathsBelow("/home/ada/.reeve");

Deno.test("events are on disk as they happen", async () => {
  const host = createFakeHost({ startMs: Date.UTC(2026, 0, 2) });
  assertEquals(readEvents(host, PATHS), { events: [], damagedLines: 0 });
  await appendEvents(host, PATHS, []);
  assertEquals(host.world.writes, []);
  await appendEvents(host, PATHS, [
    { name: "service.start", trace: "run-1", fields: { unit: "api" } },
    { name: "port.reserved", trace: "run-1" },
  ]);
  const { events } = readEvents(host, PATHS);
  assertEquals(events, [
    {
      unit: "api",
      schema: "runtime_event",
      "schema_version": 1,
      event: "service.start",
      timestamp: "2026-01-02T00:00:00.000Z",
      "trace_id": "run-1",
    },
    {
      schema: "runtime_event",
      "schema_version": 1,
      event: "port.reserved",
      timestamp: "2026-01-02T00:00:00.000Z",
      "trace_id": "run-1",
    },
  ]);
});

Deno.test("fields cannot pretend to be another event", async () => {
  const host = createFakeHost();
  const fields = { event: "other", "trace_id": "other" };
  await appendEvents(host, PATHS, [{ name: "a", trace: "t", fields }]);
  const { events: [event] } = readEvents(host, PATHS);
  assertEquals([event?.event, event?.["trace_id"]], ["a", "t"]);
});

Deno.test("a cut or foreign line is counted and swallows no other", async () => {
  const host = createFakeHost();
  const [a, b] = ["a", "b"].map((name) => [{ name, trace: "t" }]);
  await appendEvents(host, PATHS, a ?? []);
  const text = host.world.disk.textOf(PATHS.events) ?? "";
  const torn = text.slice(0, text.length / 2);
  host.world.disk.put(PATHS.events, `${text}[1]\n{"event":"x"}\n${torn}`);
  await appendEvents(host, PATHS, b ?? []);
  const { events, damagedLines } = readEvents(host, PATHS);
  assertEquals(events.map(({ event }) => event), ["a", "b"]);
  assertEquals(damagedLines, 3);
});

Deno.test("a file that is too large is put aside, and nothing of it is lost", async () => {
  const host = createFakeHost();
  for (const name of ["a", "b", "c"]) {
    await appendEvents(host, PATHS, [{ name, trace: "t" }], 1);
  }
  const { events } = readEvents(host, PATHS);
  assertEquals(events.map(({ event }) => event), ["b", "c"]);
  assertEquals(host.blocking.list(parentPath(PATHS.events)), [
    "events.jsonl",
    "events.jsonl.1",
  ]);
});

Deno.test("a file within its size is not put aside", async () => {
  const host = createFakeHost();
  for (const name of ["a", "b", "c"]) {
    await appendEvents(host, PATHS, [{ name, trace: "t" }]);
  }
  assertEquals(readEvents(host, PATHS).events.length, 3);
  assertEquals(host.blocking.stat(olderEventsPath(PATHS)), undefined);
});
