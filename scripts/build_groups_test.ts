import { assertEquals, assertNotEquals } from "@std/assert";
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

Deno.test("joinGroups() makes one of groups that would need each other", () => {
  const joined = joinGroups(
    new Map([
      ["main.js", 'import("./one.js");\nimport("./two.js");'],
      ["one.js", 'import "./x.js";'],
      [
        "two.js",
        'import "./y.js";\nimport("./three.js");\nimport("./one.js");',
      ],
      ["three.js", 'import "./z.js";'],
      ["x.js", 'import "./z.js";\nimport "./y.js";'],
      ["z.js", 'import "./y.js";'],
      ["y.js", ""],
    ]),
    "main.js",
  );
  const groups = new Map(
    [...joined].filter(([name]) => name.startsWith("group-")),
  );
  for (const [name, code] of groups) {
    const own = [...code.matchAll(/from "\.\/([xyz]\.js)"/g)];
    for (const [, file = ""] of own) {
      const others = [...(joined.get(file) ?? "").matchAll(/group-\d+\.js/g)];
      for (const [other] of others) {
        assertNotEquals(other, name);
        const files = [...(groups.get(other) ?? "").matchAll(/[xyz]\.js"/g)];
        const back = files.flatMap(([each]) => [
          ...(joined.get(each.slice(0, -1)) ?? "").matchAll(/group-\d+\.js/g),
        ]).map(([each]) => each);
        assertEquals(back.includes(name) ? name : undefined, undefined);
      }
    }
  }
});
