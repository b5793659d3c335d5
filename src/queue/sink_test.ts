import { assert, assertEquals } from "@std/assert";
import { fakeQueue } from "#support/fake_queue.ts";
import { draftOf, PROJECT_ID } from "#support/tasks.ts";
import type { HostErrorCode } from "../host/host.ts";
import { optIn } from "./consent.ts";
import type { EmitOutcome } from "./event.ts";
import { parseOverflow } from "./overflow.ts";
import { ProjectSink } from "./sink.ts";

const draft = draftOf();
const { eventId } = draft;
const ID = "01ARYZ6S410000000000000000";

Deno.test("capture() opens the queue with the first event and not before", async () => {
  const queue = await fakeQueue();
  assertEquals(queue.world.disk.texts(), {});
  const [outcome] = queue.sink.capture([draft]);
  assert(outcome?.kind === "captured");
  assertEquals([outcome.eventId, outcome.seq], [eventId, 1]);
  assertEquals(queue.world.disk.textOf(queue.paths.queue), "");
});

Deno.test("capture() tells how full the queue is", async () => {
  const queue = await fakeQueue({ limits: { maxRows: 4 } });
  const fills = ["A", "B", "C"].map((letter) => {
    const [outcome] = queue.sink.capture([
      draftOf({ eventId: eventId + letter }),
    ]);
    return outcome?.kind === "captured" ? outcome.fill : undefined;
  });
  assertEquals(fills, [0.25, 0.5, 0.75]);
});

Deno.test.each<{ code: HostErrorCode; is: EmitOutcome }>([
  { code: "busy", is: { kind: "spilled", eventId, reason: "busy" } },
  { code: "no_space", is: { kind: "refused", reason: "disk_full" } },
  {
    code: "read_only",
    is: { kind: "failed", reason: "read_only", detail: "read only" },
  },
  {
    code: "io",
    is: { kind: "failed", reason: "store_unavailable", detail: "io" },
  },
])(
  "capture() knows what to do when the open queue is $code",
  async ({ code, is }) => {
    const queue = await fakeQueue();
    queue.sink.capture([draftOf({ eventId: ID })]);
    queue.world.failDatabase(queue.paths.queue, code);
    const [outcome] = queue.sink.capture([draft]);
    const detail = `${queue.paths.queue}: `;
    assertEquals(
      outcome,
      is.kind === "failed" ? { ...is, detail: detail + is.detail } : is,
    );
    assertEquals(queue.counts().captured, 1);
    const [again] = queue.sink.capture([draft]);
    assertEquals(again?.kind, "captured");
  },
);

Deno.test.each<{ code: HostErrorCode; is: EmitOutcome["kind"] }>([
  { code: "busy", is: "spilled" },
  { code: "no_space", is: "refused" },
  { code: "permission_denied", is: "failed" },
])(
  "capture() tries again after the queue could not be opened: $code",
  async (row) => {
    const queue = await fakeQueue();
    const heal = queue.world.failFiles(queue.paths.queue, row.code, {
      operation: "openDatabase",
    });
    assertEquals(queue.sink.capture([draft])[0]?.kind, row.is);
    heal();
    assertEquals(queue.sink.capture([draft])[0]?.kind, "captured");
  },
);

Deno.test("capture() keeps events beside a queue of a newer version", async () => {
  const queue = await fakeQueue();
  const { db } = queue.store;
  db.exec("PRAGMA user_version = 99");
  const [outcome] = queue.sink.capture([draft]);
  assertEquals(outcome, { kind: "spilled", eventId, reason: "newer_schema" });
  const text = queue.world.disk.textOf(queue.paths.overflow) ?? "";
  assertEquals(parseOverflow(text).drafts.map((one) => one.eventId), [eventId]);
  assertEquals(db.get("SELECT seq FROM meta"), { seq: 0 });
});

Deno.test("capture() leaves the queue of another project alone", async () => {
  const queue = await fakeQueue();
  const { db } = queue.store;
  db.run("UPDATE meta SET project_uuid = 'p2'");
  assertEquals(queue.sink.capture([draft]), [{
    kind: "failed",
    reason: "owner_mismatch",
    detail: "the queue belongs to project p2",
  }]);
  assertEquals(db.get("SELECT seq FROM meta"), { seq: 0 });
  assertEquals(queue.world.disk.textOf(queue.paths.overflow), undefined);
});

Deno.test("capture() puts a damaged queue aside and goes on under a higher epoch", async () => {
  const queue = await fakeQueue();
  queue.sink.capture([draftOf({ eventId: ID })]);
  queue.world.disk.put(queue.paths.queue, "damaged");
  queue.sink.close();
  const sink = queue.newSink();
  assertEquals(sink.capture([draft])[0]?.kind, "captured");
  const meta = queue.meta();
  assert((meta["clock_epoch"] ?? 0) > 1);
  assertEquals([meta["seq"], meta["lamport"]], [1, 1]);
  const aside = Object.entries(queue.world.disk.texts())
    .filter(([path]) => path.includes("queue.corrupt-"));
  assertEquals(aside.map(([, text]) => text), ["damaged"]);
});

