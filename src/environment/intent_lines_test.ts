import { assertEquals } from "@std/assert";
import { parseIntents } from "./intent_lines.ts";

const BEGUN = {
  "schema_version": 1,
  step: "intended",
  at: 0,
  "intent_id": "i",
  run: "r",
  project: "Main",
  unit: "api",
  port: 8000,
  marker: "m",
  "argv_hash": "h",
};

Deno.test.each([
  { title: "of another version", change: { "schema_version": 2 } },
  { title: "without an id", change: { "intent_id": 7 } },
  { title: "with an unknown step", change: { step: "thought" } },
  { title: "without a marker", change: { marker: null } },
  { title: "without a project", change: { project: 1 } },
  { title: "with a wrong port", change: { port: "80" } },
  { title: "without a time", change: { at: "now" } },
  {
    title: "of a process that nobody intended",
    change: { step: "spawned", pid: 7, "start_stamp": "s" },
  },
])("a line $title is damaged", ({ change }) => {
  assertEquals(parseIntents(JSON.stringify(BEGUN)).damagedLines, 0);
  const found = parseIntents(JSON.stringify({ ...BEGUN, ...change }));
  assertEquals([found.damagedLines, found.unresolved], [1, []]);
});

Deno.test.each([
  { text: "without intents", change: { "intent_ids": null } },
  { text: "of an intent that is no text", change: { "intent_ids": ["i", 7] } },
  { text: "of another version", change: { "schema_version": 2 } },
])("a line that settles is damaged when it is $text", ({ change }) => {
  const begun = JSON.stringify(BEGUN);
  const settled = {
    "schema_version": 1,
    step: "settled",
    at: 0,
    "intent_ids": ["i"],
    outcome: "saved",
  };
  const whole = parseIntents(`${begun}\n${JSON.stringify(settled)}`);
  assertEquals([whole.damagedLines, whole.unresolved], [0, []]);
  const text = `${begun}\n${JSON.stringify({ ...settled, ...change })}`;
  const { damagedLines, unresolved } = parseIntents(text);
  assertEquals([damagedLines, unresolved.length], [1, 1]);
});

Deno.test.each([
  { pid: true },
  { pid: 1 },
  { pid: 1.5 },
  { pid: "7" },
  { pid: -7 },
])("$pid is no process id", ({ pid }) => {
  const spawned = {
    "schema_version": 1,
    step: "spawned",
    at: 0,
    "intent_id": "i",
    pid,
    "start_stamp": "s",
  };
  const lines = [BEGUN, spawned].map((line) => JSON.stringify(line));
  const { unresolved, damagedLines } = parseIntents(lines.join("\n"));
  assertEquals([unresolved[0]?.identity, damagedLines], [undefined, 1]);
});
