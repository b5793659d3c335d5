import { assertEquals } from "@std/assert";
import {
  explainNoMembers,
  ownerText,
  severityOf,
  worstOf,
} from "./evidence.ts";
import type { ServiceStatus } from "./model.ts";

const IS_CRITICAL = true;

Deno.test.each<{ status: ServiceStatus; critical: string; other: string }>([
  { status: "running", critical: "fine", other: "fine" },
  { status: "finished", critical: "fine", other: "fine" },
  { status: "stopped", critical: "fine", other: "fine" },
  { status: "starting", critical: "pending", other: "pending" },
  { status: "degraded", critical: "degraded", other: "degraded" },
  { status: "stale", critical: "critical", other: "degraded" },
  { status: "termination_failed", critical: "critical", other: "degraded" },
  { status: "unreachable", critical: "critical", other: "degraded" },
  { status: "unverified", critical: "critical", other: "degraded" },
])("a unit that is $status is $critical, or $other", (one) => {
  assertEquals<string>(severityOf(one.status, IS_CRITICAL), one.critical);
  assertEquals<string>(severityOf(one.status, !IS_CRITICAL), one.other);
});

Deno.test("the worst unit decides", () => {
  assertEquals(worstOf([]), "fine");
  assertEquals(worstOf(["pending", "fine"]), "pending");
  assertEquals(worstOf(["degraded", "critical", "pending"]), "critical");
});

Deno.test("a unit that waits for its ready is worse than a fine one", () => {
  assertEquals(worstOf(["fine", "degraded"]), "degraded");
  assertEquals(worstOf(["fine", "fine"]), "fine");
});

Deno.test.each([
  {
    leader: "earlier_boot" as const,
    is: "earlier_boot: the machine was started anew since then",
  },
  {
    leader: "reused" as const,
    is: "reused: it has ended, and another process has its process id",
  },
  { leader: "gone" as const, is: "gone: it has ended" },
  { leader: "same" as const, is: "gone: it has ended" },
  { leader: "zombie" as const, is: "gone: it has ended" },
])("nothing of a unit runs, and its leader is $leader", ({ leader, is }) => {
  const { fact, text } = explainNoMembers(leader);
  assertEquals(`${fact}: ${text}`, is);
});

const NOBODY = { pid: undefined, uid: undefined, program: undefined };

Deno.test.each([
  {
    owner: { ...NOBODY, pid: 7, program: "nc" },
    is: "port 80 is taken by process 7 (nc)",
  },
  {
    owner: { ...NOBODY, pid: 7, uid: 33 },
    is: "port 80 is taken by process 7",
  },
  {
    owner: { ...NOBODY, uid: 33, program: "nc" },
    is: "port 80 is taken by a process of user 33 that cannot be seen",
  },
  {
    owner: NOBODY,
    is: "port 80 is taken by a process that cannot be seen",
  },
])("somebody else has a port: $is", ({ owner, is }) => {
  assertEquals(ownerText(80, owner), is);
});
