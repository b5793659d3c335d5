import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  altered,
  makeEvents,
  makeUlid,
  makeUuid,
} from "./conformance_events.ts";
import { isProjectUuid, isUlid, judgeEnvelope } from "./envelope.ts";

function maker() {
  let last = 0;
  return makeEvents({
    clock: {
      now: () => 1_700_000_000_000,
      elapsed: () => 0,
      sleep: () => Promise.resolve(),
      later: () => ({ [Symbol.dispose]() {} }),
    },
    random: {
      hex: (bytes) => {
        last++;
        const word = last.toString(16).padStart(8, "0");
        return word.repeat(bytes / 4);
      },
    },
  });
}

Deno.test("makeEvents() makes sound events of one project and node", () => {
  const { several, project, node } = maker();
  const events = several(20);
  for (const [at, { id, text, lamport }] of events.entries()) {
    const verdict = judgeEnvelope(JSON.parse(text));
    assert(verdict.kind === "valid", JSON.stringify(verdict));
    assertEquals(verdict.event.body, text, "it is canonical already");
    assertEquals(verdict.event.eventId, id);
    assertEquals(verdict.event.projectUuid, project);
    assertEquals(verdict.event.nodeId, node);
    assertEquals([verdict.event.lamportClock, lamport], [at + 1, at + 1]);
  }
  assertEquals(new Set(events.map(({ id }) => id)).size, 20);
});

Deno.test("altered() keeps the id and changes the content", () => {
  const event = maker().make();
  const other = altered(event);
  assertEquals(other.id, event.id);
  assert(other.text !== event.text);
  assertEquals(judgeEnvelope(JSON.parse(other.text)).kind, "valid");
});

Deno.test("makeUlid() orders by time", () => {
  const hex = "00".repeat(16);
  assertEquals(makeUlid(0, hex), "0".repeat(26));
  assert(isUlid(makeUlid(1_700_000_000_000, "ff".repeat(16))));
  assert(makeUlid(31, hex) < makeUlid(32, hex));
});

Deno.test("makeUuid() makes version 4", () => {
  const uuid = makeUuid("f".repeat(32));
  assertMatch(uuid, /^f{8}-f{4}-4f{3}-8f{3}-f{12}$/);
  assert(isProjectUuid(uuid));
});
