import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { anyRun, runOf, SCOPE } from "#support/environment_runs.ts";
import { parseDocument } from "../state/document.ts";
import { formatDocument } from "./document_codec.ts";
import { decodeRun, encodeRun } from "./run_codec.ts";
import { runStateSchema } from "./run_schema.ts";

function read(text: string) {
  return parseDocument(text, runStateSchema);
}

Deno.test("a run survives being written and read", () => {
  fc.assert(fc.property(anyRun, (run) => {
    const found = read(formatDocument(encodeRun(SCOPE, run)));
    assert(found.kind === "found", JSON.stringify(found));
    assertEquals(found.value.scope, SCOPE);
    assertEquals(decodeRun(found.value), run);
  }));
});

Deno.test("a document survives being read and written", () => {
  fc.assert(fc.property(anyRun, (run) => {
    const text = formatDocument(encodeRun(SCOPE, run));
    const found = read(text);
    assert(found.kind === "found");
    const again = encodeRun(found.value.scope, decodeRun(found.value));
    assertEquals(formatDocument(again), text);
  }));
});

Deno.test("keys that nobody knows are fine", () => {
  const document = encodeRun(SCOPE, runOf(1));
  const [service] = document.services;
  const more = { ...document, colour: 1, services: [{ ...service, age: 2 }] };
  const found = read(JSON.stringify(more));
  assert(found.kind === "found");
  assertEquals(decodeRun(found.value), runOf(1));
});

const SOUND = encodeRun(SCOPE, runOf(1));
const [SERVICE] = SOUND.services;

Deno.test.each([
  { key: "run_id", change: { "run_id": "../run" } },
  { key: "mode", change: { "mode": "both" } },
  { key: "schema", change: { "schema": "run_index" } },
  { key: "schema_version", change: { "schema_version": "1" } },
  { key: "created_at", change: { "created_at": "yesterday" } },
  { key: "created_at", change: { "created_at": "2026-01-02" } },
  { key: "services", change: { "services": {} } },
  { key: "projects.0.name", change: { "projects": [{ name: "", root: "/" }] } },
  {
    key: "services.0.identity.pid",
    change: {
      services: [{
        ...SERVICE,
        identity: { ...SERVICE?.identity, pid: true },
      }],
    },
  },
  {
    key: "services.0.identity.pid",
    change: {
      services: [{ ...SERVICE, identity: { ...SERVICE?.identity, pid: 1 } }],
    },
  },
  {
    key: "services.0.actual_port",
    change: { services: [{ ...SERVICE, "actual_port": 0 }] },
  },
  {
    key: "services.0.status",
    change: { services: [{ ...SERVICE, status: "fine" }] },
  },
])("a document with a wrong $key is damaged", ({ key, change }) => {
  const found = read(JSON.stringify({ ...SOUND, ...change }));
  assertEquals(found, {
    kind: "damaged",
    reason: `these keys are wrong: ${key}`,
  });
});

Deno.test("a document of a newer reeve is not guessed at", () => {
  const found = read(JSON.stringify({ ...SOUND, "schema_version": 2 }));
  assertEquals(found.kind, "too_new");
});

Deno.test("formatDocument() sorts keys at every level", () => {
  const text = formatDocument({ b: [{ d: 1, c: undefined, a: null }], a: 0 });
  assertEquals(
    text,
    '{\n  "a": 0,\n  "b": [\n    {\n      "a": null,\n      "d": 1\n    }\n  ]\n}\n',
  );
});

Deno.test("formatDocument() keeps a key called __proto__", () => {
  const value = Object.fromEntries([["__proto__", 1]]);
  assertEquals(formatDocument(value), '{\n  "__proto__": 1\n}\n');
});
