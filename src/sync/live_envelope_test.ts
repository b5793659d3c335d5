import { assert, assertEquals } from "@std/assert";
import { isEnvelopeOf } from "./live_envelope.ts";

const PROJECT = "6f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d";
const ID = "01JAAAAAAAAAAAAAAAAAAAAAAA";

const SOUND = {
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
  "lamport_clock": 1,
  "node_id": "0123456789abcdef0123456789abcdef",
  "payload": {},
  "project_slug": null,
  "project_uuid": PROJECT,
  "repo_slug": null,
  "schema_version": "3.0.0",
  "team_slug": null,
  "timestamp": "2026-01-02T03:04:05.678Z",
};

Deno.test("isEnvelopeOf() knows a sound event", () => {
  assert(isEnvelopeOf(PROJECT, SOUND));
  assert(isEnvelopeOf(PROJECT, { ...SOUND, "causation_id": ID, extra: 1 }));
});

Deno.test("isEnvelopeOf() misses any key", () => {
  const accepted = Object.keys(SOUND).filter((key) =>
    isEnvelopeOf(PROJECT, { ...SOUND, [key]: undefined })
  );
  assertEquals(accepted, []);
});

Deno.test.each([
  { key: "aggregate_id", value: "" },
  { key: "aggregate_type", value: "x".repeat(201) },
  { key: "build_id", value: "7" },
  { key: "causation_id", value: "7" },
  { key: "clock_epoch", value: 0 },
  { key: "event_id", value: "7" },
  { key: "event_type", value: "taskMoved" },
  { key: "git_branch", value: 7 },
  { key: "lamport_clock", value: 1.5 },
  { key: "node_id", value: "7" },
  { key: "payload", value: [] },
  { key: "payload", value: { text: "x".repeat(65_536) } },
  { key: "project_uuid", value: "7f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d" },
  { key: "schema_version", value: "2.0.0" },
  { key: "team_slug", value: "acme" },
  { key: "timestamp", value: "2026-02-30T00:00:00Z" },
])("isEnvelopeOf() refuses another $key", ({ key, value }) => {
  assert(!isEnvelopeOf(PROJECT, { ...SOUND, [key]: value }));
});

Deno.test.each([{ value: null }, { value: "text" }, { value: [] }])(
  "isEnvelopeOf() refuses $value",
  ({ value }) => assert(!isEnvelopeOf(PROJECT, value)),
);
