import { assertEquals } from "@std/assert";
import { check, CONTEXT, NOW } from "#support/draft_checks.ts";
import { checkDraft, DEFAULT_BACKOFF } from "./draft.ts";
import type { JobOptions } from "./job.ts";

Deno.test("checkDraft() fills in what is left out", () => {
  assertEquals(checkDraft("mail", { data: { to: "a" } }, CONTEXT), {
    id: `made-${NOW}`,
    body: '{"to":"a"}',
    dedupe: undefined,
    hasOwnId: false,
    runAt: NOW,
    createdAt: NOW,
    priority: 0,
    rules: {
      attempts: 5,
      backoff: {
        type: "exponential",
        baseMs: 1000,
        capMs: 300_000,
        jitter: "full",
      },
      timeoutMs: 0,
      expiresAt: 0,
    },
  });
});

Deno.test("checkDraft() keeps what is given", () => {
  const job = check({
    id: "order-1",
    dedupe: { key: "k", ttlMs: 5, mode: "replace" },
    runAt: NOW + 10,
    priority: 100,
    attempts: 1,
    backoff: { type: "fixed", baseMs: 0, capMs: 0, jitter: "none" },
    timeoutMs: 1,
    expiresAt: NOW + 10,
  });
  assertEquals(job, {
    id: "order-1",
    body: "1",
    dedupe: { key: "k", ttlMs: 5, mode: "replace" },
    hasOwnId: true,
    runAt: NOW + 10,
    createdAt: NOW,
    priority: 100,
    rules: {
      attempts: 1,
      backoff: { type: "fixed", baseMs: 0, capMs: 0, jitter: "none" },
      timeoutMs: 1,
      expiresAt: NOW + 10,
    },
  });
});

Deno.test("checkDraft() reads undefined as left out", () => {
  const options = { priority: undefined, runAt: undefined, dedupe: undefined };
  assertEquals(check(options as unknown as JobOptions), check({}));
});

Deno.test("a dedupe without mode ignores, and without time has none", () => {
  assertEquals(check({ dedupe: { key: "k" } }).dedupe, {
    key: "k",
    ttlMs: undefined,
    mode: "ignore",
  });
});

Deno.test.each<
  { readonly of: string; readonly options: JobOptions; readonly is: number }
>([
  { of: "a delay", options: { delayMs: 50 }, is: NOW + 50 },
  { of: "no delay", options: { delayMs: 0 }, is: NOW },
  { of: "a time to come", options: { runAt: NOW + 1 }, is: NOW + 1 },
  { of: "a past time", options: { runAt: NOW - 1 }, is: NOW },
  { of: "the beginning of time", options: { runAt: 0 }, is: NOW },
])("checkDraft() runs a job with $of at the right time", ({ options, is }) => {
  assertEquals(check(options).runAt, is);
});

Deno.test.each([
  { given: { baseMs: 600_000 }, baseMs: 600_000, capMs: 600_000 },
  { given: { capMs: 10 }, baseMs: 10, capMs: 10 },
  { given: { baseMs: 5 }, baseMs: 5, capMs: 300_000 },
  { given: { capMs: 400_000 }, baseMs: 1000, capMs: 400_000 },
])("a backoff of $given stays within itself", ({ given, baseMs, capMs }) => {
  const { backoff } = check({ backoff: given }).rules;
  assertEquals(backoff, { ...DEFAULT_BACKOFF, baseMs, capMs });
});

Deno.test("a job may expire already, and when it is begun", () => {
  assertEquals(check({ expiresAt: NOW - 5 }).rules.expiresAt, NOW - 5);
  const both = check({ expiresAt: NOW - 5, runAt: NOW - 6 });
  assertEquals([both.runAt, both.rules.expiresAt], [NOW, NOW - 5]);
});

Deno.test("checkDraft() takes data up to the limit", () => {
  assertEquals(check({}, "x".repeat(1_048_574)).body.length, 1_048_576);
});

Deno.test("checkDraft() takes a fixed wait as it is said", () => {
  const { backoff } = check({ backoff: { type: "fixed", baseMs: 5000 } }).rules;
  assertEquals([backoff.baseMs, backoff.jitter], [5000, "none"]);
});
