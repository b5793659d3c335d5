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
  { code: "process.exit", result: "process.exit" },
])("withoutNode() of $code", ({ code, result }) => {
  assertEquals(withoutNode(code), result);
});
