import { assert, assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { parseUserFile, readUserFile } from "./user_file.ts";

const FILE = "/r/config.json";

Deno.test("parseUserFile() finds our keys however deep, and the others", () => {
  const file = parseUserFile(
    FILE,
    `{
      "schema_version": 1,
      "sync": {
        "mode": "off",
        "batch": { "max_events": 5, "odd": 1 },
        "moed": "off"
      },
      "sync.max_rows": 5,
      "other": { "a": 1 }
    }`,
  );
  assertEquals(Object.fromEntries(file.values), {
    "sync.mode": "off",
    "sync.batch.max_events": 5,
  });
  assertEquals(file.unknown, [
    ["sync", "batch", "odd"],
    ["sync", "moed"],
    ["sync.max_rows"],
    ["other"],
  ]);
  assertEquals(file.fault, undefined);
});

Deno.test.each([
  { name: "nothing", text: "", kind: "unparseable", says: "it is empty" },
  { name: "blanks", text: " \n", kind: "unparseable", says: "it is empty" },
  {
    name: "half of it",
    text: '{"sync": {\n"mode": "o',
    kind: "unparseable",
    says: "line 2: it is not JSON",
  },
  {
    name: "bytes",
    text: "\0\uFFFD\u0001",
    kind: "unparseable",
    says: "line 1: it is not JSON",
  },
  {
    name: "a last comma",
    text: '{"sync": {},\n\n}',
    kind: "unparseable",
    says: "line 3: it is not JSON",
  },
  {
    name: "a list",
    text: "[]",
    kind: "wrong_shape",
    says: "it is not a JSON object",
  },
  {
    name: "null",
    text: "null",
    kind: "wrong_shape",
    says: "it is not a JSON object",
  },
  {
    name: "no section where one must be",
    text: '{\n"sync": true}',
    kind: "wrong_shape",
    says: "line 2: sync must be an object that holds keys",
  },
  {
    name: "a list as section",
    text: '{"sync": {\n"batch": []}}',
    kind: "wrong_shape",
    says: "line 2: sync.batch must be an object that holds keys",
  },
  {
    name: "a word as version",
    text: '{\n"schema_version": "1"}',
    kind: "wrong_shape",
    says: "line 2: schema_version is not a version",
  },
  {
    name: "no number as version",
    text: '{"schema_version": null}',
    kind: "wrong_shape",
    says: "line 1: schema_version is not a version",
  },
  {
    name: "a later version",
    text: '{"schema_version": 2, "sync": []}',
    kind: "too_new",
    says: "it has version 2",
  },
])("parseUserFile() has a fault with $name", ({ text, kind, says }) => {
  const { fault, values } = parseUserFile(FILE, text);
  assertEquals<unknown>([fault?.kind, values.size], [kind, 0]);
  assert(fault?.message.endsWith(says), fault?.message);
  assert(fault?.message.startsWith(`Cannot use ${FILE}`), fault?.message);
});

Deno.test("parseUserFile() is not led astray by names of objects", () => {
  const text = '{"__proto__": {"sync": 1}, "constructor": 1, "toString": 1}';
  const { fault, values, unknown } = parseUserFile(FILE, text);
  assertEquals([fault, values.size], [undefined, 0]);
  assertEquals(unknown, [["__proto__"], ["constructor"], ["toString"]]);
});

Deno.test("readUserFile() of no file has no fault", () => {
  const { text, fault, values } = readUserFile(createFakeHost(), FILE);
  assertEquals([text, fault, values.size], [undefined, undefined, 0]);
});

Deno.test("readUserFile() has a fault for what is no file", () => {
  const host = createFakeHost();
  host.world.disk.putDirectory(FILE);
  const { fault } = readUserFile(host, FILE);
  assertEquals(fault?.message, `Cannot use ${FILE}: is a directory`);
});

Deno.test("readUserFile() has a fault for a file that is far too large", () => {
  const host = createFakeHost();
  host.world.disk.put(FILE, " ".repeat(2 ** 20 + 1));
  assertEquals(readUserFile(host, FILE).fault?.kind, "unreadable");
});