Deno.test("capture() repairs a queue that was found damaged while it was open", async () => {
  const queue = await fakeQueue();
  queue.sink.capture([draftOf({ eventId: ID })]);
  queue.world.disk.put(queue.paths.queue, "damaged");
  queue.world.failDatabase(queue.paths.queue, "damaged");
  assertEquals(queue.sink.capture([draft])[0]?.kind, "captured");
  assertEquals(queue.meta()["captured"], 1);
  assert((queue.meta()["clock_epoch"] ?? 0) > 1);
});

Deno.test("capture() gives up when a repair does not help, and does not try for ever", async () => {
  const queue = await fakeQueue();
  queue.sink.capture([draftOf({ eventId: ID })]);
  queue.world.failDatabase(queue.paths.queue, "damaged", { times: 2 });
  assertEquals(queue.sink.capture([draft]), [{
    kind: "failed",
    reason: "store_unavailable",
    detail: `${queue.paths.queue}: damaged`,
  }]);
  assertEquals(queue.sink.capture([draft])[0]?.kind, "captured");
});

Deno.test("capture() fails after the sink was closed", async () => {
  const queue = await fakeQueue();
  queue.sink.close();
  queue.sink.close();
  const detail = "the emitter is closed";
  const failed = { kind: "failed", reason: "closed", detail } as const;
  assertEquals(queue.sink.capture([draft, draft]), [failed, failed]);
  assertEquals(queue.world.disk.texts(), {});
});

Deno.test("capture() tells whoever listens the last place, and minds no failure there", async () => {
  const queue = await fakeQueue();
  const places: number[] = [];
  const sink = new ProjectSink(queue.queueHost, {
    root: "/home/ada/.reeve",
    projectId: PROJECT_ID,
    paths: queue.paths,
    limits: queue.limits,
    overflow: "spill",
    onCaptured: (seq) => {
      places.push(seq);
      throw new TypeError("not my business");
    },
  });
  const kinds = sink.capture([draft, draftOf({ eventId: ID })]).map((
    { kind },
  ) => kind);
  assertEquals(kinds, ["captured", "captured"]);
  assertEquals(places, [2]);
});

Deno.test("capture() marks a project whose events may leave, and no other", async () => {
  const queue = await fakeQueue();
  const { pending } = queue.paths;
  queue.sink.capture([draftOf({ eventId: ID })]);
  assertEquals(queue.world.disk.textOf(pending), undefined);
  optIn(queue.store, "ada", 1);
  queue.sink.capture([draft]);
  assertEquals(queue.world.disk.textOf(pending), "");
});

Deno.test("capture() does not mind that the mark cannot be set", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  queue.world.failFiles(queue.paths.pending, "no_space");
  assertEquals(queue.sink.capture([draft])[0]?.kind, "captured");
});

const REJECTED = {
  type: "TaskDone",
  args: { aggregateId: "a", payload: { a: "/home/ada" } },
  problem: { reason: "invalid_payload", field: "payload.a", rule: "is wrong" },
  nowMs: 5,
  clean: (text: string) => text.replace("/home/ada", "~"),
} as const;
const PUT_APART = {
  kind: "quarantined",
  reason: "invalid_payload",
  field: "payload.a",
  rule: "is wrong",
} as const;

Deno.test("quarantine() keeps a cleaned text of what was said", async () => {
  const queue = await fakeQueue();
  assertEquals(queue.sink.quarantine(REJECTED), PUT_APART);
  const body = '{"aggregateId":"a","payload":{"a":"~"}}';
  assertEquals(queue.rows("SELECT type, event_id, body, at FROM quarantine"), [
    { type: "TaskDone", "event_id": null, body, at: 5 },
  ]);
});

Deno.test.each<{ code: HostErrorCode; is: string }>([
  { code: "no_space", is: "refused disk_full" },
  { code: "read_only", is: "failed read_only" },
  { code: "busy", is: "failed store_unavailable" },
])(
  "quarantine() says when nothing could be kept: $code",
  async ({ code, is }) => {
    const queue = await fakeQueue();
    queue.sink.capture([draft]);
    queue.world.failDatabase(queue.paths.queue, code);
    const outcome = queue.sink.quarantine(REJECTED);
    assertEquals(
      "reason" in outcome && `${outcome.kind} ${outcome.reason}`,
      is,
    );
    assertEquals(queue.counts().quarantined, 0);
  },
);

Deno.test("quarantine() fails after the sink was closed", async () => {
  const queue = await fakeQueue();
  queue.sink.close();
  const outcome = queue.sink.quarantine(REJECTED);
  assert(outcome.kind === "failed" && outcome.reason === "closed");
});
