import { assert, assertEquals } from "@std/assert";
import type { Verdict } from "./classify.ts";
import {
  explainVerdict,
  REASON_TEXT,
  remediationFor,
  SAFE_TEXT,
} from "./reason_text.ts";

const safe: Verdict = {
  row: "9",
  cleanupClass: "safe_auto",
  skipReason: null,
  identitySource: "health_self_report",
};

Deno.test("REASON_TEXT has one sentence for each wire word", () => {
  assertEquals(Object.keys(REASON_TEXT).toSorted(), [
    "cross_root",
    "dashboard_family",
    "is_recorded_singleton",
    "missing_pid",
    "not_spec_kitty",
    "out_of_range",
    "pid_port_mismatch",
    "pre_marker",
    "starting",
    "third_party",
    "unresponsive",
  ]);
  const sentences = [...Object.values(REASON_TEXT), SAFE_TEXT];
  assertEquals(new Set(sentences).size, sentences.length);
  for (const sentence of sentences) {
    assert(/^[A-Z][^.]*\.$/.test(sentence), sentence);
  }
});

Deno.test.each(
  [
    { cleanupClass: "safe_auto", command: "reeve auth doctor --reset" },
    {
      cleanupClass: "operator_required",
      command: "reeve auth doctor --reset --force",
    },
    { cleanupClass: "never_touch", command: null },
  ] as const,
)("remediationFor() of $cleanupClass is $command", (row) => {
  const { command, description } = remediationFor({
    ...safe,
    cleanupClass: row.cleanupClass,
  });
  assertEquals<unknown>(command, row.command);
  assert(description.endsWith("."));
});

Deno.test("explainVerdict() says why", () => {
  assertEquals(explainVerdict(safe), SAFE_TEXT);
  assertEquals(
    explainVerdict({ ...safe, skipReason: "cross_root" }),
    "It serves another state root.",
  );
});
