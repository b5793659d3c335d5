import { assert, assertEquals } from "@std/assert";
import type { Job } from "../jobs/job.ts";
import {
  formatDeadJobs,
  formatJob,
  formatJobs,
  formatQueues,
  jobJson,
  queueJson,
  type TenantQueue,
} from "./queue_text.ts";

const NOW = 1_800_000_000_000;
const LAYOUT = { nowMs: NOW, width: 80 };

const QUEUE: TenantQueue = {
  tenant: "_default",
  queue: "mail",
  isPaused: false,
  counts: { ready: 1, scheduled: 2, active: 3, completed: 4, dead: 5 },
  oldestReadyAt: NOW - 90_000,
  nextRunAt: NOW + 1000,
};

const JOB: Job = {
  id: "a",
  queue: "mail",
  state: "dead",
  data: { to: "ada\u001b[2J" },
  priority: 0,
  attempts: 5,
  maxAttempts: 5,
  stalls: 1,
  createdAt: NOW - 3_600_000,
  runAt: undefined,
  startedAt: NOW - 2000,
  finishedAt: NOW - 1000,
  progress: undefined,
  result: undefined,
  error: { name: "TypeError", message: "no stamp\u001b[2J" },
  deadReason: "failed",
};

Deno.test("formatQueues() leaves tenants out where there is one", () => {
  assertEquals(
    formatQueues([QUEUE], LAYOUT),
    "QUEUE  READY  LATER  ACTIVE  DONE  DEAD  OLDEST  STATE\n" +
      "mail       1      2       3     4     5   1 min  open",
  );
});

Deno.test("formatQueues() names tenants and paused queues", () => {
  const other = {
    ...QUEUE,
    tenant: "acme",
    isPaused: true,
    oldestReadyAt: undefined,
  };
  assertEquals(
    formatQueues([QUEUE, other], LAYOUT).split("\n").slice(1),
    [
      "_default  mail       1      2       3     4     5   1 min  open",
      "acme      mail       1      2       3     4     5       -  paused",
    ],
  );
});

Deno.test("queueJson() tells times as ISO 8601", () => {
  assertEquals(queueJson(QUEUE), {
    "tenant": "_default",
    "queue": "mail",
    "paused": false,
    "ready": 1,
    "scheduled": 2,
    "active": 3,
    "completed": 4,
    "dead": 5,
    "oldest_ready_at": "2027-01-15T07:58:30.000Z",
    "next_run_at": "2027-01-15T08:00:01.000Z",
  });
});

Deno.test("jobJson() has a null for all that is not there", () => {
  const { result, progress, "run_at": runAt } = jobJson(JOB);
  assertEquals([result, progress, runAt], [null, null, null]);
});

Deno.test("jobs are shown without what moves the cursor", () => {
  const texts = [
    formatJob(JOB, LAYOUT),
    formatJobs([JOB], LAYOUT),
    formatDeadJobs([JOB], LAYOUT),
  ];
  for (const text of texts) {
    assert(!text.includes("\u001b"), text);
    for (const line of text.split("\n")) assert(line.length <= 80);
  }
});

Deno.test("formatJob() leaves out what a job does not have", () => {
  assertEquals(formatJob({ ...JOB, data: 1, stalls: 0 }, LAYOUT).split("\n"), [
    "a",
    "  queue    mail",
    "  state    dead, failed",
    "  tries    5 of 5",
    "  priority 0",
    "  added    2027-01-15T07:00:00.000Z, 1 h ago",
    "  started  2027-01-15T07:59:58.000Z, 2 s ago",
    "  ended    2027-01-15T07:59:59.000Z, 1 s ago",
    "  error    TypeError: no stamp?[2J",
    "  data     1",
  ]);
});

Deno.test("formatJob() tells when a scheduled job runs", () => {
  const text = formatJob({ ...JOB, runAt: NOW + 60_000 }, LAYOUT);
  assert(text.includes("runs     2027-01-15T08:01:00.000Z, in 1 min"));
});
