import { assertEquals } from "@std/assert";
import { joinGroups } from "./build_groups.ts";

const MODULES = new Map([
  [
    "main.js",
    `import {\n  a\n} from "./a.js";\nimport("./run.js");\nexport {\n  m\n};`,
  ],
  ["a.js", `export {\n  a\n};`],
  [
    "run.js",
    `import {\n  a\n} from "./a.js";\nimport {\n  b\n} from "./b.js";\n` +
    `import("./one.js");\nimport("./two.js");`,
  ],
  ["one.js", `import {\n  b as c\n} from "./b.js";\nimport "./d.js";`],
  ["two.js", `import {\n  a\n} from "./a.js";\nimport "./d.js";`],
  ["b.js", `export {\n  b\n};`],
  ["d.js", `import {\n  a\n} from "./a.js";`],
]);

/** Members of each group, by the first of them. */
function groupsIn(
  modules: ReadonlyMap<string, string>,
): readonly (readonly string[])[] {
  const joined = joinGroups(modules, "main.js");
  return [...joined].filter(([name]) => name.startsWith("group-"))
    .map(([, code]) =>
      [...code.matchAll(/"\.\/(\w+)\.js"/g)].map(([, name = ""]) => name)
    );
}

/** The same modules, some of them with this many characters more. */
function grown(sizes: Readonly<Record<string, number>>) {
  return new Map(
    [...MODULES].map(([name, code]) =>
      [name, `${code}\n${"/".repeat(sizes[name] ?? 0)}`] as const
    ),
  );
}

const LARGE = 1_000_000;

Deno.test.each([
  { text: "small ones are together", sizes: {}, are: [["a", "b", "d"]] },
  {
    text: "large ones stay apart",
    sizes: { "b.js": LARGE, "d.js": LARGE },
    are: [["a"], ["b"], ["d"]],
  },
  {
    text: "a small one goes to the nearest that is there with it",
    sizes: { "a.js": LARGE, "b.js": LARGE },
    are: [["a"], ["b", "d"]],
  },
])("joinGroups(): $text", ({ are, sizes }) => {
  assertEquals(groupsIn(grown(sizes)), are);
});

/** `near` is there for two entries, `far` for three, `small` for one. */
function around(small: string): ReadonlyMap<string, string> {
  const large = `\n${"/".repeat(LARGE)}`;
  const loads = ["one", "two", "three", "four"]
    .map((name) => `import("./${name}.js");`);
  return new Map([
    ["main.js", loads.join("\n")],
    ["one.js", `import "./small.js";\nimport "./near.js";\nimport "./far.js";`],
    ["two.js", `import "./far.js";`],
    ["three.js", `import "./far.js";`],
    ["four.js", `import "./near.js";`],
    ["small.js", small],
    ["near.js", large],
    ["far.js", large],
  ]);
}

Deno.test.each([
  { imports: "nothing", code: "", are: [["small", "near"], ["far"]] },
  // Whoever loads `near` alone would load `far` for nothing.
  {
    imports: "far",
    code: `import "./far.js";`,
    are: [["near"], ["far", "small"]],
  },
])("joinGroups(): what imports $imports goes where that is", (row) => {
  assertEquals(groupsIn(around(row.code)), row.are);
});

Deno.test("joinGroups() lets the others import through a group", () => {
  const joined = joinGroups(grown({ "b.js": LARGE, "d.js": LARGE }), "main.js");
  const groups = [...joined].filter(([name]) => name.startsWith("group-"));
  assertEquals(groups.map(([, code]) => code), [
    'export { a as a_js__a } from "./a.js";\n',
    'export { b as b_js__b } from "./b.js";\n',
    'export {  } from "./d.js";\n',
  ]);
  assertEquals(
    joined.get("one.js")?.trim(),
    'import { b_js__b as c } from "./group-1.js";\nimport "./group-2.js";',
  );
});
