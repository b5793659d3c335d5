import { assertEquals } from "@std/assert";
import { FACTS } from "#support/sync_facts.ts";
import { jobsChecks, syncChecks } from "./environment_other_checks.ts";
import type { JobsCheck, JobsFinding, JobsVerdict } from "./jobs_finding.ts";
import type { SyncFacts } from "./sync_facts.ts";
import type { SyncFinding } from "./sync_finding.ts";
import type { SyncVerdict } from "./sync_findings.ts";

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
        remediation: { command: null, description: "" },
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

const VERDICT: SyncVerdict = { isHealthy: true, checks: [], findings: [] };
const FINDING: SyncFinding = {
  id: "S",
  check: "delivery",
  severity: "info",
  summary: "It is so.",
  remediation: { command: null, description: "" },
};

Deno.test.each<{
  readonly name: string;
  readonly severities: readonly SyncFinding["severity"][];
  readonly is: string;
}>([
  {
    name: "nothing",
    severities: [],
    is: "pass Nothing is wrong with delivery undefined",
  },
  {
    name: "a remark",
    severities: ["info"],
    is: "pass Nothing is wrong with delivery undefined",
  },
  {
    name: "a warning",
    severities: ["warn", "info"],
    is: "info Its own doctor has 1 word on delivery reeve sync doctor",
  },
  {
    name: "errors",
    severities: ["error", "warn"],
    is: "warn Its own doctor has 2 words on delivery reeve sync doctor",
  },
])("syncChecks() with $name found", ({ severities, is }) => {
  const findings = severities.map((severity): SyncFinding => ({
    ...FINDING,
    severity,
  }));
  const [delivery] = syncChecks(FACTS, { ...VERDICT, findings });
  assertEquals(
    `${delivery?.status} ${delivery?.summary} ${delivery?.remedy}`,
    is,
  );
});

Deno.test.each<{
  readonly name: string;
  readonly daemon: SyncFacts["daemon"];
  readonly is: string;
}>([
  {
    name: "nobody knows",
    daemon: { unknown: "it is shut" },
    is: "warn Not known: it is shut reeve auth doctor",
  },
  {
    name: "there is none",
    daemon: { kind: "none" },
    is: "info No sync daemon is recorded undefined",
  },
  {
    name: "it is well",
    daemon: { kind: "healthy", pid: 7 },
    is: "pass The sync daemon runs: 7 undefined",
  },
  {
    name: "it is not well",
    daemon: { kind: "unhealthy", reason: "it is deaf" },
    is: "warn The sync daemon is not well: it is deaf reeve auth doctor",
  },
])("syncChecks() of a daemon when $name", ({ daemon, is }) => {
  const [, check] = syncChecks({ ...FACTS, daemon }, VERDICT);
  assertEquals(`${check?.status} ${check?.summary} ${check?.remedy}`, is);
});
