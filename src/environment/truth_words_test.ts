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
import { truthOf, type TruthRecord } from "./truth.ts";

const PORT = 3000;
const RECORD: TruthRecord = {
  identity: IDENTITY,
  status: "running",
  expectsListener: true,
  requestedPort: PORT,
  actualPort: undefined,
  startedAt: 5000,
};

interface Row {
  readonly name: string;
  readonly facts: FactsOptions;
  readonly record?: Partial<TruthRecord>;
  readonly nowMs?: number;
  readonly isUndated?: boolean;
  readonly is: string;
}

/** `status port: fact text; fact text` */
function told({ facts, record, nowMs = 90_000, isUndated }: Row): string {
  const { startedAt: _, ...undated } = RECORD;
  const base = isUndated === true ? undated : RECORD;
  const { status, actualPort, evidence } = truthOf(
    { ...base, ...record },
    makeFacts(facts),
    nowMs,
    { graceMs: 1000, allowsRebound: true },
  );
  const port = actualPort === undefined ? "" : ` ${actualPort}`;
  const words = evidence.map(({ fact, text }) => `${fact} ${text}`);
  return `${status}${port}: ${words.join("; ")}`;
}

const STARTED = `alive process ${UNIT_PID} is the one that was started`;
const orphan = row(102, { sessionId: UNIT_PID });
const stranger = row(500);
const taken = listener(PORT, [500]);
const TAKEN = "port_taken port 3000 is taken by process 500 (python3)";

const rows: readonly Row[] = [
  {
    name: "what a person stopped",
    facts: { rows: [stranger], listeners: [taken] },
    record: { identity: undefined },
    is: "stopped: stopped it was stopped",
  },
  {
    name: "what could not be ended",
    facts: { rows: [leader()] },
    record: { status: "termination_failed" },
    is: "termination_failed: alive it was told to end, and process 100 " +
      "still runs",
  },
  {
    name: "an unproved member",
    facts: { rows: [orphan] },
    is: "unverified: unproved_member process 102 is in its session, but " +
      "nothing proves that it is its own",
  },
  {
    name: "what is left of it",
    facts: {
      rows: [orphan],
      markers: { 102: IDENTITY.marker },
      listeners: [listener(PORT, [102])],
    },
    is: "running 3000: alive what was started has ended; process 102 is " +
      "left of it",
  },
  {
    name: "its port",
    facts: { rows: [leader()], listeners: [listener(PORT, [UNIT_PID])] },
    is: `running 3000: ${STARTED}`,
  },
  {
    name: "another port",
    facts: { rows: [leader()], listeners: [listener(PORT + 3, [UNIT_PID])] },
    is: `running 3003: ${STARTED}; rebound it listens on port 3003 instead ` +
      "of 3000",
  },
  {
    name: "no port, in its grace",
    facts: { rows: [leader()] },
    nowMs: 5999,
    is: `starting: ${STARTED}; no_listener it does not listen on port 3000`,
  },
  {
    name: "no port, at the end of its grace",
    facts: { rows: [leader()] },
    nowMs: 6000,
    is: `unreachable: ${STARTED}; no_listener it does not listen on port 3000`,
  },
  {
    name: "no port, and nobody knows since when",
    facts: { rows: [leader()] },
    isUndated: true,
    is: `unreachable: ${STARTED}; no_listener it does not listen on port 3000`,
  },
  {
    name: "a port far away",
    facts: { rows: [leader()], listeners: [listener(9000, [UNIT_PID])] },
    is: `unreachable: ${STARTED}; other_listener it does not listen on port ` +
      "3000, but on port 9000",
  },
  {
    name: "some port, and it was given none",
    facts: { rows: [leader()], listeners: [listener(9000, [UNIT_PID])] },
    record: { requestedPort: undefined },
    is: `unreachable: ${STARTED}; other_listener it does not listen on any ` +
      "port, but on port 9000",
  },
  {
    name: "a stranger's port",
    facts: { rows: [leader(), stranger], listeners: [taken] },
    is: `unreachable: ${STARTED}; no_listener it does not listen on port ` +
      `3000; ${TAKEN}`,
  },
  {
    name: "only somebody else's other port",
    facts: { rows: [leader(), stranger], listeners: [listener(3001, [500])] },
    is: `unreachable: ${STARTED}; no_listener it does not listen on port 3000`,
  },
  {
    name: "nothing, and a stranger on its port",
    facts: { rows: [stranger], listeners: [listener(1, [7]), taken] },
    is: `stale: gone it has ended; ${TAKEN}`,
  },
  {
    name: "nothing, and a hidden owner of its port",
    facts: { listeners: [listener(PORT, [])] },
    is: "stale: gone it has ended; port_taken port 3000 is taken by a " +
      "process of user 1000 that cannot be seen",
  },
  {
    name: "nothing, and unknown listeners",
    facts: { hiddenListeners: "no netlink" },
    is: "stale: gone it has ended",
  },
  {
    name: "nothing of what was given no port",
    facts: { rows: [stranger], listeners: [taken] },
    record: { requestedPort: undefined },
    is: "stale: gone it has ended",
  },
  {
    name: "a hidden owner beside a member of another user",
    facts: {
      rows: [leader(), row(101, { parentPid: UNIT_PID, uid: 33 })],
      listeners: [listener(1, [7]), listener(PORT, [])],
    },
    is: "unverified: unseen_owner the owner of port 3000 cannot be seen",
  },
  {
    name: "a stranger's port beside a member of another user",
    facts: {
      rows: [leader(), row(101, { parentPid: UNIT_PID, uid: 33 }), stranger],
      listeners: [taken],
    },
    is: `unreachable: ${STARTED}; no_listener it does not listen on port ` +
      `3000; ${TAKEN}`,
  },
  {
    name: "a hidden owner of another port beside a member of another user",
    facts: {
      rows: [leader(), row(101, { parentPid: UNIT_PID, uid: 33 })],
      listeners: [listener(PORT + 900, [])],
    },
    is: `unreachable: ${STARTED}; no_listener it does not listen on port 3000`,
  },
];

Deno.test.each(rows)("truthOf() tells of $name in words", (one) => {
  assertEquals(told(one), one.is);
});
