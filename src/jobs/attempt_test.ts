import { assert, assertEquals } from "@std/assert";
import {
  type AttemptEnd,
  endOf,
  GivenUp,
  lostResult,
  MAX_RESULT_BYTES,
  settleAttempt,
  toJobError,
} from "./attempt.ts";
import { DEFAULT_BACKOFF } from "./draft.ts";
import type { Claim, Settlement } from "./job.ts";

const NOW = 1_800_000_000_000;

function claimOf(attempts: number): Claim {
  return {
    queue: "mail",
    id: "one",
    token: "t1",
    body: "{}",
    attempts,
    createdAt: NOW,
    rules: {
      attempts: 3,
      backoff: DEFAULT_BACKOFF,
      timeoutMs: 5000,
      expiresAt: Date.UTC(2026, 0, 2),
    },
  };
}

type Outcome = Settlement extends infer S
  ? S extends Settlement ? Omit<S, "claim"> : never
  : never;

function settle(end: AttemptEnd, attempts = 0): Outcome {
  const claim = claimOf(attempts);
  const facts = { nowMs: NOW, random: 0.5 };
  const { claim: same, ...outcome } = settleAttempt(claim, end, facts);
  assert(same === claim);
  return outcome;
}

const BROKE = { name: "TypeError", message: "it broke" };
const SLOW = { name: "TimedOut", message: "It took longer than 5000 ms" };

Deno.test.each<
  {
    readonly of: string;
    readonly end: AttemptEnd;
    readonly attempts?: number;
    readonly is: Outcome;
  }
>([
  {
    of: "a value",
    end: { kind: "completed", value: { sent: 1 } },
    is: { kind: "complete", result: '{"sent":1}' },
  },
  {
    of: "no value",
    end: { kind: "completed", value: undefined },
    is: { kind: "complete", result: undefined },
  },
  {
    of: "a value in the last attempt",
    end: { kind: "completed", value: null },
    attempts: 2,
    is: { kind: "complete", result: "null" },
  },
  {
    of: "a value that is no JSON",
    end: { kind: "completed", value: new Map() },
    is: { kind: "complete", result: undefined },
  },
  {
    of: "a first error",
    end: { kind: "threw", error: new TypeError("it broke") },
    is: { kind: "retry", error: BROKE, runAt: NOW + 500 },
  },
  {
    of: "a second error",
    end: { kind: "threw", error: new TypeError("it broke") },
    attempts: 1,
    is: { kind: "retry", error: BROKE, runAt: NOW + 1000 },
  },
  {
    of: "an error in the last attempt",
    end: { kind: "threw", error: new TypeError("it broke") },
    attempts: 2,
    is: { kind: "dead", reason: "failed", error: BROKE },
  },
  {
    of: "a timeout",
    end: { kind: "timed_out" },
    is: { kind: "retry", error: SLOW, runAt: NOW + 500 },
  },
  {
    of: "a timeout of the last attempt",
    end: { kind: "timed_out" },
    attempts: 2,
    is: { kind: "dead", reason: "timeout", error: SLOW },
  },
  {
    of: "giving up",
    end: { kind: "gave_up", why: "no such user" },
    is: {
      kind: "dead",
      reason: "given_up",
      error: { name: "GivenUp", message: "no such user" },
    },
  },
  {
    of: "a payload that cannot be given",
    end: { kind: "bad_payload", why: "no JSON" },
    is: {
      kind: "dead",
      reason: "given_up",
      error: { name: "BadPayload", message: "no JSON" },
    },
  },
  {
    of: "a time that has passed",
    end: { kind: "expired" },
    is: {
      kind: "dead",
      reason: "expired",
      error: {
        name: "Expired",
        message: "It was not begun before 2026-01-02T00:00:00.000Z",
      },
    },
  },
  {
    of: "a stop of the worker",
    end: { kind: "stopped" },
    attempts: 2,
    is: { kind: "return" },
  },
])("settleAttempt() of $of", ({ end, attempts, is }) => {
  assertEquals(settle(end, attempts), is);
});

