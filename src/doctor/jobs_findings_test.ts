import { assert, assertEquals } from "@std/assert";
import type { Readiness } from "../jobs/readiness.ts";
import type { JobQueueFacts, JobsFacts, TenantFacts } from "./jobs_facts.ts";
import { judgeJobs } from "./jobs_findings.ts";
import { buildJobsReport } from "./jobs_report.ts";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const READY: Readiness = { ok: true, checks: [], latencyMs: 1 };
const NO_JOBS = { ready: 0, scheduled: 0, active: 0, completed: 0, dead: 0 };

function queue(
  change: Partial<Omit<JobQueueFacts, "counts">> & {
    readonly counts?: Partial<JobQueueFacts["counts"]>;
  } = {},
): JobQueueFacts {
  return {
    queue: "mail",
    isPaused: false,
    oldestReadyAt: undefined,
    nextRunAt: undefined,
    oldestActiveAt: undefined,
    silent: 0,
    ...change,
    counts: { ...NO_JOBS, ...change.counts },
  };
}

function tenant(change: Partial<TenantFacts> = {}): TenantFacts {
  return {
    tenant: "_default",
    place: "/jobs/_default.db",
    readiness: READY,
    queues: [queue()],
    ...change,
  };
}

function facts(change: Partial<JobsFacts> = {}): JobsFacts {
  return {
    generatedAt: NOW,
    root: "/root",
    faults: [],
    tenants: [tenant()],
    settings: {
      backend: "sqlite",
      root: "/root",
      tenant: "_default",
      redis: { url: "", username: undefined, passwordFile: undefined },
      concurrency: 4,
      leaseMs: 30_000,
      limits: { maxJobs: 10, maxBytes: 1000 },
      durability: "full",
    },
    ...change,
  };
}

const ofQueue = (one: JobQueueFacts) =>
  facts({ tenants: [tenant({ queues: [one] })] });

const failing = (
  level: "fail" | "warn",
  code?: "QUEUE_MOVED" | "QUEUE_STORE_CORRUPT",
): Readiness => ({
  ok: level === "warn",
  latencyMs: 1,
  checks: [{
    check: "c",
    level,
    detail: "It is so.",
    hint: "Do this.",
    ...(code === undefined ? {} : { code }),
  }],
});

const waiting = (ageMs: number, change: Parameters<typeof queue>[0] = {}) =>
  ofQueue(queue({
    oldestReadyAt: NOW - ageMs,
    ...change,
    counts: { ready: 2, ...change.counts },
  }));

const worker = "reeve queue worker --handler FILE";
const redis = { ...facts().settings, backend: "redis" } as const;

