import { assertEquals } from "@std/assert";
import { jobsChecks } from "./environment_other_checks.ts";
import type { JobsCheck, JobsFinding, JobsVerdict } from "./jobs_finding.ts";

const NAMES = ["settings", "backend", "work", "dead", "room"] as const;
type State = JobsCheck["state"];

function verdict(
  states: Partial<Record<JobsCheck["name"], State>>,
): JobsVerdict {
  const checks = NAMES.map((name): JobsCheck => {
    const state = states[name] ?? "ok";
    return { name, state, reason: state === "unknown" ? "it is shut" : null };
  });
  const findings = checks.flatMap(({ name, state }): readonly JobsFinding[] =>
    state === "error" || state === "warn" || state === "info"
      ? [{
        id: "Q",
        check: name,
        tenant: null,
        severity: state,
        summary: `${name} is so.`,
        remedy: { command: null, description: "" },
      }]
      : []
  );
  return { isHealthy: true, checks, findings };
}

Deno.test.each<{
  readonly name: string;
  readonly states: Parameters<typeof verdict>[0];
  readonly is: readonly [string, string];
}>([
  {
    name: "a queue that is well",
    states: {},
    is: [
      "pass Jobs can be added and kept",
      "pass No job waits for a worker that is not there",
    ],
  },
  {
    name: "no queue yet",
    states: { backend: "skipped", work: "skipped" },
    is: ["pass No job has been added yet", "pass No job has been added yet"],
  },
  {
    name: "a backend that is not ready",
    states: { backend: "error", work: "unknown" },
    is: ["fail backend is so", "fail Not known: it is shut"],
  },
  {
    name: "a full queue without workers",
    states: { room: "warn", work: "error", dead: "warn" },
    is: ["warn room is so", "fail work is so (and 1 more)"],
  },
  {
    name: "a word on a queue",
    states: { work: "info" },
    is: ["pass Jobs can be added and kept", "info work is so"],
  },
])("jobsChecks() of $name", ({ states, is }) => {
  const checks = jobsChecks(verdict(states));
  assertEquals(checks.map(({ id }) => id), ["jobs.readiness", "jobs.liveness"]);
  assertEquals(
    checks.map(({ status, summary }) => `${status} ${summary}`),
    [...is],
  );
});
