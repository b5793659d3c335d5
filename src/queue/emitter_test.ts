import { assert, assertEquals } from "@std/assert";
import { fakeQueue } from "#support/fake_queue.ts";
import { ORIGIN } from "#support/tasks.ts";
import { Emitter, warningFor } from "./emitter.ts";
import type { EmitOutcome } from "./event.ts";
import { createRegistry } from "./registry.ts";
import type { EventSink } from "./event_sink.ts";
import { isUlid } from "../state/ulid.ts";

const ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const NOTE = { aggregateId: "n", payload: { text: "t" } };

/** An emitter over a sink that always gives the same outcome. */
async function emitterOver(
  outcome: EmitOutcome | (() => EmitOutcome),
  options: {
    readonly isOff?: boolean;
    readonly warn?: (text: string) => void;
  } = {},
) {
  const { queueHost } = await fakeQueue();
  const give = typeof outcome === "function" ? outcome : () => outcome;
  const asked: string[] = [];
  const warnings: string[] = [];
  const sink: EventSink = {
    capture: (drafts) => {
      asked.push("capture");
      return drafts.map(give);
    },
    quarantine: () => {
      asked.push("quarantine");
      return give();
    },
    close: () => undefined,
  };
  const emitter = new Emitter(queueHost, {
    registry: createRegistry(),
    sink,
    origin: () => ORIGIN,
    isOff: options.isOff ?? false,
    warn: options.warn ?? ((text) => void warnings.push(text)),
  });
  return { emitter, asked, warnings };
}

Deno.test("emit() captures what is valid", async () => {
  const queue = await fakeQueue();
  const outcome = queue.emitter.emit("NoteRecorded", NOTE);
  assert(outcome.kind === "captured");
  assert(isUlid(outcome.eventId));
  assertEquals([outcome.seq, outcome.fill], [1, 1 / 100_000]);
  const [row] = queue.rows<{ body: string }>("SELECT body FROM events");
  const { payload, event_id: id } = JSON.parse(row?.body ?? "");
  assertEquals([payload, id], [{ text: "t" }, outcome.eventId]);
});

Deno.test.each(
  [
    {
      name: "an unknown type",
      type: "NoSuchType",
      args: NOTE,
      reason: "unknown_type",
      field: "event_type",
      rule: "is not in the registry",
    },
    {
      name: "a wrong envelope",
      type: "NoteRecorded",
      args: { ...NOTE, eventId: "x" },
      reason: "invalid_envelope",
      field: "event_id",
      rule: "must be a ULID",
    },
    {
      name: "a wrong payload",
      type: "NoteRecorded",
      args: { ...NOTE, payload: {} },
      reason: "invalid_payload",
      field: "payload.text",
      rule: "must be there",
    },
    {
      name: "too much",
      type: "StatusObserved",
      args: {
        aggregateId: "s",
        payload: { name: "n", state: "x".repeat(65_536) },
      },
      reason: "too_large",
      field: "payload",
      rule: "has 65559 bytes; 65536 are allowed",
    },
  ] as const,
)("emit() puts $name apart", async ({ type, args, reason, field, rule }) => {
  const queue = await fakeQueue();
  const outcome = queue.emitter.emit(type, args);
  assertEquals(outcome, { kind: "quarantined", reason, field, rule });
  assertEquals(queue.rows("SELECT type, reason, field, rule FROM quarantine"), [
    { type, reason, field, rule },
  ]);
  assertEquals(queue.counts().captured, 0);
});

Deno.test("emit() takes a payload of exactly as many bytes as it may have", async () => {
  const queue = await fakeQueue();
  const state =
    "ä".repeat((65_536 - '{"name":"n","state":""}'.length - 1) / 2) + "x";
  const kinds = [state, `${state}x`].map((state) =>
    queue.emitter.emit("StatusObserved", {
      aggregateId: "s",
      payload: { name: "n", state },
    }).kind
  );
  assertEquals(kinds, ["captured", "quarantined"]);
});

Deno.test("emit() redacts before it stores, also what it puts apart", async () => {
  const queue = await fakeQueue();
  const text = "at /home/ada/x with password=hunter22";
  queue.emitter.emit("NoteRecorded", { aggregateId: "n", payload: { text } });
  queue.emitter.emit("NoteRecorded", {
    aggregateId: "n",
    payload: { text, b: 1 },
  });
  const stored = [
    ...queue.rows<{ body: string }>("SELECT body FROM events"),
    ...queue.rows<{ body: string }>("SELECT body FROM quarantine"),
  ].map(({ body }) => body).join("\n");
  assert(!stored.includes("/home/ada") && !stored.includes("hunter22"), stored);
});

Deno.test("emit() redacts what it stores, whatever a payload says next", async () => {
  // As often as a payload is read, each time could be the one that counts.
  for (let secretAt = 0; secretAt < 20; secretAt++) {
    const queue = await fakeQueue();
    let read = 0;
    const payload = {
      get text() {
        return read++ === secretAt ? "password=hunter22" : "t";
      },
    };
    queue.emitter.emit("NoteRecorded", { aggregateId: "n", payload });
    const [row] = queue.rows<{ body: string }>("SELECT body FROM events");
    assert(row?.body.includes("hunter22") === false, `${secretAt}`);
  }
});

