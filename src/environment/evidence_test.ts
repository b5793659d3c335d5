import { assertEquals } from "@std/assert";
import { severityOf, worstOf } from "./evidence.ts";
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
