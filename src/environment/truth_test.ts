import { assertEquals } from "@std/assert";
import {
  type FactsOptions,
  IDENTITY,
  leader,
  listener,
  makeFacts,
  row,
  UNIT_PID,
} from "#support/unit_facts.ts";
import type { ServiceStatus } from "./model.ts";
import { truthOf, type TruthRecord } from "./truth.ts";

const PORT = 3000;
const { marker } = IDENTITY;
const POLICY = { graceMs: 1000, allowsRebound: true };

const RECORD: TruthRecord = {
  identity: IDENTITY,
  status: "running",
  expectsListener: true,
  requestedPort: PORT,
  actualPort: undefined,
  startedAt: 0,
};

function judge(
  options: FactsOptions,
  record: Partial<TruthRecord> = {},
  { nowMs = 5000, allowsRebound = true } = {},
) {
  return truthOf({ ...RECORD, ...record }, makeFacts(options), nowMs, {
    ...POLICY,
    allowsRebound,
  });
}

const child = row(101, { parentPid: UNIT_PID, sessionId: UNIT_PID });
const orphan = row(102, { sessionId: UNIT_PID, processGroup: UNIT_PID });
const stranger = row(500);
const taken = [listener(PORT, [500])];

interface Row {
  readonly name: string;
  readonly facts: FactsOptions;
  readonly record?: Partial<TruthRecord>;
  readonly at?: { readonly nowMs?: number; readonly allowsRebound?: boolean };
  readonly is: readonly [ServiceStatus, string, (number | undefined)?];
  readonly foreign?: number;
}

