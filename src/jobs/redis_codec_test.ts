import { assert, assertEquals } from "@std/assert";
import type { JobRules, NewJob } from "./job.ts";
import {
  bullOptions,
  bullPriority,
  type JobFields,
  ourPriority,
  readRules,
  runAtOf,
  toClaim,
  toJob,
  writeError,
  writeRules,
} from "./redis_codec.ts";

const RULES: JobRules = {
  attempts: 7,
  backoff: { type: "fixed", baseMs: 3, capMs: 9, jitter: "none" },
  timeoutMs: 11,
  expiresAt: 1_700_000_000_123,
};

const JOB: NewJob = {
  id: "a",
  body: "1",
  dedupe: undefined,
  hasOwnId: true,
  runAt: 1_000,
  createdAt: 1_000,
  priority: 0,
  rules: RULES,
};

Deno.test("bullPriority() puts higher ones first, none before them", () => {
  const bull = [100, 99, 1, 0].map(bullPriority);
  assertEquals(bull, [1, 2, 100, 101]);
  assertEquals(bull.map(ourPriority), [100, 99, 1, 0]);
});

Deno.test.each<JobRules>([
  RULES,
  {
    attempts: 1,
    backoff: { type: "exponential", baseMs: 0, capMs: 0, jitter: "full" },
    timeoutMs: 0,
    expiresAt: 0,
  },
])("readRules() reads what writeRules() wrote", (rules) => {
  assertEquals(readRules(writeRules(rules)), rules);
});

Deno.test("bullOptions() delays by the time that is left", () => {
  assertEquals(bullOptions(JOB).delay, undefined);
  assertEquals(bullOptions({ ...JOB, runAt: 1_250 }).delay, 250);
});

Deno.test.each<{ text: string; dedupe: NewJob["dedupe"]; is: object }>([
  {
    text: "forever",
    dedupe: { key: "k", mode: "ignore", ttlMs: undefined },
    is: { id: "k" },
  },
  {
    text: "for a time",
    dedupe: { key: "k", mode: "ignore", ttlMs: 5 },
    is: { id: "k", ttl: 5 },
  },
  {
    text: "and replaces",
    dedupe: { key: "k", mode: "replace", ttlMs: 5 },
    is: { id: "k", ttl: 5, replace: true, extend: true },
  },
])("bullOptions() keeps equal jobs away $text", ({ dedupe, is }) => {
  assertEquals({ ...bullOptions({ ...JOB, dedupe }).deduplication }, is);
});

Deno.test("toClaim() takes the rules from among the options", () => {
  const claim = toClaim("q", "t", {
    id: "a",
    data: "[1]",
    opts: bullOptions(JOB),
    attemptsMade: 2,
    timestamp: 1_000,
  });
  assertEquals(claim, {
    queue: "q",
    id: "a",
    token: "t",
    body: "[1]",
    attempts: 2,
    rules: RULES,
    createdAt: 1_000,
  });
});

const FIELDS: JobFields = {
  data: '{"a":1}',
  opts: JSON.stringify({ ...bullOptions({ ...JOB, runAt: 1_500 }) }),
  timestamp: "1000",
  priority: "96",
  atm: "2",
  stc: "1",
  processedOn: "1600.25",
  finishedOn: "1700.75",
  progress: "50",
  returnvalue: '"done"',
  error: writeError({ name: "E", message: "no" }),
  reason: "given_up",
};

Deno.test("toJob() shows a dead job", () => {
  assertEquals(toJob("q", "a", "dead", FIELDS), {
    id: "a",
    queue: "q",
    state: "dead",
    data: { a: 1 },
    priority: 5,
    attempts: 2,
    maxAttempts: 7,
    stalls: 1,
    createdAt: 1_000,
    runAt: undefined,
    startedAt: 1_600,
    finishedAt: 1_700,
    progress: 50,
    result: undefined,
    error: { name: "E", message: "no" },
    deadReason: "given_up",
  });
});

Deno.test("toJob() shows what belongs to a state only", () => {
  const completed = toJob("q", "a", "completed", FIELDS);
  assertEquals(
    [completed.result, completed.error, completed.deadReason],
    ["done", undefined, undefined],
  );
  const scheduled = toJob("q", "a", "scheduled", FIELDS);
  assertEquals([scheduled.runAt, scheduled.finishedAt], [1_500, undefined]);
  assert(scheduled.error !== undefined);
});

Deno.test("toJob() tells no result from null", () => {
  const result = (returnvalue: string) =>
    toJob("q", "a", "completed", { ...FIELDS, returnvalue }).result;
  assertEquals([result(""), result("null")], [undefined, null]);
});

Deno.test("runAtOf() knows the time that a retry has set", () => {
  assertEquals(runAtOf(FIELDS), 1_500);
  assertEquals(runAtOf({ ...FIELDS, ra: "9000" }), 9_000);
});
