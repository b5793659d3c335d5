import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CareOutcome } from "./environment_doctor_care.ts";
import {
  careJson,
  careText,
  isCareFine,
} from "./environment_doctor_care_text.ts";

const NOTHING: CareOutcome = {
  isDryRun: false,
  repair: undefined,
  reclaim: undefined,
};
const RESULT = {
  "swept": [{
    "pid": 1,
    "ports": [3000],
    "unit": "Main api",
    "cleanup_path": "kill",
    "reason": "safe_auto stale_same_scope",
  }],
  "skipped": [{
    "pid": 2,
    "ports": [],
    "unit": null,
    "cleanup_class": "operator_required",
    "skip_reason": "suspicious",
    "detail": "It has a port.",
  }],
  "failed": [{
    "pid": 3,
    "ports": [],
    "failure_reason": "denied",
    "detail": "It may not be ended.",
  }],
} as const;

function reclaimed(
  result: Extract<CareOutcome["reclaim"], { kind: "done" }>["result"],
): CareOutcome {
  const reclaim = { kind: "done", result, problem: undefined } as const;
  return { ...NOTHING, reclaim };
}

Deno.test("careText() lists what was ended, left and could not be ended", () => {
  assertEquals(careText(reclaimed(RESULT)).split("\n"), [
    "swept: 1 · skipped: 1 (1 operator_required) · failed: 1",
    "swept   pid 1 port 3000 Main api via kill (safe_auto stale_same_scope)",
    "skipped pid 2 suspicious: It has a port.",
    "failed  pid 3 denied: It may not be ended.",
    "To end it as well: reeve doctor --reclaim --force",
    "",
    "See what is left: reeve doctor",
  ]);
});

Deno.test("careText() says so when there was nothing to do", () => {
  const nothing = { swept: [], skipped: [], failed: [] };
  const text = careText({ ...reclaimed(nothing), repair: [] });
  assertStringIncludes(text, "--repair: every record is sound");
  assertStringIncludes(text, "--reclaim: nothing is left over; no-op.");
  const plan = { kind: "planned", plan: { ends: [], skipped: [] } } as const;
  const dry = careText({ ...NOTHING, isDryRun: true, reclaim: plan });
  assertStringIncludes(dry, "--reclaim: nothing is left over; no-op.");
  assertStringIncludes(dry, "Nothing was done.");
});

Deno.test("careText() counts what was mended", () => {
  const items = (["done", "left", "failed"] as const).map((outcome) => ({
    part: "runs" as const,
    outcome,
    message: `It is ${outcome}`,
  }));
  const text = careText({ ...NOTHING, repair: items });
  assertStringIncludes(text, "mended: 1 · left: 1 · failed: 1");
  assertStringIncludes(text, "mended  It is done\nleft    It is left");
  assertStringIncludes(text, "reeve doctor --reclaim");
});

Deno.test("only what could not be done is not fine", () => {
  const failed = [{ part: "runs", outcome: "failed", message: "x" }] as const;
  const left = [{ part: "runs", outcome: "left", message: "x" }] as const;
  const cases = [
    NOTHING,
    { ...NOTHING, repair: left },
    { ...NOTHING, repair: failed },
    reclaimed({ ...RESULT, failed: [] }),
    reclaimed(RESULT),
  ];
  const expected = [true, true, false, true, false];
  assertEquals(cases.map(isCareFine), expected);
  assertEquals(cases.map((one) => careJson(one)["ok"]), expected);
});