const rows: readonly Row[] = [
  {
    name: "the process on its port",
    facts: { rows: [leader()], listeners: [listener(PORT, [UNIT_PID])] },
    is: ["running", "alive", PORT],
  },
  {
    name: "the process on its port of IPv6",
    facts: { rows: [leader()], listeners: [listener(PORT, [UNIT_PID], "::1")] },
    is: ["running", "alive", PORT],
  },
  {
    name: "a child on its port",
    facts: { rows: [leader(), child], listeners: [listener(PORT, [101])] },
    is: ["running", "alive", PORT],
  },
  {
    name: "a grandchild in another session",
    facts: {
      rows: [leader(), child, row(103, { parentPid: 101 })],
      listeners: [listener(PORT, [103])],
    },
    is: ["running", "alive", PORT],
  },
  {
    name: "a child of a zombie",
    facts: {
      rows: [leader({ state: "zombie" }), orphan],
      listeners: [listener(PORT, [102])],
    },
    is: ["running", "alive", PORT],
  },
  {
    name: "a marked process after its starter ended",
    facts: {
      rows: [orphan],
      markers: { 102: marker },
      listeners: [listener(PORT, [102])],
    },
    is: ["running", "alive", PORT],
  },
  {
    name: "a marked process in another session",
    facts: {
      rows: [row(103)],
      markers: { 103: marker },
      listeners: [listener(PORT, [103])],
    },
    is: ["running", "alive", PORT],
  },
  {
    name: "a worker",
    facts: { rows: [leader()] },
    record: { expectsListener: false },
    is: ["running", "alive"],
  },
  {
    name: "a worker whose listeners are unknown",
    facts: { rows: [leader()], hiddenListeners: "no netlink" },
    record: { expectsListener: false },
    is: ["running", "alive"],
  },
  {
    name: "another port near its own",
    facts: { rows: [leader()], listeners: [listener(PORT + 3, [UNIT_PID])] },
    is: ["running", "alive", PORT + 3],
  },
  {
    name: "another port, and somebody else on its own",
    facts: {
      rows: [leader(), stranger],
      listeners: [...taken, listener(PORT + 1, [UNIT_PID])],
    },
    is: ["running", "alive", PORT + 1],
    foreign: 500,
  },
  {
    name: "another port that it may not take",
    facts: { rows: [leader()], listeners: [listener(PORT + 3, [UNIT_PID])] },
    at: { allowsRebound: false },
    is: ["unreachable", "alive"],
  },
  {
    name: "a port far away",
    facts: { rows: [leader()], listeners: [listener(PORT + 201, [UNIT_PID])] },
    is: ["unreachable", "alive"],
  },
  {
    name: "a port below its own",
    facts: { rows: [leader()], listeners: [listener(PORT - 1, [UNIT_PID])] },
    is: ["unreachable", "alive"],
  },
  {
    name: "the port that it was found on before",
    facts: { rows: [leader()], listeners: [listener(4444, [UNIT_PID])] },
    record: { actualPort: 4444 },
    is: ["running", "alive", 4444],
  },
  {
    name: "no listener yet",
    facts: { rows: [leader()] },
    at: { nowMs: 999 },
    is: ["starting", "alive"],
  },
  {
    name: "no listener after the grace",
    facts: { rows: [leader()] },
    at: { nowMs: 1000 },
    is: ["unreachable", "alive"],
  },
  {
    name: "a stranger on its port",
    facts: { rows: [leader(), stranger], listeners: taken },
    is: ["unreachable", "alive"],
    foreign: 500,
  },
  {
    name: "nothing",
    facts: {},
    is: ["stale", "gone"],
  },
  {
    name: "nothing but a stranger on its port",
    facts: { rows: [stranger], listeners: taken },
    is: ["stale", "gone"],
    foreign: 500,
  },
  {
    name: "a zombie",
    facts: { rows: [leader({ state: "zombie" })] },
    is: ["stale", "gone"],
  },
  {
    name: "another process with its id, on its port",
    facts: {
      rows: [row(UNIT_PID)],
      listeners: [listener(PORT, [UNIT_PID])],
    },
    is: ["stale", "reused"],
    foreign: UNIT_PID,
  },
  {
    name: "the session of another process with its id",
    facts: {
      rows: [row(UNIT_PID), orphan],
      listeners: [listener(PORT, [102])],
    },
    is: ["stale", "reused"],
    foreign: 102,
  },
  {
    name: "an earlier boot",
    facts: {
      rows: [leader()],
      markers: { [UNIT_PID]: marker },
      bootId: "another",
    },
    is: ["stale", "earlier_boot"],
  },
  {
    name: "an unknown boot",
    facts: { rows: [leader()], bootId: undefined },
    is: ["unverified", "unknown"],
  },
  {
    name: "another pid namespace",
    facts: { rows: [leader()], pidNamespace: "pid:[2]" },
    is: ["unverified", "unknown"],
  },
  {
    name: "unknown processes",
    facts: { hidden: "no /proc" },
    is: ["unverified", "unknown"],
  },
  {
    name: "unknown listeners",
    facts: { rows: [leader()], hiddenListeners: "no netlink" },
    is: ["unverified", "unknown"],
  },
  {
    name: "an unproved process in its session",
    facts: { rows: [orphan] },
    is: ["unverified", "unproved_member"],
  },
  {
    name: "a unit of another kind with its session number",
    facts: { rows: [orphan], markers: { 102: "repo-x.run.unit.1" } },
    is: ["stale", "gone"],
  },
  {
    name: "a socket of another user whose owner is hidden",
    facts: {
      rows: [leader(), row(101, { parentPid: UNIT_PID, uid: 33 })],
      listeners: [listener(PORT, [])],
    },
    is: ["unverified", "unseen_owner"],
  },
  {
    name: "a socket with a hidden owner and no member of another user",
    facts: { rows: [leader()], listeners: [listener(PORT, [])] },
    is: ["unreachable", "alive"],
  },
  {
    name: "nobody, as a person wanted",
    facts: { rows: [leader()] },
    record: { identity: undefined },
    is: ["stopped", "stopped"],
  },
  {
    name: "nothing of a step that had finished",
    facts: {},
    record: { status: "finished" },
    is: ["finished", "gone"],
  },
  {
    name: "what could not be ended",
    facts: { rows: [leader()], listeners: [listener(PORT, [UNIT_PID])] },
    record: { status: "termination_failed" },
    is: ["termination_failed", "alive"],
  },
  {
    name: "the end of what could not be ended",
    facts: {},
    record: { status: "termination_failed" },
    is: ["stale", "gone"],
  },
];

Deno.test.each(rows)(
  "truthOf() of $name",
  ({ facts, record, at, is, foreign }) => {
    const truth = judge(facts, record, at);
    assertEquals<unknown>(
      [truth.status, truth.evidence[0]?.fact, truth.actualPort],
      [is[0], is[1], is[2]],
    );
    assertEquals(truth.foreignOwner?.pid, foreign);
  },
);

Deno.test("the owner of a port is named with its program", () => {
  const truth = judge({ rows: [stranger], listeners: taken });
  assertEquals(
    truth.evidence.at(-1)?.text,
    "port 3000 is taken by process 500 (python3)",
  );
});
