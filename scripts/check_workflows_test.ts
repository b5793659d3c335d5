import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { checkWorkflow } from "./check_workflows.ts";
import { sectionOf } from "./release_notes.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const read = (path: string) => Deno.readTextFileSync(ROOT + path);

const { version, tasks } = JSON.parse(read("deno.json"));
const WORLD = { tasks: new Set(Object.keys(tasks)), deno: "2.9.6" };
const SHA = "11bd71901bbe5b1630ceea73d27597364c9af683";

function yamlFilesOf(folder: string): readonly { readonly path: string }[] {
  return [...Deno.readDirSync(ROOT + folder)]
    .filter(({ name }) => name.endsWith(".yml"))
    .map(({ name }) => ({ path: `${folder}/${name}` }));
}

const workflows = yamlFilesOf(".github/workflows");

Deno.test.each([...workflows])("$path is sound", ({ path }) => {
  assertEquals(checkWorkflow(read(path), WORLD), []);
});

Deno.test("there is a workflow for changes and one for releases", () => {
  assertEquals(workflows.map(({ path }) => path).toSorted(), [
    ".github/workflows/ci.yml",
    ".github/workflows/release.yml",
  ]);
});

Deno.test.each([...yamlFilesOf(".github/ISSUE_TEMPLATE")])(
  "$path can be read",
  ({ path }) => {
    assert(parse(read(path)) !== undefined);
  },
);

Deno.test("the changelog has a section for the version in deno.json", () => {
  assert(sectionOf(read("CHANGELOG.md"), version) !== undefined);
});

Deno.test.each([
  { text: "# A\n\n## [1.0.0]\n\n- new\n", section: "- new" },
  { text: "## [1.0.0] - 2026-12-01\n\n- new\n", section: "- new" },
  {
    text: "## [1.0.0]\n\n- a\n\n### B\n\n- c\n",
    section: "- a\n\n### B\n\n- c",
  },
  { text: "## [1.0.0]\n- new\n## [0.9.0]\n- old\n", section: "- new" },
  { text: "## [1.0.0]\n- new\n\n[1.0.0]: #a\n", section: "- new" },
  { text: "## [1.0.0]\n", section: undefined },
  { text: "## [1.0.0]\n\n## [0.9.0]\n\n- old\n", section: undefined },
  { text: "## [1.0.0-rc.1]\n\n- new\n", section: undefined },
  { text: "## [11.0.0]\n\n- new\n", section: undefined },
])("sectionOf() finds $section in $text", ({ text, section }) => {
  assertEquals(sectionOf(text, "1.0.0"), section);
});

function workflow(step: string, job = "    timeout-minutes: 5\n"): string {
  return `permissions:\n  contents: read\njobs:\n  one:\n${job}` +
    `    steps:\n      - ${step}\n`;
}

Deno.test.each([
  { name: "a pinned action", text: workflow(`uses: a/b@${SHA} # v1.0.0`) },
  { name: "a task that exists", text: workflow("run: deno task ok") },
])("checkWorkflow() has nothing against $name", ({ text }) => {
  assertEquals(checkWorkflow(text, WORLD), []);
});

Deno.test.each([
  { says: "not pinned", text: workflow("uses: a/b@v4 # v4.0.0") },
  { says: "not pinned", text: workflow(`uses: a/b@${SHA}0 # v4.0.0`) },
  { says: "name the version", text: workflow(`uses: a/b@${SHA}`) },
  { says: "no task nope", text: workflow("run: deno task nope") },
  {
    says: "no task nope",
    text: workflow("run: |\n          deno task ok\n          deno task nope"),
  },
  {
    says: "Deno 2.0.0",
    text: workflow(
      `uses: a/b@${SHA} # v4.0.0\n        with: { deno-version: 2.0.0 }`,
    ),
  },
  {
    says: "text of an event",
    text: workflow("run: echo ${{ github.head_ref }}"),
  },
  { says: "no time limit", text: workflow("run: deno task ok", "") },
  {
    says: "permissions",
    text: workflow("run: deno task ok").replace("permissions:", "env:"),
  },
  { says: "no jobs", text: "permissions: {}\n" },
  { says: "", text: "jobs: [\n" },
])("checkWorkflow() says '$says' of $text", ({ text, says }) => {
  const faults = checkWorkflow(text, WORLD);
  assertEquals(faults.filter((fault) => fault.includes(says)).length, 1);
});
