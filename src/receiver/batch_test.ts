import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { judgeBatch, parseBatch } from "./batch.ts";
import type { EnvelopeVerdict } from "./envelope.ts";

function valid(eventId: string, body = eventId): EnvelopeVerdict {
  return {
    kind: "valid",
    event: {
      eventId,
      eventType: "TaskMoved",
      projectUuid: "p",
      nodeId: "n",
      lamportClock: 1,
      body,
    },
  };
}

const refused: EnvelopeVerdict = {
  kind: "refused",
  eventId: "r",
  code: "schema_mismatch",
  error: "x: is missing",
};

Deno.test.each([
  { name: "new", verdicts: [valid("a")], stored: {}, says: ["success"] },
  {
    name: "known",
    verdicts: [valid("a")],
    stored: { a: "a" },
    says: ["duplicate"],
  },
  {
    name: "known as other content",
    verdicts: [valid("a", "b")],
    stored: { a: "a" },
    says: ["id_conflict"],
  },
  {
    name: "twice in the batch",
    verdicts: [valid("a"), valid("a")],
    stored: {},
    says: ["success", "duplicate"],
  },
  {
    name: "twice with other content",
    verdicts: [valid("a"), valid("a", "b")],
    stored: {},
    says: ["success", "id_conflict"],
  },
  {
    name: "beside a refused one",
    verdicts: [refused, valid("a")],
    stored: {},
    says: ["schema_mismatch", "success"],
  },
])("judgeBatch() of an event that is $name says $says", (row) => {
  const stored = new Map(Object.entries<string>(row.stored));
  const { fresh, results } = judgeBatch(row.verdicts, stored);
  assertEquals(results.map(({ code, status }) => code ?? status), [
    ...row.says,
  ]);
  const successes = row.says.filter((word) => word === "success").length;
  assertEquals(fresh.length, successes);
});

Deno.test("judgeBatch() gives each event one result and stores no id twice", () => {
  const events = fc.array(fc.tuple(
    fc.constantFrom("a", "b", "c"),
    fc.constantFrom("1", "2"),
  ));
  const known = fc.dictionary(
    fc.constantFrom("a", "b", "c"),
    fc.constantFrom("1", "2"),
  );
  fc.assert(fc.property(events, known, (pairs, stored) => {
    const verdicts = pairs.map(([id, body]) => valid(id, body));
    const map = new Map(Object.entries(stored));
    const { fresh, results } = judgeBatch(verdicts, map);
    assertEquals(results.map((one) => one.event_id), pairs.map(([id]) => id));
    const ids = fresh.map(({ eventId }) => eventId);
    assertEquals(new Set(ids).size, ids.length);
    assertEquals(ids.filter((id) => map.has(id)), []);
  }));
});

Deno.test.each([
  { events: undefined, reason: "events: must be a list" },
  { events: {}, reason: "events: must be a list" },
  { events: [1], reason: "events[0].event_id: not a ULID" },
  { events: [{ "event_id": 7 }], reason: "events[0].event_id: not a ULID" },
])("parseBatch() of $events is broken: $reason", ({ events, reason }) => {
  assertEquals(parseBatch(events), { kind: "broken", reason });
});

Deno.test("parseBatch() takes an empty batch", () => {
  assertEquals(parseBatch([]), { kind: "events", verdicts: [] });
});

const FIRST = "01JABCDEFGHJKMNPQRSTVWXYZ0";
const SECOND = "01JABCDEFGHJKMNPQRSTVWXYZ1";
const OURS = "6f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d";
const THEIRS = "7f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d";

function sent(id: string, project: string, type = "TaskMoved") {
  return {
    "aggregate_id": "WP1",
    "aggregate_type": "WorkPackage",
    "build_id": "11111111-2222-5333-8444-555555555555",
    "causation_id": null,
    "clock_epoch": 1,
    "correlation_id": id,
    "event_id": id,
    "event_type": type,
    "git_branch": "main",
    "head_commit_sha": null,
    "lamport_clock": 7,
    "node_id": "0123456789abcdef0123456789abcdef",
    "payload": { to: "doing" },
    "project_slug": null,
    "project_uuid": project,
    "repo_slug": null,
    "schema_version": "3.0.0",
    "team_slug": null,
    "timestamp": "2026-01-02T03:04:05.678Z",
  };
}

/** `event kind error` of each verdict. */
function judged(events: readonly unknown[]): readonly string[] {
  const parsed = parseBatch(events);
  if (parsed.kind === "broken") return [parsed.reason];
  return parsed.verdicts.map((one) => {
    if (one.kind === "valid") return `${one.event.eventId} valid`;
    if (one.kind === "unnamed") return "unnamed";
    return `${one.eventId} ${one.kind} ${one.code} ${one.error}`;
  });
}

Deno.test("parseBatch() takes events of one project", () => {
  assertEquals(judged([sent(FIRST, OURS), sent(SECOND, OURS)]), [
    `${FIRST} valid`,
    `${SECOND} valid`,
  ]);
});

Deno.test("parseBatch() refuses what is of another project than the first", () => {
  assertEquals(judged([sent(FIRST, OURS), sent(SECOND, THEIRS)]), [
    `${FIRST} valid`,
    `${SECOND} refused schema_mismatch project_uuid: must be ${OURS} as in ` +
    "the rest of the batch",
  ]);
});

Deno.test("parseBatch() takes the project of the first valid event", () => {
  const broken =
    `${FIRST} refused schema_mismatch event_type: must be a name ` +
    "such as TaskMoved";
  const events = [sent(FIRST, THEIRS, "?"), sent(SECOND, OURS)];
  assertEquals(judged(events), [broken, `${SECOND} valid`]);
  assertEquals(judged(events.slice(0, 1)), [broken]);
});

Deno.test("parseBatch() names the place of an event without an id", () => {
  assertEquals(judged([sent(FIRST, OURS), {}]), [
    "events[1].event_id: not a ULID",
  ]);
});

Deno.test("judgeBatch() says in words why an event is not stored", () => {
  const stored = new Map([["a", "b"]]);
  const verdicts = [valid("a"), refused, { kind: "unnamed" } as const];
  assertEquals(judgeBatch(verdicts, stored).results, [{
    "event_id": "a",
    status: "rejected",
    code: "id_conflict",
    error: "event_id: has other content here",
  }, {
    "event_id": "r",
    status: "rejected",
    code: "schema_mismatch",
    error: "x: is missing",
  }]);
});