Deno.test("settleAttempt() keeps results up to their limit", () => {
  const fits = "x".repeat(MAX_RESULT_BYTES - 2);
  assertEquals(settle({ kind: "completed", value: fits }), {
    kind: "complete",
    result: `"${fits}"`,
  });
  assertEquals(settle({ kind: "completed", value: `${fits}x` }), {
    kind: "complete",
    result: undefined,
  });
});

Deno.test.each<
  {
    readonly of: string;
    readonly end: AttemptEnd;
    readonly is: string | undefined;
  }
>([
  { of: "a value", end: { kind: "completed", value: 1 }, is: undefined },
  {
    of: "no value",
    end: { kind: "completed", value: undefined },
    is: undefined,
  },
  {
    of: "NaN",
    end: { kind: "completed", value: NaN },
    is: "result is NaN, not JSON",
  },
  { of: "an error", end: { kind: "threw", error: NaN }, is: undefined },
])("lostResult() of $of is $is", ({ end, is }) => {
  const facts = { nowMs: NOW, random: 0 };
  assertEquals(lostResult(end, settleAttempt(claimOf(0), end, facts)), is);
});

class Custom extends Error {}

const HOSTILE = {
  get name(): string {
    throw new Error("no");
  },
  get message(): string {
    throw new Error("no");
  },
};

Deno.test.each<
  {
    readonly of: string;
    readonly thrown: unknown;
    readonly name: string;
    readonly message: string;
  }
>([
  { of: "an error", thrown: new Error("a"), name: "Error", message: "a" },
  { of: "a class", thrown: new Custom("a"), name: "Custom", message: "a" },
  {
    of: "an abort",
    thrown: new DOMException("a", "AbortError"),
    name: "AbortError",
    message: "a",
  },
  { of: "a string", thrown: "a", name: "string", message: "a" },
  {
    of: "nothing",
    thrown: undefined,
    name: "undefined",
    message: "undefined",
  },
  { of: "null", thrown: null, name: "object", message: "null" },
  { of: "a symbol", thrown: Symbol("s"), name: "symbol", message: "Symbol(s)" },
  { of: "an object", thrown: { a: 1 }, name: "Object", message: '{"a":1}' },
  {
    of: "an object with a message",
    thrown: { message: "a" },
    name: "Object",
    message: "a",
  },
  {
    of: "an object without prototype",
    thrown: Object.create(null),
    name: "object",
    message: "{}",
  },
  {
    of: "what cannot be JSON",
    thrown: { a: 1n },
    name: "Object",
    message: "something that cannot be shown",
  },
  {
    of: "what cannot be looked at",
    thrown: HOSTILE,
    name: "object",
    message: "something that cannot be shown",
  },
  {
    of: "a long message",
    thrown: new Error("m".repeat(3000)),
    name: "Error",
    message: "m".repeat(2000),
  },
  {
    of: "a message that is cut within a letter",
    thrown: new Error(`${"m".repeat(1999)}😀`),
    name: "Error",
    message: `${"m".repeat(1999)}\ufffd`,
  },
])("toJobError() of $of", ({ thrown, name, message }) => {
  assertEquals(toJobError(thrown), { name, message });
});

Deno.test("toJobError() cuts a long name", () => {
  const error = Object.assign(new Error("a"), { name: "N".repeat(200) });
  assertEquals(toJobError(error).name, "N".repeat(100));
});

Deno.test("endOf() finds giving up in what wraps it", () => {
  const inner = new GivenUp("no such user");
  const wrapped = new Error("a", { cause: new Error("b", { cause: inner }) });
  const gaveUp = { kind: "gave_up" as const, why: "no such user" };
  assertEquals(endOf(inner), gaveUp);
  assertEquals(endOf(wrapped), gaveUp);
});

Deno.test("endOf() takes everything else for an error, rings too", () => {
  const ring = new Error("ring");
  ring.cause = ring;
  for (const error of [ring, "a", undefined, { cause: new GivenUp("a") }]) {
    assertEquals(endOf(error), { kind: "threw", error });
  }
});
