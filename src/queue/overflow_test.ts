import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createFakeHost } from "#support/fake_host.ts";
import { draftOf } from "#support/tasks.ts";
import { HostError } from "../host/host.ts";
import {
  formatDrafts,
  overflowBytes,
  parseOverflow,
  spill,
} from "./overflow.ts";
import { OVERFLOW_LIMIT_BYTES } from "./capacity.ts";
import { hashText } from "./envelope.ts";

const PATH = "/r/projects/p/overflow.jsonl";
const one = draftOf({ payload: '{"text":"one\\n"}' });
const two = draftOf({ aggregateId: "two\n\u2028\ud800" });

Deno.test("parseOverflow() gives back what formatDrafts([]) wrote, in order", () => {
  const text = formatDrafts([one]) + formatDrafts([two]) + formatDrafts([one]);
  const { drafts, damaged } = parseOverflow(text);
  assertEquals(drafts.map((draft) => JSON.stringify(draft)), [
    JSON.stringify(one),
    JSON.stringify(two),
    JSON.stringify(one),
  ]);
  assertEquals(damaged, []);
});

Deno.test.each([
  { name: "nothing", text: "" },
  { name: "empty lines", text: "\n\n\n" },
])("parseOverflow() finds nothing in $name", ({ text }) => {
  assertEquals(parseOverflow(text), { drafts: [], damaged: [] });
});

const line = formatDrafts([one]).trimEnd();

Deno.test.each([
  { name: "a torn line", bad: line.slice(0, -1) },
  { name: "a line without its beginning", bad: line.slice(1) },
  { name: "a changed letter", bad: line.replace("t1", "t2") },
  {
    name: "a changed checksum",
    bad: `0${line.slice(1)}`.replace(/^0(?=0)/, "1"),
  },
  { name: "another space", bad: line.replace(" ", "\t") },
  { name: "half a checksum", bad: line.slice(0, 8) },
  { name: "a checksum without an event", bad: line.slice(0, 17) },
  { name: "rubbish", bad: "\0\0\0\0" },
  { name: "no list", bad: `${hashText("{}").slice(0, 16)} {}` },
])("parseOverflow() keeps $name apart from sound neighbours", ({ bad }) => {
  const { drafts, damaged } = parseOverflow(
    `\n${formatDrafts([one])}${bad}\n${formatDrafts([two])}`,
  );
  assertEquals(drafts.map(({ aggregateId }) => aggregateId), [
    "t1",
    two.aggregateId,
  ]);
  assertEquals(damaged, [bad]);
});

Deno.test("parseOverflow() loses only the last event when the end is torn anywhere", () => {
  const text = formatDrafts([one]) + formatDrafts([two]);
  for (let cut = formatDrafts([one]).length; cut < text.length - 1; cut++) {
    const { drafts, damaged } = parseOverflow(text.slice(0, cut));
    assertEquals(drafts.length, 1);
    assertEquals(damaged.length, cut === formatDrafts([one]).length ? 0 : 1);
  }
});

Deno.test("parseOverflow() never makes an event of what nobody wrote", () => {
  const bytes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 127 })), {
    minLength: 1,
    maxLength: 4,
  });
  const sound = formatDrafts([one]) + formatDrafts([two]);
  const known = new Set(
    parseOverflow(sound).drafts.map((draft) => JSON.stringify(draft)),
  );
  fc.assert(
    fc.property(bytes, (flips) => {
      const data = new TextEncoder().encode(sound);
      for (const [at, bits] of flips) {
        data[at % data.length] = (data[at % data.length] ?? 0) ^ bits;
      }
      const { drafts } = parseOverflow(new TextDecoder().decode(data));
      assert(drafts.every((draft) => known.has(JSON.stringify(draft))));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("spill() makes the directory and appends line by line", () => {
  const host = createFakeHost();
  assertEquals(spill(host, PATH, [one]), "appended");
  assertEquals(spill(host, PATH, [two, one]), "appended");
  const { drafts } = parseOverflow(host.world.disk.textOf(PATH) ?? "");
  assertEquals(drafts.length, 3);
});

Deno.test("spill() keeps a batch whole: torn anywhere, nothing of it is left", () => {
  const host = createFakeHost();
  spill(host, PATH, [one]);
  const first = host.world.disk.textOf(PATH) ?? "";
  spill(host, PATH, [one, two, one]);
  const text = host.world.disk.textOf(PATH) ?? "";
  assertEquals(parseOverflow(text).drafts.length, 4);
  for (let cut = first.length; cut < text.length - 1; cut++) {
    assertEquals(parseOverflow(text.slice(0, cut)).drafts.length, 1);
  }
});

Deno.test("spill() does not let a torn line swallow the next one", () => {
  const host = createFakeHost();
  host.world.disk.put(PATH, line.slice(0, 40));
  spill(host, PATH, [two]);
  const { drafts, damaged } = parseOverflow(host.world.disk.textOf(PATH) ?? "");
  assertEquals(drafts.length, 1);
  assertEquals(damaged, [line.slice(0, 40)]);
});

Deno.test("spill() writes all or nothing when the file is nearly full", () => {
  const host = createFakeHost();
  const room = formatDrafts([one]).length + 1;
  const before = "x".repeat(OVERFLOW_LIMIT_BYTES - room);
  host.world.disk.put(PATH, before);
  assertEquals(spill(host, PATH, [one, one]), "full");
  assertEquals(host.world.disk.textOf(PATH), before);
  assertEquals(spill(host, PATH, [one]), "appended");
  assertEquals(spill(host, PATH, [one]), "full");
});

Deno.test("spill() passes on what the disk refuses", () => {
  const host = createFakeHost();
  host.world.failFiles(PATH, "no_space");
  const error = assertThrows(() => spill(host, PATH, [one]), HostError);
  assertEquals(error.code, "no_space");
});

Deno.test("overflowBytes() is the size of the file, and 0 without one", () => {
  const host = createFakeHost();
  assertEquals(overflowBytes(host, PATH), 0);
  host.world.disk.put(PATH, "äb");
  assertEquals(overflowBytes(host, PATH), 3);
});
