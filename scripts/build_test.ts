import { assertEquals } from "@std/assert";
import { deferImports } from "./build.ts";

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
