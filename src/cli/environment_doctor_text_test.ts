import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checksOf } from "../doctor/environment_check.ts";
import {
  type DoctorExam,
  examJson,
  judgeExam,
} from "../doctor/environment_report.ts";
import { methodOf } from "./environment_doctor_install.ts";
import { examText } from "./environment_doctor_text.ts";

const place = checksOf("place");
const EXAM: DoctorExam = {
  at: 0,
  repository: "/shop",
  scope: "repo-a",
  root: "/s",
  checks: [
    checksOf("jobs")("readiness", "pass", "Jobs can be kept"),
    place("root", "warn", `Others may look into ${"it ".repeat(30)}`, {
      remedy: "chmod 700 /s",
    }),
  ],
  leftOut: [],
  isStrict: false,
  install: undefined,
};
const LAYOUT = { columns: 60, hasColor: false };

Deno.test("examText() shows areas in order, and what to do next", () => {
  const text = examText(EXAM, LAYOUT);
  const at = ["State root\n", "warn", "→ chmod 700 /s", "Job queue", "pass"]
    .map((part) => text.indexOf(part));
  assertEquals(at, at.toSorted((a, b) => a - b));
  assert(!at.includes(-1));
  assertStringIncludes(
    text,
    "Nothing keeps it from working, but: 0 failures, 1 warning.",
  );
  const longest = Math.max(...text.split("\n").map((line) => line.length));
  assert(longest <= LAYOUT.columns, text);
});

Deno.test.each(
  [
    { isStrict: false, status: "warn", isFine: true },
    { isStrict: true, status: "warn", isFine: false },
    { isStrict: false, status: "fail", isFine: false },
  ] as const,
)(
  "a $status is fine: $isFine, where strict is $isStrict",
  ({ isStrict, status, isFine }) => {
    const exam = { ...EXAM, isStrict, checks: [place("x", status, "So")] };
    assertEquals(judgeExam(exam).isFine, isFine);
    assertEquals(examJson(exam)["ok"], isFine);
    const hasComfort = examText(exam, LAYOUT).includes("Nothing keeps");
    assertEquals(hasComfort, isFine);
  },
);

Deno.test("examText() says so when nothing is wrong, and what was left out", () => {
  const text = examText({
    ...EXAM,
    repository: undefined,
    checks: [place("root", "pass", "It is\u001b[31m yours")],
    leftOut: [{ areas: ["state", "runtime"], reason: "no repository" }],
  }, LAYOUT);
  assertStringIncludes(text, "Nothing is wrong.");
  assertStringIncludes(
    text,
    "Left out    Records, Services and dependencies: no repository",
  );
  assert(!text.includes("\u001b"));
});

Deno.test("examText() tells of the installation when it was asked", () => {
  const install = {
    version: "1.2.3",
    executable: "/bin/reeve",
    args: [],
    method: "program",
    deno: undefined,
    os: "linux",
    onPath: undefined,
  } as const;
  const text = examText({ ...EXAM, install }, LAYOUT);
  assertStringIncludes(text, "Deno         (part of the program)");
  assertStringIncludes(text, "On PATH      no program reeve");
});

Deno.test.each([
  { args: [], is: "program" },
  { args: ["run", "/r/reeve.js"], is: "bundle" },
  { args: ["run", "/r/src/main.ts"], is: "source" },
])("what runs with $args is a $is", ({ args, is }) => {
  assertEquals<string>(methodOf(args), is);
});