Deno.test("emit() checks again what redaction has changed", async () => {
  const queue = await fakeQueue();
  // Redacted, the text is longer than it may be.
  const text = "x".repeat(9984) + " password=abcd";
  const outcome = queue.emitter.emit("NoteRecorded", {
    aggregateId: "n",
    payload: { text },
  });
  assert(outcome.kind === "quarantined" && outcome.field === "payload.text");
});

Deno.test("emit() takes stripped fields out instead of refusing them", async () => {
  const queue = await fakeQueue();
  const payload = { "build_id": "b", machine: "m", "workspace_path": "/w" };
  queue.emitter.emit("BuildRegistered", { aggregateId: "b", payload });
  const [row] = queue.rows<{ body: string }>("SELECT body FROM events");
  assertEquals(JSON.parse(row?.body ?? "").payload, { "build_id": "b" });
});

Deno.test("emit() makes ids that grow, also when the clock goes back", async () => {
  const queue = await fakeQueue();
  const ids: string[] = [];
  for (const stepMs of [0, 0, 1, -60_000, 60_000, -1, 0]) {
    queue.world.clock.setWall(queue.host.clock.now() + stepMs);
    const outcome = queue.emitter.emit("NoteRecorded", NOTE);
    assert(outcome.kind === "captured");
    ids.push(outcome.eventId);
  }
  assertEquals(ids.toSorted(), ids);
  assert(queue.emitter.newId() > (ids.at(-1) ?? ""));
});

Deno.test("emit() asks nobody while capturing is off", async () => {
  const off = await emitterOver({ kind: "duplicate", eventId: ID }, {
    isOff: true,
  });
  const disabled = { kind: "disabled", reason: "mode_off" } as const;
  assertEquals(off.emitter.emit("NoteRecorded", NOTE), disabled);
  assertEquals(off.emitter.emit("NoSuchType", NOTE), disabled);
  assertEquals(off.emitter.emitBatch([{ type: "X", ...NOTE }]), [disabled]);
  assertEquals(off.asked, []);
  assertEquals([...off.emitter.counts], [["disabled", 3]]);
});

Deno.test("emit() fails instead of throwing when the sink throws", async () => {
  const { emitter } = await emitterOver(() => {
    throw new RangeError("out of order");
  });
  const failed = {
    kind: "failed",
    reason: "internal",
    detail: "out of order",
  } as const;
  assertEquals(emitter.emit("NoteRecorded", NOTE), failed);
  assertEquals(emitter.emit("NoSuchType", NOTE), failed);
  assertEquals(emitter.emitBatch([{ type: "NoteRecorded", ...NOTE }]), [
    failed,
  ]);
});

Deno.test("emit() does not mind that nobody can be warned", async () => {
  const { emitter } = await emitterOver({
    kind: "refused",
    reason: "queue_full",
  }, {
    warn: () => {
      throw new TypeError("the terminal is gone");
    },
  });
  assertEquals(emitter.emit("NoteRecorded", NOTE).kind, "refused");
});

const WARNED: readonly (readonly [EmitOutcome, string | undefined])[] = [
  [{ kind: "captured", eventId: ID, seq: 1, fill: 0.79 }, undefined],
  [{ kind: "captured", eventId: ID, seq: 1, fill: 0.8 }, "80 % full"],
  [{ kind: "captured", eventId: ID, seq: 1, fill: 0.999 }, "99 % full"],
  [{ kind: "spilled", eventId: ID, reason: "busy" }, undefined],
  [{ kind: "duplicate", eventId: ID }, undefined],
  [{ kind: "disabled", reason: "mode_off" }, undefined],
  [{ kind: "dropped", reason: "telemetry_full" }, undefined],
  [{
    kind: "quarantined",
    reason: "too_large",
    field: "payload",
    rule: "is large",
  }, "payload is large"],
  [{ kind: "refused", reason: "queue_full" }, "the queue is full"],
  [{ kind: "refused", reason: "disk_full" }, "the disk is full"],
  [
    { kind: "failed", reason: "read_only", detail: "/q: read only" },
    "/q: read only",
  ],
];

Deno.test.each(
  WARNED.map(([outcome, says]) => ({
    name: JSON.stringify(outcome),
    outcome,
    says,
  })),
)(
  "warningFor() knows what a person should hear about $name",
  ({ outcome, says }) => {
    const warning = warningFor(outcome);
    assertEquals(warning === undefined, says === undefined);
    assert(warning?.text.includes(says ?? "") ?? true, warning?.text);
    assert(warning?.text.includes("See: reeve ") ?? true);
  },
);

Deno.test("emit() warns once of each kind of trouble and counts all of it", async () => {
  const outcomes = WARNED.map(([outcome]) => outcome);
  let n = 0;
  const { emitter, warnings } = await emitterOver(() =>
    outcomes[n++ % outcomes.length] as EmitOutcome
  );
  for (let round = 0; round < 3 * outcomes.length; round++) {
    emitter.emit("NoteRecorded", NOTE);
  }
  // The two that are nearly full are one kind.
  assertEquals(warnings.length, 5);
  assertEquals(Object.fromEntries(emitter.counts), {
    captured: 9,
    spilled: 3,
    duplicate: 3,
    disabled: 3,
    dropped: 3,
    quarantined: 3,
    refused: 6,
    failed: 3,
  });
});
