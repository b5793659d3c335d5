import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { jsonRecords } from "#support/json_values.ts";
import { draftOf, ORIGIN } from "#support/tasks.ts";
import { canonicalJson } from "./canonical_json.ts";
import {
  buildIdOf,
  byteLength,
  contentHash,
  draftEvent,
  encodeEnvelope,
  hashText,
  laneOf,
  nodeIdOf,
  type Stamp,
} from "./envelope.ts";
import type { EventArgs } from "./event.ts";
import { BUILT_IN_TYPES, createRegistry } from "./registry.ts";
import { findProblem } from "./validate.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const CAUSE = "01ARYZ6S410000000000000000";

const STAMP: Stamp = {
  nodeId: "0123456789abcdef0123456789abcdef",
  buildId: "11111111-2222-5333-8444-555555555555",
  projectId: "6f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d",
  clockEpoch: 1,
  lamport: 7,
};

const HEAD = `"build_id":"${STAMP.buildId}","causation_id":null,` +
  `"clock_epoch":1,"correlation_id":"${ID}","event_id":"${ID}"`;
const MIDDLE = `"git_branch":"main","head_commit_sha":null,` +
  `"lamport_clock":7,"node_id":"${STAMP.nodeId}"`;
const TAIL = `"project_slug":"reeve","project_uuid":"${STAMP.projectId}",` +
  `"repo_slug":null,"schema_version":"3.0.0","team_slug":null,` +
  `"timestamp":"2026-01-02T03:04:05.006Z"}`;

interface Golden {
  readonly type: string;
  readonly payload: EventArgs["payload"];
  readonly about: string;
  readonly written: string;
  readonly sha256: string;
}

const GOLDEN: readonly Golden[] = [
  {
    type: "BuildRegistered",
    payload: {
      commit: null,
      "build_id": "b1",
      branch: "main",
      "client_version": "0.1.0",
    },
    about: "Build",
    written:
      '{"branch":"main","build_id":"b1","client_version":"0.1.0","commit":null}',
    sha256: "93fc16e852437d1e81a1ce2cb8402f07d05082b807003ddee1c389f8875f3bc7",
  },
  {
    type: "NoteRecorded",
    payload: { text: "Grüße \u{1F600}\n", tags: ["b", "a"] },
    about: "Note",
    written: '{"tags":["b","a"],"text":"Grüße \u{1F600}\\n"}',
    sha256: "35f8625d00873f814cacccb7d8633b043ac47348cb11b9559a4e7447007350db",
  },
  {
    type: "ErrorLogged",
    payload: {
      "stack_trace": "at f",
      "error_type": "runtime",
      "error_message": "m",
    },
    about: "Build",
    written:
      '{"error_message":"m","error_type":"runtime","stack_trace":"at f"}',
    sha256: "8dd18eaafea17d1b966bc430f252adff8851ac8c84534167211596920bef3767",
  },
  {
    type: "UsageMeasured",
    payload: { value: 1.5, name: "time", unit: "s" },
    about: "Build",
    written: '{"name":"time","unit":"s","value":1.5}',
    sha256: "bfb2438c68f4b057089e7d021c501e4b4a3c486f78dab75315d1a580f230d47d",
  },
  {
    type: "StatusObserved",
    payload: { state: { b: [1, null], a: true }, name: "ci" },
    about: "Status",
    written: '{"name":"ci","state":{"a":true,"b":[1,null]}}',
    sha256: "1a2e43dc7622101451d24367d7989aad0774c8898523176c8a6ec790844609d7",
  },
  {
    type: "TelemetryDropped",
    payload: { "until_lamport": 9, count: 3, "since_lamport": 4 },
    about: "Build",
    written: '{"count":3,"since_lamport":4,"until_lamport":9}',
    sha256: "e2174649aa0fd6154ef23b9654bc2f570c3c4db340d3885f9347d8c266944003",
  },
];

function draftOfType(name: string, args: EventArgs) {
  const type = createRegistry().get(name);
  assert(type !== undefined);
  assertEquals(findProblem(type, args), undefined);
  const { payload } = args;
  const facts = { eventId: ID, nowMs: NOW, payload, origin: ORIGIN };
  return draftEvent(type, args, facts);
}

Deno.test.each(GOLDEN)(
  "encodeEnvelope() writes the bytes of $type",
  ({ type, payload, about, written, sha256 }) => {
    const body = encodeEnvelope(
      draftOfType(type, { aggregateId: 'a"1', payload }),
      STAMP,
    );
    assertEquals(
      body,
      `{"aggregate_id":"a\\"1","aggregate_type":"${about}",${HEAD},` +
        `"event_type":"${type}",${MIDDLE},"payload":${written},${TAIL}`,
    );
    assertEquals(hashText(body), sha256);
  },
);

Deno.test("encodeEnvelope() has a golden envelope of every built-in type", () => {
  const golden = GOLDEN.map(({ type }) => type).toSorted();
  assertEquals(BUILT_IN_TYPES.map(({ type }) => type).toSorted(), golden);
});

const orNull = fc.option(fc.string({ unit: "binary" }));

