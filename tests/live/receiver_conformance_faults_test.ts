import { assertEquals } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Clock } from "../../src/host/host.ts";
import { checkConformance } from "../../src/receiver/conformance.ts";
import { SMALL } from "./defective_servers.ts";

/** A clock on which nobody waits for a busy server. */
const hastyClock: Clock = {
  ...denoHost.clock,
  sleep(ms, signal) {
    // Only the limit of a wait for a frame has a signal: it stays as it is.
    const isPause = signal === undefined && ms >= 1000;
    return denoHost.clock.sleep(isPause ? 10 : ms, signal);
  },
};

const NEEDS_STORING = [
  "any_order",
  "dedupe",
  "encodings",
  "full_batch",
  "half_conflict",
  "id_conflict",
  "lookup",
  "max_lamport",
  "watermark",
  "ws_broadcast",
  "ws_snapshot",
];
const NEEDS_WORDS = [...NEEDS_STORING, "machine_codes", "oversized_event"];

Deno.test.each([
  { fault: "slow=5", fails: [] },
  { fault: "throttle=1:2", fails: [] },
  { fault: "throttle=99999:1", fails: ["retry_after"] },
  { fault: "error:2", fails: ["retry_after"] },
  { fault: "duplicate-results", fails: ["one_result_each"] },
  { fault: "max-events=20", fails: ["full_batch"] },
  { fault: "clock-skew=3600", fails: ["clock"] },
  { fault: "ws-drop-acks", fails: ["ws_ack"] },
  {
    fault: "ws-silent",
    fails: ["ws_ack", "ws_broadcast", "ws_ping", "ws_snapshot"],
  },
  {
    fault: "ws-close",
    fails: ["ws_ack", "ws_broadcast", "ws_ping", "ws_snapshot"],
  },
  {
    fault: "poison=ServerChecked",
    fails: [
      ...NEEDS_STORING,
      "known_status",
      "one_result_each",
      "oversized_event",
    ],
  },
  {
    fault: "poison-results=ServerChecked",
    fails: [...NEEDS_STORING, "known_status", "ws_ack"],
  },
  { fault: "pending", fails: NEEDS_WORDS },
  { fault: "unknown-status", fails: [...NEEDS_WORDS, "known_status"] },
  {
    fault: "missing-results",
    fails: [...NEEDS_STORING, "machine_codes", "one_result_each"],
  },
  {
    fault: "drop-after-commit",
    fails: [...NEEDS_WORDS, "known_status", "one_result_each"],
  },
  { fault: "hang", fails: ["unreachable"] },
  { fault: "expire-tokens=0", fails: ["token_rejected"] },
])("with $fault exactly $fails fail", async ({ fault, fails }) => {
  await using started = await startReceiver({ faults: [fault], limits: SMALL });
  const host = { ...denoHost, clock: hastyClock };
  const report = await checkConformance(host, {
    url: started.url,
    readToken: () => Promise.resolve(started.token),
    // A busy machine may be slow, so only silence is not waited for long.
    timeoutMs: /^(?:ws-|hang)/.test(fault) ? 600 : 1200,
  });
  const failed = report.kind === "checked"
    ? report.checks.filter(({ verdict }) => verdict === "fail")
      .map(({ id }) => id)
    : [report.kind];
  assertEquals(failed.toSorted(), fails.toSorted());
});

Deno.test.each([
  { fault: "html" },
  { fault: "redirect" },
])("with $fault only the clock and Retry-After do not fail", async (row) => {
  await using started = await startReceiver({ faults: [row.fault] });
  const report = await checkConformance(denoHost, {
    url: started.url,
    readToken: () => Promise.resolve(started.token),
  });
  const others = report.kind === "checked"
    ? report.checks.filter(({ verdict }) => verdict !== "fail")
    : [];
  assertEquals(others.map(({ id }) => id), ["clock", "retry_after"]);
});
