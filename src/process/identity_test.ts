import { assertEquals } from "@std/assert";
import type { Inspection, ProcessFacts } from "../host/processes.ts";
import { compareIdentity, comparePlace } from "./identity.ts";

const facts: ProcessFacts = {
  pid: 7,
  parentPid: 1,
  uid: 0,
  startStamp: "100",
  startedAt: undefined,
  state: "running",
  argv: [],
  executable: undefined,
};
const found = (change: Partial<ProcessFacts>): Inspection => ({
  kind: "found",
  facts: { ...facts, ...change },
});

Deno.test.each([
  { name: "the same start", now: found({}), verdict: "same" },
  {
    name: "a stopped process",
    now: found({ state: "stopped" }),
    verdict: "same",
  },
  { name: "a zombie", now: found({ state: "zombie" }), verdict: "gone" },
  {
    name: "another start",
    now: found({ startStamp: "101" }),
    verdict: "reused",
  },
  {
    name: "another zombie",
    now: found({ startStamp: "1", state: "zombie" }),
    verdict: "reused",
  },
  { name: "no process", now: { kind: "gone" } as const, verdict: "gone" },
  { name: "no answer", now: undefined, verdict: "unknown" },
  {
    name: "no sight",
    now: { kind: "unknown", reason: "x" } as const,
    verdict: "unknown",
  },
])("compareIdentity() calls $name $verdict", ({ now, verdict }) => {
  assertEquals<string>(
    compareIdentity({ pid: 7, startStamp: "100" }, now),
    verdict,
  );
});

const here = { host: "a", bootId: "1", pidNamespace: "pid:[1]" };

Deno.test.each([
  { name: "all equal", recorded: here, place: "here" },
  {
    name: "another name, same boot",
    recorded: { ...here, host: "b" },
    place: "here",
  },
  {
    name: "another boot",
    recorded: { ...here, bootId: "2" },
    place: "earlier_boot",
  },
  {
    name: "another host and boot",
    recorded: { ...here, host: "b", bootId: "2" },
    place: "other_host",
  },
  {
    name: "another namespace",
    recorded: { ...here, pidNamespace: "pid:[2]" },
    place: "other_namespace",
  },
  { name: "no boot id", recorded: { host: "a" }, place: "unknown" },
])("comparePlace() of $name is $place", ({ recorded, place }) => {
  assertEquals<string>(comparePlace(recorded, here), place);
});

Deno.test("comparePlace() on a machine without a boot id knows nothing", () => {
  const unnamed = { ...here, bootId: undefined };
  assertEquals(comparePlace(here, unnamed), "unknown");
  assertEquals(comparePlace(unnamed, unnamed), "unknown");
});
