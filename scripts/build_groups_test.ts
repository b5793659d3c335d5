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

Deno.test("joinGroups() puts together what the same entries load first", () => {
  const joined = joinGroups(MODULES, "main.js");
  const groups = [...joined].filter(([name]) => name.startsWith("group-"));
  assertEquals(groups.map(([, code]) => code), [
    'export { a as a_js__a } from "./a.js";\n',
    'export { b as b_js__b } from "./b.js";\n',
    'export {  } from "./d.js";\n',
  ]);
  assertEquals(
    joined.get("one.js"),
    'import { b_js__b as c } from "./group-1.js";\nimport "./group-2.js";',
  );
});
