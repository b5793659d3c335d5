import { assertEquals, assertThrows } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { draftOf } from "#support/tasks.ts";
import { HostError, type HostErrorCode } from "../host/host.ts";
import type { EmitOutcome } from "./event.ts";
import { OVERFLOW_LIMIT_BYTES } from "./capacity.ts";
import type { Captured } from "./capture.ts";
import {
  capturedOutcome,
  explainProblem,
  outcomeOf,
  spillTo,
} from "./sink_outcome.ts";
import type { StoreProblem } from "./store.ts";

const PATH = "/r/overflow.jsonl";
const drafts = [draftOf(), draftOf({ eventId: "01ARYZ6S410000000000000000" })];

const failed = (
  reason: "read_only" | "store_unavailable",
  code: string,
): EmitOutcome => ({ kind: "failed", reason, detail: `/q: ${code}` });

Deno.test.each<{ code: HostErrorCode; is: EmitOutcome }>([
  { code: "no_space", is: { kind: "refused", reason: "disk_full" } },
  { code: "permission_denied", is: failed("read_only", "permission denied") },
  { code: "read_only", is: failed("read_only", "read only") },
  { code: "io", is: failed("store_unavailable", "io") },
  { code: "damaged", is: failed("store_unavailable", "damaged") },
  { code: "too_many_files", is: failed("store_unavailable", "too many files") },
])("outcomeOf() knows what $code means for an event", ({ code, is }) => {
  assertEquals(outcomeOf(new HostError(code, "/q")), is);
});

Deno.test.each<{
  name: string;
  problem: StoreProblem;
  is: ReturnType<typeof explainProblem>;
}>([
  {
    name: "a queue of a newer version",
    problem: { kind: "newer", version: 99 },
    is: { spill: "newer_schema" },
  },
  {
    name: "a queue that is locked",
    problem: { kind: "refused", error: new HostError("busy", "/q") },
    is: { spill: "busy" },
  },
  {
    name: "the queue of another project",
    problem: { kind: "owner_mismatch", owner: "p2" },
    is: {
      kind: "failed",
      reason: "owner_mismatch",
      detail: "the queue belongs to project p2",
    },
  },
  {
    name: "a full disk",
    problem: { kind: "refused", error: new HostError("no_space", "/q") },
    is: { kind: "refused", reason: "disk_full" },
  },
  {
    name: "a directory that nobody may write",
    problem: { kind: "refused", error: new HostError("read_only", "/q") },
    is: failed("read_only", "read only"),
  },
  {
    name: "no queue",
    problem: { kind: "missing" },
    is: { kind: "failed", reason: "internal", detail: "no queue was made" },
  },
])("explainProblem() knows what $name means", ({ problem, is }) => {
  assertEquals(explainProblem(problem), is);
});

Deno.test("spillTo() tells of each event why it was spilled", () => {
  const host = createFakeHost();
  const outcomes = spillTo(host, PATH, { drafts, reason: "busy" });
  assertEquals(
    outcomes,
    drafts.map(({ eventId }) => ({
      kind: "spilled",
      eventId,
      reason: "busy",
    })),
  );
});

Deno.test("spillTo() refuses every event when the file is full", () => {
  const host = createFakeHost();
  host.world.disk.put(PATH, "x".repeat(OVERFLOW_LIMIT_BYTES));
  const outcomes = spillTo(host, PATH, { drafts, reason: "full" });
  assertEquals(
    outcomes,
    drafts.map(() => ({
      kind: "refused",
      reason: "queue_full",
    })),
  );
});

Deno.test("spillTo() says what the disk refuses", () => {
  const host = createFakeHost();
  host.world.failFiles(PATH, "no_space", { times: 1 });
  const [first, second] = spillTo(host, PATH, { drafts, reason: "full" });
  assertEquals(first, { kind: "refused", reason: "disk_full" });
  assertEquals(second, first);
});

Deno.test("spillTo() throws on what is a mistake of ours", () => {
  const host = createFakeHost();
  const [draft = draftOf()] = drafts;
  const loop = {
    ...draft,
    get payload(): string {
      throw new TypeError("a mistake");
    },
  };
  assertThrows(
    () => spillTo(host, PATH, { drafts: [loop], reason: "full" }),
    TypeError,
  );
});

const LIMITS = { maxRows: 100, maxBytes: 1000, minFreeBytes: 0 };

Deno.test.each<{ captured: Captured; is: EmitOutcome }>([
  {
    captured: {
      kind: "captured",
      eventId: "e1",
      seq: 7,
      fill: { rows: 25, bytes: 500 },
      droppedPending: 0,
      isEligible: true,
    },
    is: { kind: "captured", eventId: "e1", seq: 7, fill: 0.5 },
  },
  {
    captured: { kind: "duplicate" },
    is: { kind: "duplicate", eventId: draftOf().eventId },
  },
  {
    captured: { kind: "dropped" },
    is: { kind: "dropped", reason: "telemetry_full" },
  },
  {
    captured: { kind: "id_conflict" },
    is: {
      kind: "quarantined",
      reason: "id_conflict",
      field: "event_id",
      rule: "is stored with other content",
    },
  },
])("capturedOutcome() of $captured.kind", ({ captured, is }) => {
  assertEquals(capturedOutcome(captured, draftOf(), LIMITS), is);
});

Deno.test("capturedOutcome() without a draft names no event", () => {
  assertEquals(capturedOutcome({ kind: "duplicate" }, undefined, LIMITS), {
    kind: "duplicate",
    eventId: "",
  });
});
