import { assertEquals, assertThrows } from "@std/assert";
import { CONTEXT, NOW, refuse } from "#support/draft_checks.ts";
import { KnownError } from "../errors.ts";
import { checkDraft } from "./draft.ts";

const YEAR_9999 = 253_402_300_799_999;

Deno.test.each<{ readonly options: unknown; readonly problem: string }>([
  {
    options: { priority: 200 },
    problem: "priority is 200, not a whole number from 0 to 100",
  },
  {
    options: { priority: -1 },
    problem: "priority is -1, not a whole number from 0 to 100",
  },
  {
    options: { priority: 0.5 },
    problem: "priority is 0.5, not a whole number from 0 to 100",
  },
  {
    options: { priority: "5" },
    problem: 'priority is "5", not a whole number from 0 to 100',
  },
  {
    options: { attempts: 0 },
    problem: "attempts is 0, not a whole number from 1 to 100",
  },
  {
    options: { attempts: 101 },
    problem: "attempts is 101, not a whole number from 1 to 100",
  },
  {
    options: { attempts: null },
    problem: "attempts is null, not a whole number from 1 to 100",
  },
  {
    options: { delayMs: -1 },
    problem: "delayMs is -1, not a whole number from 0 to 315360000000",
  },
  {
    options: { delayMs: 315_360_000_001 },
    problem:
      "delayMs is 315360000001, not a whole number from 0 to 315360000000",
  },
  {
    options: { runAt: NaN },
    problem: `runAt is NaN, not a whole number from 0 to ${YEAR_9999}`,
  },
  {
    options: { runAt: YEAR_9999 + 1 },
    problem: `runAt is ${
      YEAR_9999 + 1
    }, not a whole number from 0 to ${YEAR_9999}`,
  },
  {
    options: { runAt: new Date(0) },
    problem: `runAt is an object, not a whole number from 0 to ${YEAR_9999}`,
  },
  {
    options: { delayMs: 0, runAt: 5 },
    problem: "delayMs is 0 and runAt is 5, of which only one may be given",
  },
  {
    options: { timeoutMs: 0 },
    problem: "timeoutMs is 0, not a whole number from 1 to 604800000",
  },
  {
    options: { timeoutMs: 604_800_001 },
    problem: "timeoutMs is 604800001, not a whole number from 1 to 604800000",
  },
  {
    options: { expiresAt: 0 },
    problem: `expiresAt is 0, not a whole number from 1 to ${YEAR_9999}`,
  },
  {
    options: { expiresAt: NOW + 4, runAt: NOW + 5 },
    problem: `expiresAt is ${NOW + 4}, before its first attempt at ${NOW + 5}`,
  },
  {
    options: { expiresAt: NOW + 4, delayMs: 5 },
    problem: `expiresAt is ${NOW + 4}, before its first attempt at ${NOW + 5}`,
  },
  {
    options: { id: "17" },
    problem: 'id is "17", not 1 to 128 letters, digits, dots, hyphens and ' +
      "underscores that begin with a letter or digit and are not only digits",
  },
  {
    options: { id: ["a"] },
    problem:
      "id is an array, not 1 to 128 letters, digits, dots, hyphens and " +
      "underscores that begin with a letter or digit and are not only digits",
  },
  {
    options: { dedupe: { key: "" } },
    problem: 'dedupe.key is "", not 1 to 256 characters',
  },
  {
    options: { dedupe: { key: "k".repeat(257) } },
    problem: `dedupe.key is "${"k".repeat(80)}…", not 1 to 256 characters`,
  },
  {
    options: { dedupe: { key: "\ud800" } },
    problem: 'dedupe.key is "\\ud800", not 1 to 256 characters',
  },
  {
    options: { dedupe: {} },
    problem: "dedupe.key is undefined, not 1 to 256 characters",
  },
  {
    options: { dedupe: "k" },
    problem: 'dedupe is "k", not an object',
  },
  {
    options: { dedupe: { key: "k", ttlMs: 0 } },
    problem: "dedupe.ttlMs is 0, not a whole number from 1 to 31622400000",
  },
  {
    options: { dedupe: { key: "k", mode: "drop" } },
    problem: 'dedupe.mode is "drop", not ignore or replace',
  },
  {
    options: { backoff: { type: "linear" } },
    problem: 'backoff.type is "linear", not exponential or fixed',
  },
  {
    options: { backoff: { jitter: () => 1 } },
    problem: "backoff.jitter is a function, not full or none",
  },
  {
    options: { backoff: { baseMs: -1 } },
    problem: "backoff.baseMs is -1, not a whole number from 0 to 2592000000",
  },
  {
    options: { backoff: { capMs: 2_592_000_001 } },
    problem:
      "backoff.capMs is 2592000001, not a whole number from 0 to 2592000000",
  },
  {
    options: { backoff: { baseMs: 10, capMs: 9 } },
    problem: "backoff.capMs is 9, not 10 (backoff.baseMs) to 2592000000",
  },
  { options: null, problem: "options is null, not an object" },
  { options: [], problem: "options is an array, not an object" },
])("checkDraft() finds that $problem", ({ options, problem }) => {
  assertEquals(
    refuse({ data: 1, options }).message,
    `Cannot add the job to mail: ${problem}`,
  );
});

Deno.test.each<{ readonly draft: unknown; readonly problem: string }>([
  { draft: { data: undefined }, problem: "data is undefined, not JSON" },
  { draft: {}, problem: "data is undefined, not JSON" },
  { draft: { data: { at: NaN } }, problem: "data.at is NaN, not JSON" },
  {
    draft: { data: "x".repeat(1_048_575) },
    problem: "data has 1048577 bytes as JSON, not at most 1048576",
  },
  { draft: null, problem: "the job is null, not an object" },
])("checkDraft() finds that $problem", ({ draft, problem }) => {
  assertEquals(
    refuse(draft).message,
    `Cannot add the job to mail: ${problem}`,
  );
});

Deno.test("checkDraft() refuses a wrong queue first", () => {
  assertThrows(
    () => checkDraft("Mail", { data: NaN }, CONTEXT),
    KnownError,
    'Cannot use the queue "Mail"',
  );
});

Deno.test("checkDraft() makes no id for a job that it refuses", () => {
  let made = 0;
  const newId = () => `made-${++made}`;
  assertThrows(
    () => checkDraft("mail", { data: NaN }, { nowMs: NOW, newId }),
    KnownError,
  );
  checkDraft("mail", { data: 1, options: { id: "own" } }, {
    nowMs: NOW,
    newId,
  });
  assertEquals(made, 0);
});
