import { assertEquals } from "@std/assert";
import {
  lastJson,
  lastText,
  packJson,
  reportJson,
  reportText,
} from "./environment_debug_text.ts";

const DIAGNOSIS = {
  "issues": [
    { code: "a", confidence: 1, message: "It is so." },
    { code: "b", confidence: 0.5, message: "It may be so." },
  ],
  "probable_root_causes": ["It is so."],
  "next_data_needed": ["Look."],
  "slowest_components": [{ project: "Main", unit: "api", ms: 7 }],
  "startup_breakdown": {
    "total_ms": 9,
    "phases": [{ phase: "units", ms: 8 }],
  },
};

const PACKED = {
  path: "/x.zip",
  bytes: 3,
  files: [{ path: "a", bytes: 1 }],
  runId: "run-1",
  notes: ["Nothing of b."],
  diagnosis: DIAGNOSIS,
};

Deno.test("reportText() tells causes, times and what comes next", () => {
  assertEquals(
    reportText(PACKED),
    [
      "Bundle: /x.zip",
      "Run: run-1",
      "Probable causes:",
      "  It is so.",
      "Also seen:",
      "  It may be so.",
      "Time of the last start:",
      "  9 ms in all",
      "  units: 8 ms",
      "  Main api: 7 ms",
      "Missing in the bundle:",
      "  Nothing of b.",
      "Next:",
      "  Look.",
    ].join("\n"),
  );
});

Deno.test("reportText() says that nothing is odd", () => {
  const plain = { ...PACKED, runId: undefined, notes: [] };
  const diagnosis = { issues: [], "startup_breakdown": null };
  assertEquals(
    reportText({ ...plain, diagnosis }),
    "Bundle: /x.zip\nRun: none\nNothing odd was found.",
  );
});

Deno.test("only a report has the diagnosis", () => {
  const { diagnosis, schema, ...rest } = reportJson(PACKED);
  assertEquals(diagnosis, DIAGNOSIS);
  assertEquals(schema, "environment_debug_report");
  assertEquals(packJson(PACKED), {
    ...rest,
    "schema": "environment_debug_pack",
  });
  assertEquals(rest["missing"], ["Nothing of b."]);
});

Deno.test.each(
  [
    {
      last: { kind: "found", path: "/x.zip", createdAt: "t" },
      text: "/x.zip",
      json: [true, "/x.zip", "t"],
    },
    {
      last: { kind: "none" },
      text: "There is no bundle yet. Make one: reeve debug-pack",
      json: [false, null, null],
    },
    {
      last: { kind: "gone", path: "/x.zip" },
      text: "/x.zip is gone. Make a new one: reeve debug-pack",
      json: [false, "/x.zip", null],
    },
  ] as const,
)("the last bundle: $text", ({ last, text, json }) => {
  assertEquals(lastText(last), text);
  const document = lastJson(last);
  assertEquals(
    [document["found"], document["path"], document["created_at"]],
    [...json],
  );
});
