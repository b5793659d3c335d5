import { assertEquals } from "@std/assert";
import {
  findProblem,
  isLongerThan,
  judgeEnvelope,
  PAYLOAD_LIMIT_BYTES,
} from "./envelope.ts";

const ID = "01JABCDEFGHJKMNPQRSTVWXYZ0";

const sound = {
  "aggregate_id": "WP1",
  "aggregate_type": "WorkPackage",
  "build_id": "11111111-2222-5333-8444-555555555555",
  "causation_id": null,
  "clock_epoch": 1,
  "correlation_id": ID,
  "event_id": ID,
  "event_type": "TaskMoved",
  "git_branch": "main",
  "head_commit_sha": null,
  "lamport_clock": 7,
  "node_id": "0123456789abcdef0123456789abcdef",
  "payload": { to: "doing" },
  "project_slug": null,
  "project_uuid": "6f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d",
  "repo_slug": null,
  "schema_version": "3.0.0",
  "team_slug": null,
  "timestamp": "2026-01-02T03:04:05.678Z",
};

Deno.test.each([
  { change: {} },
  { change: { "event_type": "A" } },
  { change: { "event_type": "A" + "b".repeat(63) } },
  { change: { "aggregate_id": "x".repeat(200) } },
  { change: { "causation_id": ID } },
  { change: { timestamp: "2026-01-02T03:04:05+05:30" } },
  { change: { timestamp: "2026-01-02T03:04:05.123456789-00:00" } },
  { change: { "project_slug": "" } },
  { change: { "lamport_clock": Number.MAX_SAFE_INTEGER } },
  { change: { payload: {} } },
  { change: { "a_new_key": 1 } },
])("findProblem() finds none with $change", ({ change }) => {
  assertEquals(findProblem({ ...sound, ...change }), undefined);
});

Deno.test.each([
  { change: { "event_type": "taskMoved" }, key: "event_type" },
  { change: { "event_type": "A" + "b".repeat(64) }, key: "event_type" },
  { change: { "schema_version": "3.1.0" }, key: "schema_version" },
  { change: { "aggregate_type": "" }, key: "aggregate_type" },
  { change: { "aggregate_id": "x".repeat(201) }, key: "aggregate_id" },
  { change: { payload: [] }, key: "payload" },
  { change: { payload: null }, key: "payload" },
  { change: { "node_id": "G".repeat(32) }, key: "node_id" },
  { change: { "node_id": "a".repeat(31) }, key: "node_id" },
  { change: { "lamport_clock": 0 }, key: "lamport_clock" },
  { change: { "lamport_clock": 1.5 }, key: "lamport_clock" },
  { change: { "lamport_clock": "1" }, key: "lamport_clock" },
  { change: { "lamport_clock": 2 ** 53 }, key: "lamport_clock" },
  { change: { "clock_epoch": 0 }, key: "clock_epoch" },
  { change: { "causation_id": "x" }, key: "causation_id" },
  { change: { "correlation_id": null }, key: "correlation_id" },
  { change: { "correlation_id": `8${ID.slice(1)}` }, key: "correlation_id" },
  { change: { timestamp: "2026-01-02T03:04:05" }, key: "timestamp" },
  { change: { timestamp: "2026-13-02T03:04:05Z" }, key: "timestamp" },
  { change: { timestamp: 1 }, key: "timestamp" },
  {
    change: { "project_uuid": "00000000-0000-0000-0000-000000000000" },
    key: "project_uuid",
  },
  {
    change: { "project_uuid": "6F1C3C1E-6C2B-4F0E-9A55-0D6F3A1B2C3D" },
    key: "project_uuid",
  },
  { change: { "project_slug": 1 }, key: "project_slug" },
  { change: { "build_id": "x" }, key: "build_id" },
  { change: { "git_branch": 1 }, key: "git_branch" },
  { change: { "head_commit_sha": false }, key: "head_commit_sha" },
  { change: { "repo_slug": {} }, key: "repo_slug" },
  { change: { "team_slug": "acme" }, key: "team_slug" },
])("findProblem() names $key with $change", ({ change, key }) => {
  const problem = findProblem({ ...sound, ...change }) ?? "";
  assertEquals(problem.split(":")[0], key);
});

Deno.test("findProblem() names every key that is missing", () => {
  for (const key of Object.keys(sound)) {
    if (key === "event_id") continue;
    const { [key]: _, ...rest }: Record<string, unknown> = sound;
    assertEquals(findProblem(rest), `${key}: is missing`);
  }
});

Deno.test.each([
  { value: 1 },
  { value: null },
  { value: [sound] },
  { value: { ...sound, "event_id": ID.toLowerCase() } },
  { value: { ...sound, "event_id": `${ID}0` } },
  { value: {} },
])("judgeEnvelope() cannot name $value", ({ value }) => {
  assertEquals(judgeEnvelope(value), { kind: "unnamed" });
});

Deno.test("judgeEnvelope() gives a sound event its canonical form", () => {
  const turned = Object.fromEntries(Object.entries(sound).reverse());
  assertEquals(judgeEnvelope(turned), {
    kind: "valid",
    event: {
      eventId: ID,
      eventType: "TaskMoved",
      projectUuid: sound.project_uuid,
      nodeId: sound.node_id,
      lamportClock: 7,
      body: JSON.stringify(sound),
    },
  });
});

Deno.test.each([
  { letter: "x", count: PAYLOAD_LIMIT_BYTES - 8, kind: "valid" },
  { letter: "x", count: PAYLOAD_LIMIT_BYTES - 7, kind: "refused" },
  { letter: "ö", count: PAYLOAD_LIMIT_BYTES / 2 - 4, kind: "valid" },
  { letter: "ö", count: PAYLOAD_LIMIT_BYTES / 2 - 3, kind: "refused" },
])("judgeEnvelope() of $count times $letter is $kind", (row) => {
  const payload = { a: row.letter.repeat(row.count) };
  const verdict = judgeEnvelope({ ...sound, payload });
  assertEquals<string>(verdict.kind, row.kind);
  if (verdict.kind === "refused") {
    assertEquals(verdict.code, "oversized_event");
  }
});

Deno.test("judgeEnvelope() refuses what is nested too deeply", () => {
  const deep = JSON.parse("[".repeat(5000) + "]".repeat(5000));
  const verdict = judgeEnvelope({ ...sound, payload: { deep } });
  assertEquals(verdict, {
    kind: "refused",
    eventId: ID,
    code: "schema_mismatch",
    error: "payload: is deeper than 64 levels",
  });
});

Deno.test.each([
  { text: "abc", limit: 3, isLonger: false },
  { text: "abcd", limit: 3, isLonger: true },
  { text: "€", limit: 3, isLonger: false },
  { text: "€", limit: 2, isLonger: true },
  { text: "😀", limit: 4, isLonger: false },
])("isLongerThan() of $text in $limit bytes is $isLonger", (row) => {
  assertEquals(isLongerThan(row.limit, row.text), row.isLonger);
});