Deno.test.each<{
  readonly name: string;
  readonly facts: JobsFacts;
  readonly is: readonly string[];
}>([
  { name: "all well", facts: facts(), is: [] },
  { name: "no tenant", facts: facts({ tenants: [] }), is: [] },
  { name: "a job of a moment", facts: waiting(5 * MINUTE - 1), is: [] },
  {
    name: "a job that waits",
    facts: waiting(5 * MINUTE),
    is: [`Q-010 warn ${worker}`],
  },
  {
    name: "a job that waits for a day",
    facts: waiting(24 * HOUR),
    is: [`Q-010 error ${worker}`],
  },
  {
    name: "a job that waits while others run",
    facts: waiting(24 * HOUR, { counts: { active: 1 } }),
    is: [],
  },
  {
    name: "a job that waits while a silent worker holds others",
    facts: waiting(HOUR, { counts: { active: 1 }, silent: 1 }),
    is: [`Q-010 warn ${worker}`, `Q-011 warn ${worker}`],
  },
  {
    name: "a job that waits in a paused queue",
    facts: waiting(24 * HOUR, { isPaused: true }),
    is: ["Q-013 warn reeve queue resume mail"],
  },
  {
    name: "a paused queue",
    facts: ofQueue(queue({ isPaused: true })),
    is: ["Q-013 info reeve queue resume mail"],
  },
  {
    name: "a job that has run for less than an hour",
    facts: ofQueue(queue({ oldestActiveAt: NOW - HOUR + 1 })),
    is: [],
  },
  {
    name: "a job that has run for an hour",
    facts: ofQueue(queue({ oldestActiveAt: NOW - HOUR })),
    is: ["Q-012 warn reeve queue list mail --state active"],
  },
  {
    name: "dead jobs",
    facts: ofQueue(queue({ counts: { dead: 1 } })),
    is: ["Q-020 warn reeve queue dead list mail"],
  },
  {
    name: "dead jobs of a tenant",
    facts: facts({
      tenants: [
        tenant({ tenant: "acme", queues: [queue({ counts: { dead: 1 } })] }),
      ],
    }),
    is: ["Q-020 warn reeve queue dead list mail --tenant acme"],
  },
  {
    name: "less than 80 % full",
    facts: waiting(0, { counts: { ready: 7 } }),
    is: [],
  },
  {
    name: "80 % full",
    facts: waiting(0, { counts: { ready: 4, scheduled: 4 } }),
    is: ["Q-030 warn reeve config set queue.max_jobs 20"],
  },
  {
    name: "full",
    facts: waiting(0, { counts: { ready: 9, active: 1 } }),
    is: ["Q-030 error reeve config set queue.max_jobs 20"],
  },
  {
    name: "a file that is damaged",
    facts: facts({
      tenants: [tenant({ readiness: failing("fail", "QUEUE_STORE_CORRUPT") })],
    }),
    is: ["Q-002 error null"],
  },
  {
    name: "Redis that is not ready",
    facts: facts({
      settings: redis as NonNullable<JobsFacts["settings"]>,
      tenants: [tenant({ readiness: failing("fail") })],
    }),
    is: ["Q-002 error reeve config show queue.redis_url"],
  },
  {
    name: "jobs that have moved to Redis",
    facts: facts({
      tenants: [tenant({ readiness: failing("fail", "QUEUE_MOVED") })],
    }),
    is: ["Q-003 error reeve config set queue.backend redis"],
  },
  {
    name: "jobs that have moved to SQLite",
    facts: facts({
      settings: redis as NonNullable<JobsFacts["settings"]>,
      tenants: [tenant({ readiness: failing("fail", "QUEUE_MOVED") })],
    }),
    is: ["Q-003 error reeve config set queue.backend sqlite"],
  },
  {
    name: "something odd",
    facts: facts({ tenants: [tenant({ readiness: failing("warn") })] }),
    is: ["Q-004 warn null"],
  },
  {
    name: "a faulty setting",
    facts: facts({
      settings: undefined,
      tenants: [],
      faults: [{
        kind: "bad_value",
        where: "REEVE_QUEUE_BACKEND",
        file: undefined,
        line: undefined,
        key: "queue.backend",
        message: "Cannot use REEVE_QUEUE_BACKEND",
        hint: "Correct it.",
      }],
    }),
    is: ["Q-001 error reeve config show"],
  },
])("judgeJobs() of $name", ({ facts, is }) => {
  const { findings, isHealthy } = judgeJobs(facts);
  assertEquals(
    findings.map(({ id, severity, remediation }) =>
      `${id} ${severity} ${remediation.command}`
    ),
    is,
  );
  assertEquals(isHealthy, !is.some((one) => one.includes(" error ")));
});

Deno.test("judgeJobs() is not healthy while something is unknown", () => {
  const verdict = judgeJobs(facts({
    tenants: [tenant({ queues: { unknown: "nobody answers" } })],
  }));
  assert(!verdict.isHealthy);
  const states = verdict.checks.map(({ name, state }) => `${name} ${state}`);
  assertEquals(states, [
    "settings ok",
    "backend ok",
    "work unknown",
    "dead unknown",
    "room unknown",
  ]);
});

Deno.test("buildJobsReport() says who is ready", () => {
  const seen = facts({
    tenants: [tenant({ readiness: failing("fail", "QUEUE_MOVED") })],
  });
  const report = buildJobsReport(seen, judgeJobs(seen));
  assertEquals([report.ok, report.tenants[0]?.ready], [false, false]);
  assertEquals(report.generated_at, "2027-01-15T08:00:00.000Z");
});
