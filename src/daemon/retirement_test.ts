import { assertEquals } from "@std/assert";
import {
  decideRetirement,
  isNamed,
  SYNC_DAEMON_IDLE_RETIREMENT_SECONDS,
} from "./retirement.ts";

const own = { pid: 5, port: 9401 };
const active = {
  isBusy: false,
  idleMs: 0,
  own,
  isRecordedAlive: true,
  idleLimitMs: 900_000,
};
const other = { pid: 6, port: 9400 };

Deno.test.each([
  { name: "fresh without a state file", change: {}, reason: "active" },
  {
    name: "named by the state file",
    change: { recorded: own },
    reason: "active",
  },
  { name: "superseded", change: { recorded: other }, reason: "superseded" },
  {
    name: "superseded on its own port",
    change: { recorded: { pid: 6, port: 9401 } },
    reason: "superseded",
  },
  {
    name: "superseded by its own pid on another port",
    change: { recorded: { pid: 5, port: 9400 } },
    reason: "superseded",
  },
  {
    name: "superseded by a dead one",
    change: { recorded: other, isRecordedAlive: false },
    reason: "active",
  },
  {
    name: "superseded but busy",
    change: { recorded: other, isBusy: true },
    reason: "work_in_flight",
  },
  {
    name: "idle just below the limit",
    change: { idleMs: 899_999 },
    reason: "active",
  },
  { name: "idle at the limit", change: { idleMs: 900_000 }, reason: "idle" },
  { name: "idle above the limit", change: { idleMs: 900_001 }, reason: "idle" },
  {
    name: "idle but busy",
    change: { idleMs: 1e9, isBusy: true },
    reason: "work_in_flight",
  },
  {
    name: "idle and superseded",
    change: { idleMs: 1e9, recorded: other },
    reason: "superseded",
  },
  {
    name: "idle with a dead recorded one",
    change: { idleMs: 1e9, recorded: other, isRecordedAlive: false },
    reason: "idle",
  },
  {
    name: "idle with a patched limit",
    change: { idleMs: 50, idleLimitMs: 50 },
    reason: "idle",
  },
])("decideRetirement() of one $name says $reason", ({ change, reason }) => {
  const verdict = decideRetirement({ ...active, ...change });
  const ends = reason === "idle" || reason === "superseded";
  assertEquals<unknown>(verdict, { kind: ends ? "retire" : "stay", reason });
});

Deno.test("SYNC_DAEMON_IDLE_RETIREMENT_SECONDS is fifteen minutes", () => {
  assertEquals(SYNC_DAEMON_IDLE_RETIREMENT_SECONDS, 900);
});

Deno.test.each([
  { recorded: own, is: true },
  { recorded: other, is: false },
  { recorded: { ...own, port: 9400 }, is: false },
  { recorded: { ...own, pid: 6 }, is: false },
  { recorded: undefined, is: false },
])("isNamed() by $recorded is $is", ({ recorded, is }) => {
  assertEquals(isNamed(own, recorded), is);
});
