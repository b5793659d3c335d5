import { assertEquals, assertRejects } from "@std/assert";
import { CheckSkipped, runCheck } from "./conformance_check.ts";
import { CheckFailed, expect, type Probe } from "./conformance_probe.ts";

const probe: Probe = {
  host: {
    clock: {
      now: () => 0,
      elapsed: () => 0,
      sleep: () => Promise.resolve(),
      later: () => ({ [Symbol.dispose]() {} }),
    },
    random: { hex: () => "" },
    web: {
      request: () => Promise.resolve({ kind: "timeout" }),
      openSocket: () => ({
        send: () => false,
        close: () => {},
        bufferedBytes: 0,
      }),
    },
  },
  url: "http://127.0.0.1:1",
  token: "t",
  workspace: "w",
  limits: { maxEvents: 1, maxBytes: 1, maxRetrySeconds: 1 },
  timeoutMs: 1,
  waits: [],
};

const outcome = (run: () => string | Promise<string | void>) =>
  runCheck(probe, { id: "x", title: "X holds", run });

Deno.test.each([
  { says: "seen", verdict: "pass", run: () => "seen" },
  {
    says: "broken",
    verdict: "fail",
    run: () => {
      throw new CheckFailed("broken");
    },
  },
  {
    says: "cannot tell",
    verdict: "skipped",
    run: () => {
      throw new CheckSkipped("cannot tell");
    },
  },
])("runCheck() gives $verdict: $says", async ({ says, verdict, run }) => {
  assertEquals<unknown>(await outcome(run), {
    id: "x",
    title: "X holds",
    verdict,
    detail: says,
  });
});

Deno.test("runCheck() hides no mistake of its own", async () => {
  await assertRejects(() =>
    outcome(() => {
      throw new TypeError("ours");
    }), TypeError);
});

Deno.test("expect() fails with what was seen", async () => {
  const { detail } = await outcome(async () => {
    await Promise.resolve();
    expect(1 > 2, "1 is not more than 2");
  });
  assertEquals(detail, "1 is not more than 2");
});
