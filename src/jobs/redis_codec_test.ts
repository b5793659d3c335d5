import { assert, assertEquals } from "@std/assert";
import type { JobRules, NewJob } from "./job.ts";
import { ADD_ARGUMENTS } from "./redis_add_script.ts";
import {
  bullPriority,
  type JobFields,
  ourPriority,
  pushArguments,
  readRules,
  runAtOf,
  toClaim,
  toJob,
  writeError,
  writeRules,
} from "./redis_codec.ts";
import { TAKEN_ANSWERS } from "./redis_exchange_script.ts";

const RULES: JobRules = {
  attempts: 7,
  backoff: { type: "fixed", baseMs: 3, capMs: 9, jitter: "none" },
  timeoutMs: 11,
  expiresAt: 1_700_000_000_123,
};

const JOB: NewJob = {
  id: "a",
  body: "[1]",
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

const PLAIN = ["a", "1", "[1]", writeRules(RULES)];

Deno.test.each<{ text: string; job: Partial<NewJob>; is: unknown[] }>([
  { text: "that is ready", job: {}, is: [101, 0, "", "", ""] },
  {
    text: "with a time and a priority",
    job: { runAt: 1_250, priority: 100 },
    is: [1, 1_250, "", "", ""],
  },
  {
    text: "that keeps equal ones away",
    job: { dedupe: { key: "k", mode: "ignore", ttlMs: undefined } },
    is: [101, 0, "k", "", "ignore"],
  },
  {
    text: "that replaces equal ones",
    job: { dedupe: { key: "k", mode: "replace", ttlMs: 5 } },
    is: [101, 0, "k", 5, "replace"],
  },
])("pushArguments() tells of a job $text", ({ job, is }) => {
  const args: (string | number)[] = ["before"];
  pushArguments(args, { ...JOB, ...job });
  assertEquals(args, ["before", ...PLAIN, ...is] as typeof args);
  assertEquals(args.length - 1, ADD_ARGUMENTS);
});

Deno.test("pushArguments() tells whether an id may be there already", () => {
  const flags = [true, false].map((hasOwnId) => {
    const args: (string | number)[] = [];
    pushArguments(args, { ...JOB, hasOwnId });
    return args[1];
  });
  assertEquals(flags, ["1", ""]);
});

Deno.test.each([{ answer: null, attempts: 0 }, { answer: "2", attempts: 2 }])(
  "toClaim() counts $attempts attempts for $answer",
  ({ answer, attempts }) => {
    const job = ["a", "[1]", writeRules(RULES), "1000", answer];
    assertEquals(job.length, TAKEN_ANSWERS);
    assertEquals(toClaim("q", "t", job), {
      queue: "q",
      id: "a",
      token: "t",
      body: "[1]",
      attempts,
      rules: RULES,
      createdAt: 1_000,
    });
  },
);

const FIELDS: JobFields = {
  data: '{"a":1}',
  r: writeRules(RULES),
  ra: "1500",
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

Deno.test("runAtOf() knows the time that options or a retry have set", () => {
  assertEquals(runAtOf(FIELDS), 1_500);
  assertEquals(runAtOf({ timestamp: "1000" }), 1_000);
});
