import { assert, assertEquals } from "@std/assert";
import type { StartPreview } from "./environment_preview.ts";
import {
  isPossible,
  previewJson,
  previewText,
} from "./environment_preview_text.ts";

const PREVIEW: StartPreview = {
  request: {
    command: "start",
    mode: "main",
    projects: [{ name: "Main", root: "/r" }],
    chosen: "everything",
    isFresh: false,
    withDependencies: true,
    withDependents: true,
  },
  fingerprint: "services.api=0123456789abcdef",
  reuse: {
    kind: "fresh_run",
    reason: "startup_fingerprint_mismatch",
    runId: undefined,
    mismatches: [{ field: "services.api", change: "changed" }],
    keep: [],
    replace: [],
  },
  ended: ["Main Api"],
  refusal: undefined,
  warnings: [],
  projects: [{
    project: { name: "Main", root: "/r" },
    argvHashes: new Map([["api", "a1"]]),
    ports: [{
      project: "Main",
      unit: "api",
      requested: 8000,
      assigned: 8001,
      final: 8001,
      source: "planner",
      retries: 1,
    }],
    plan: {
      kind: "plan",
      layers: [[{
        id: "api",
        kind: "service",
        owner: "Main",
        after: ["redis"],
        replaces: undefined,
      }]],
      there: [{ id: "redis", status: "running" }],
      blocked: [],
      leftOut: [{ id: "mail", reason: "path_missing" }],
      unmet: [{ id: "api", needs: "mail", reason: "path_missing" }],
    },
  }],
};

Deno.test("previewText() says all that a start would do", () => {
  assertEquals(previewText(PREVIEW).split("\n"), [
    "reeve start in mode main: a new run (startup fingerprint mismatch)",
    "  services.api was changed",
    "Ends first: Main Api",
    "",
    "Main  /r",
    "  start api on port 8001, after redis",
    "  keep redis: it is running",
    "  api goes without mail: its path is missing",
    "  leave out mail: its path is missing",
    "Nothing was changed.",
  ]);
});

const BLOCKED: StartPreview = {
  ...PREVIEW,
  projects: PREVIEW.projects.map((one) => ({
    ...one,
    plan: {
      ...one.plan,
      blocked: [{ id: "web", by: "api", status: "termination_failed" }],
    },
  })),
};

Deno.test("a preview with something blocked is not possible", () => {
  assertEquals([PREVIEW, BLOCKED].map(isPossible), [true, false]);
  const text = previewText(BLOCKED);
  assert(text.includes("  blocked web: api is termination failed\n"), text);
});

Deno.test("previewText() names the run that goes on", () => {
  const reuse = {
    ...PREVIEW.reuse,
    kind: "resume_exact",
    reason: "same_projects",
    runId: "run-1",
    mismatches: [],
  } as const;
  const [first] = previewText({ ...PREVIEW, reuse }).split("\n");
  assertEquals(
    first,
    "reeve start in mode main: going on with run-1 (same projects)",
  );
});

const REFUSAL = {
  kind: "error",
  code: "no_settings",
  message: "start needs settings",
  hint: "Write them.",
} as const;

Deno.test("previewText() says first that a start would refuse", () => {
  const preview = { ...PREVIEW, refusal: REFUSAL };
  const lines = previewText(preview).split("\n");
  assertEquals(lines.slice(0, 4), [
    "It would be refused: start needs settings.",
    "  Write them.",
    "",
    "With what was found it would be:",
  ]);
  assert(lines[4]?.startsWith("reeve start in mode main"), lines[4]);
  const isFine = isPossible(preview);
  const { ok, refusal } = previewJson("preflight", preview, isFine);
  assertEquals([ok, refusal], [false, {
    "message": "start needs settings",
    "hint": "Write them.",
  }]);
});

Deno.test("previewText() of nothing at all is the refusal alone", () => {
  assertEquals(
    previewText({ ...PREVIEW, projects: [], refusal: REFUSAL }),
    "It would be refused: start needs settings.\n  Write them.\n" +
      "Nothing was changed.",
  );
});
