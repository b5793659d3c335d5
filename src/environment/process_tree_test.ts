import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import {
  IDENTITY,
  leader,
  listener,
  makeFacts,
  OWN_PID,
  row,
  UNIT_PID,
} from "#support/unit_facts.ts";
import type { UnitIdentity } from "./model.ts";
import { treeOf } from "./process_tree.ts";
import { truthOf } from "./truth.ts";

const { marker } = IDENTITY;

const anyRow = fc.record({
  pid: fc.integer({ min: 90, max: 110 }),
  parentPid: fc.integer({ min: 90, max: 110 }),
  sessionId: fc.integer({ min: 90, max: 110 }),
  processGroup: fc.integer({ min: 90, max: 110 }),
  uid: fc.constantFrom(1000, 33),
  startStamp: fc.constantFrom("6", "8"),
  state: fc.constantFrom("running" as const, "zombie" as const),
});

const anyFacts = fc.record({
  rows: fc.uniqueArray(anyRow, { selector: ({ pid }) => pid, maxLength: 12 }),
  ports: fc.array(fc.record({
    port: fc.integer({ min: 2999, max: 3002 }),
    pid: fc.integer({ min: 90, max: 110 }),
  })),
  markers: fc.dictionary(
    fc.integer({ min: 90, max: 110 }).map(String),
    fc.constantFrom("other", marker),
  ),
});

Deno.test("nothing runs without its identity or its marker", () => {
  fc.assert(fc.property(anyFacts, fc.boolean(), (given, expectsListener) => {
    const markers = Object.fromEntries(
      Object.entries(given.markers).filter(([, each]) => each !== marker),
    );
    const listeners = given.ports.map(({ port, pid }) => listener(port, [pid]));
    const facts = { rows: given.rows, markers, listeners };
    const record = {
      identity: IDENTITY,
      status: "running",
      requestedPort: 3000,
      expectsListener,
    } as const;
    const policy = { graceMs: 1000, allowsRebound: true };
    const { status } = truthOf(record, makeFacts(facts), 0, policy);
    assert(["stale", "unverified"].includes(status), status);
  }));
});

Deno.test("no member is a unit of its own, ended, or of our own lineage", () => {
  fc.assert(fc.property(anyFacts, fc.boolean(), (given, isThere) => {
    const rows = given.rows.filter(({ pid }) => pid !== UNIT_PID);
    const own = row(OWN_PID, { parentPid: 101 });
    const all = [...rows, own, ...isThere ? [leader()] : []];
    const markers: Record<number, string> = {
      ...given.markers,
      [OWN_PID]: marker,
    };
    const tree = treeOf(IDENTITY, makeFacts({ rows: all, markers }));
    assert(tree.kind === "known");
    for (const { row: { pid, state }, by } of tree.members) {
      assertNotEquals<string>(state, "zombie");
      if (by === "descendant") assertNotEquals(given.markers[pid], "other");
      if (by === "marker") assertNotEquals(pid, OWN_PID);
      if (!isThere) assertEquals(markers[pid], marker);
    }
    const pids = tree.members.map(({ row: { pid } }) => pid);
    assertEquals(new Set(pids).size, pids.length);
  }));
});

Deno.test("a command that was started from a unit is none of it", () => {
  const shell = row(101, { sessionId: 101 });
  const own = row(OWN_PID, { parentPid: 101, sessionId: 101 });
  const markers = { 101: marker, [OWN_PID]: marker };
  const dead: UnitIdentity = { ...IDENTITY, pid: 50 };
  const facts = makeFacts({ rows: [shell, own], markers });
  const tree = treeOf(dead, facts);
  assert(tree.kind === "known");
  assertEquals(tree.members, []);
});
