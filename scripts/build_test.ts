import { assertEquals } from "@std/assert";
import { deferImports, withoutNode } from "./build.ts";

Deno.test.each([
  {
    code: 'a(()=>import("./b-X1.js"))',
    result: 'a(()=>import((x=>x)("./b-X1.js")))',
  },
  { code: 'import{a}from"./c.js";', result: 'import{a}from"./c.js";' },
  { code: 'import("node:fs")', result: 'import("node:fs")' },
])("deferImports() of $code", ({ code, result }) => {
  assertEquals(deferImports(code), result);
});

Deno.test.each([
  {
    code: 'import a from"node:util";a',
    result: "const a={inspect:Deno.inspect};a",
  },
  { code: 'x||g.process?.platform?.startsWith("win")||y', result: "x||y" },
  {
    code: 'import util from "node:util";\nutil',
    result: "const util={inspect:Deno.inspect};\nutil",
  },
  {
    code: 'x || g.process?.platform?.startsWith("win") || y',
    result: "x || y",
  },
  { code: "process.exit", result: "process.exit" },
  {
    code: 'import{createRequire as a}from"node:module";' +
      "var b=a(import.meta.url);var c",
    result: "var b=(x=>y=>(x??=process.getBuiltinModule" +
      '("node:module").createRequire(import.meta.url))(y))();var c',
  },
  {
    code: 'import{createRequire as a}from"node:module";var b=a("/");',
    result: 'import{createRequire as a}from"node:module";var b=a("/");',
  },
])("withoutNode() of $code", ({ code, result }) => {
  assertEquals(withoutNode(code), result);
});
