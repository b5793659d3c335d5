import { assertEquals } from "@std/assert";
import {
  checkDecisions,
  checkLength,
  checkMarkdown,
  checkProject,
  headingSlugs,
  linkedPath,
  linksIn,
  type Problem,
  type Project,
} from "./check_docs.ts";

function project(files: Readonly<Record<string, string>>): Project {
  return new Map(Object.entries(files));
}

function lines(count: number): string {
  return "line\n".repeat(count);
}

interface Reading {
  readonly text: string;
  readonly expected: readonly string[];
}

function texts(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ path, line, message }) =>
    `${path}:${line}: ${message}`
  );
}

Deno.test.each<Reading>([
  { text: "[a](b.md)", expected: ["b.md"] },
  { text: "[a\nwraps](b.md)", expected: ["b.md"] },
  { text: '[a](b.md "Title")', expected: ["b.md"] },
  { text: "[a](<b c.md>)", expected: ["b c.md"] },
  { text: "[a](b_(c).md) and [d](e.md)", expected: ["b_(c).md", "e.md"] },
  { text: "[![a](b.svg)](c.md)", expected: ["b.svg", "c.md"] },
  { text: "[`a`](b.md)", expected: ["b.md"] },
  { text: "[a][b]\n\n[b]: c.md", expected: ["c.md"] },
  { text: '<img alt="" src="b.svg">', expected: ["b.svg"] },
  { text: "`[a](b.md)` and ``[`a`](b.md)``", expected: [] },
  { text: "`wraps\n[a](b.md)`", expected: [] },
  { text: "a ` alone\n\n[a](b.md) `", expected: ["b.md"] },
  { text: "```md\n[a](b.md)\n```\n[c](d.md)", expected: ["d.md"] },
  { text: "````\n```\n[a](b.md)\n````", expected: [] },
  { text: "- [ ] task\n\n[^1]: note", expected: [] },
])("links in $text", ({ text, expected }) => {
  const targets: readonly string[] = linksIn(text).map((link) => link.target);
  assertEquals(targets, expected);
});

Deno.test("links know their line, also after code and Windows lines", () => {
  const text = "a\r\n\r\n```\r\ncode\r\n```\r\n\r\n[a](b.md)\r\n";
  assertEquals(linksIn(text), [{ line: 7, target: "b.md" }]);
});

Deno.test.each<Reading>([
  { text: "# Getting started", expected: ["getting-started"] },
  { text: "## What's *new*, `a_b.ts`?", expected: ["whats-new-a_bts"] },
  { text: "## A & B", expected: ["a--b"] },
  { text: "## [Link](x.md) ##", expected: ["link"] },
  { text: "## Größe", expected: ["größe"] },
  { text: "# A\n# A\n# A", expected: ["a", "a-1", "a-2"] },
  { text: "```sh\n# comment\n```", expected: [] },
  { text: '<a id="old"></a>\n', expected: ["old"] },
  { text: "#hashtag", expected: [] },
])("slugs of $text", ({ text, expected }) => {
  const slugs: readonly string[] = [...headingSlugs(text)];
  assertEquals(slugs, expected);
});

Deno.test.each([
  { target: "b.md", expected: "docs/b.md" },
  { target: "./guide/", expected: "docs/guide" },
  { target: "../README.md#top", expected: "README.md" },
  { target: "/mod.ts", expected: "mod.ts" },
  { target: "a%20b.md", expected: "docs/a b.md" },
  { target: "100%.md", expected: "docs/100%.md" },
  { target: "#here", expected: "docs/a.md" },
  { target: "../../README.md", expected: "../README.md" },
  { target: "https://example.org/a.md", expected: undefined },
  { target: "mailto:a@example.org", expected: undefined },
  { target: "//example.org", expected: undefined },
])("docs/a.md links to $target", ({ target, expected }) => {
  assertEquals(linkedPath("docs/a.md", target), expected);
});

Deno.test("links that lead nowhere are reported", () => {
  const files = project({
    "docs/a.md": [
      "# Here",
      "[ok](b.md#part) [ok](#here) [ok](guide) [ok](../mod.ts#L3)",
      "[file](missing.md)",
      "[case](B.md)",
      "[anchor](b.md#gone) [own](#gone)",
      "[outside](../../README.md)",
    ].join("\n"),
    "docs/b.md": "## Part",
    "docs/guide/c.md": "",
    "mod.ts": "",
    "README.md": "",
  });
  assertEquals(texts(checkMarkdown("docs/a.md", files)), [
    "docs/a.md:3: no file at missing.md",
    "docs/a.md:4: no file at B.md",
    "docs/a.md:5: no heading for b.md#gone",
    "docs/a.md:5: no heading for #gone",
    "docs/a.md:6: no file at ../../README.md",
  ]);
});

Deno.test("a text may be as long as its limit", () => {
  assertEquals(checkLength("a.ts", lines(3), 3), []);
  assertEquals(checkLength("a.ts", lines(3).trimEnd(), 3), []);
  assertEquals(texts(checkLength("a.ts", lines(4), 3)), [
    "a.ts:4: 4 lines, at most 3 are allowed",
  ]);
});

Deno.test("every decision record is linked from the architecture", () => {
  const files = project({
    "docs/architecture.md": "[one](adr/one.md#why), `[two](adr/two.md)`",
    "docs/adr/one.md": "",
    "docs/adr/two.md": "",
  });
  assertEquals(texts(checkDecisions(files)), [
    "docs/adr/two.md:1: no link from docs/architecture.md",
  ]);
});

const sound: Readonly<Record<string, string>> = {
  "README.md": lines(80),
  "CHANGELOG.md": "# Changes",
  "SECURITY.md": "# Security",
  "docs/architecture.md": "# Architecture",
  "src/sync/sync.ts": lines(300),
  "src/sync/sync_test.ts": lines(900),
  "tests/notes.md": "[not checked](gone.md)",
};

Deno.test("a sound project has no problems", () => {
  assertEquals(checkProject(project(sound)), []);
});

Deno.test("every check is part of the whole", () => {
  const files = project({
    ...sound,
    "README.md": lines(81),
    "docs/architecture.md": "",
    "docs/adr/one.md": "[a](gone.md)",
    "docs/guide/deep/a.md": "[a](gone.md)",
    ".github/SECURITY.md": "[a](gone.md)",
    "src/sync/sync.ts": lines(301),
  });
  assertEquals(texts(checkProject(files)), [
    ".github/SECURITY.md:1: no file at gone.md",
    "docs/adr/one.md:1: no file at gone.md",
    "docs/guide/deep/a.md:1: no file at gone.md",
    "README.md:81: 81 lines, at most 80 are allowed",
    "src/sync/sync.ts:301: 301 lines, at most 300 are allowed",
    "docs/adr/one.md:1: no link from docs/architecture.md",
  ]);
});

Deno.test("the documents every project has may not be missing", () => {
  assertEquals(texts(checkProject(new Map())), [
    "README.md:1: is missing",
    "CHANGELOG.md:1: is missing",
    "SECURITY.md:1: is missing",
    "docs/architecture.md:1: is missing",
  ]);
});