Deno.test("encodeEnvelope() is canonical JSON, whatever an event says", () => {
  const drafts = fc.record({
    aggregateId: fc.string({ unit: "binary", minLength: 1 }),
    timestamp: fc.constantFrom("2026-01-02T03:04:05Z"),
    payload: jsonRecords.map((one) => canonicalJson(one)),
    origin: fc.record({
      projectId: fc.constant(undefined),
      projectSlug: orNull,
      gitBranch: orNull,
      headCommitSha: orNull,
      repoSlug: orNull,
    }),
    causationId: fc.constantFrom(null, CAUSE),
  });
  fc.assert(
    fc.property(drafts, (changes) => {
      const body = encodeEnvelope(draftOf(changes), STAMP);
      const envelope = JSON.parse(body);
      assertEquals(canonicalJson(envelope), body);
      assertEquals(envelope["aggregate_id"], changes.aggregateId);
      assertEquals(envelope["git_branch"], changes.origin.gitBranch);
      assertEquals(canonicalJson(envelope.payload), changes.payload);
    }),
    { numRuns: 1000 },
  );
});

const NOTE = { aggregateId: "n1", payload: { text: "x" } };

Deno.test.each([
  { name: "its own id without a cause", args: {}, is: ID },
  { name: "its cause", args: { causationId: CAUSE }, is: CAUSE },
  {
    name: "the chain that it was given",
    args: { causationId: CAUSE, correlationId: ID },
    is: ID,
  },
])("draftEvent() correlates an event by $name", ({ args, is }) => {
  const draft = draftOfType("NoteRecorded", { ...NOTE, ...args });
  assertEquals(draft.correlationId, is);
});

Deno.test("draftEvent() keeps a stated time as it was written", () => {
  const timestamp = "2020-02-29T23:00:00+13:45";
  const draft = draftOfType("NoteRecorded", { ...NOTE, timestamp });
  assertEquals(draft.timestamp, timestamp);
});

Deno.test("draftEvent() remembers whether the caller chose the id", () => {
  assert(!draftOfType("NoteRecorded", NOTE).hasOwnId);
  assert(draftOfType("NoteRecorded", { ...NOTE, eventId: ID }).hasOwnId);
});

Deno.test("draftEvent() lets snapshots of the same thing replace each other", () => {
  const keyOf = (aggregateId: string, name: string, state: number) =>
    draftOfType("StatusObserved", { aggregateId, payload: { name, state } })
      .coalesceKey;
  assertEquals(keyOf("s", "ci", 1), '["StatusObserved","s","ci"]');
  assertEquals(keyOf("s", "ci", 1), keyOf("s", "ci", 2));
  assertNotEquals(keyOf("s", "ci", 1), keyOf("s", "cd", 1));
  assertNotEquals(keyOf("s", "ci", 1), keyOf("t", "ci", 1));
  assertNotEquals(keyOf('s","ci', "x", 1), keyOf("s", 'ci","x', 1));
  assertEquals(draftOfType("NoteRecorded", NOTE).coalesceKey, null);
});

Deno.test("laneOf() tells aggregates of two types apart", () => {
  assertEquals(laneOf(draftOf()), "Task:t1");
  assertNotEquals(
    laneOf({ aggregateType: "A", aggregateId: "x" }),
    laneOf({ aggregateType: "B", aggregateId: "x" }),
  );
});

Deno.test.each([
  {
    text: "",
    bytes: 0,
    sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  },
  {
    text: "abc",
    bytes: 3,
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  },
  {
    text: "ä€\u{1F600}",
    bytes: 9,
    sha256: "819fe77d1c7897c4c541e21c63d27154d46e12cc65074d8d9c874626a40a6074",
  },
])("hashText() and byteLength() measure $text in UTF-8", (row) => {
  assertEquals(byteLength(row.text), row.bytes);
  assertEquals(hashText(row.text), row.sha256);
});

Deno.test.each([
  { name: "payload", change: { payload: '{"a":1}' }, isSame: false },
  { name: "aggregate", change: { aggregateId: "t2" }, isSame: false },
  {
    name: "kind of aggregate",
    change: { aggregateType: "Job" },
    isSame: false,
  },
  { name: "type", change: { type: "TaskCreated" }, isSame: false },
  { name: "cause", change: { causationId: CAUSE }, isSame: false },
  { name: "time", change: { timestamp: "2020-01-01T00:00:00Z" }, isSame: true },
  {
    name: "branch",
    change: { origin: { ...ORIGIN, gitBranch: "b" } },
    isSame: true,
  },
  { name: "chain", change: { correlationId: CAUSE }, isSame: true },
])(
  "contentHash() is the same with another $name: $isSame",
  ({ change, isSame }) => {
    const same = contentHash(draftOf(change)) === contentHash(draftOf());
    assertEquals(same, isSame);
  },
);

Deno.test("contentHash() does not mix up its parts", () => {
  const one = draftOf({ type: "A", aggregateId: 'x","y' });
  const other = draftOf({ type: "A", aggregateId: "x" });
  assertNotEquals(contentHash(one), contentHash(other));
});

Deno.test("nodeIdOf() differs for each installation and each project", () => {
  const one = nodeIdOf("a".repeat(32), STAMP.projectId);
  assert(/^[0-9a-f]{32}$/.test(one));
  assertNotEquals(one, nodeIdOf("b".repeat(32), STAMP.projectId));
  const other = STAMP.projectId.replace("6f", "7f");
  assertNotEquals(one, nodeIdOf("a".repeat(32), other));
});

Deno.test.each([
  // The examples of RFC 9562 and of Python's documentation.
  {
    space: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    name: "www.example.com",
    is: "2ed6657d-e927-568b-95e1-2665a8aea6a2",
  },
  {
    space: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    name: "python.org",
    is: "886313e1-3b8a-5372-9b90-0c9aee199e5d",
  },
])("buildIdOf() makes the UUID version 5 of $name", ({ space, name, is }) => {
  assertEquals(buildIdOf(space, name), is);
});
