import { assertEquals, assertThrows } from "@std/assert";
import { checkCycles, markEager } from "./build_eager.ts";

Deno.test.each([
  {
    text: "a declaration at the top goes behind the imports",
    code: 'import{b}from"./b.js";b();function a(x){return b(x)}export{a as c};',
    made:
      'import{b}from"./b.js";var a=(function (x){return b(x)});b();export{a as c};',
  },
  {
    text: "declarations of each kind",
    code: "async function a(){await 0}function*b(){yield 0}",
    made: "var a=(async function (){await 0});var b=(function*(){yield 0});",
  },
  {
    text: "arrows and expressions, one within the other",
    code: "var a=b=>c=>b,d=async()=>{},e=function(){return()=>0};",
    made: "var a=(b=>(c=>b)),d=(async()=>{}),e=(function(){return(()=>0)});",
  },
  {
    text: "an argument, and what is called at once",
    code: "a(b=>b,()=>0);(()=>{c()})();",
    made: "a((b=>b),(()=>0));((()=>{c()}))();",
  },
  {
    text: "methods stay, what is in them does not",
    code:
      "class A{a(){return()=>0}get b(){return 0}c=()=>0}var d={e(){},f:()=>0};",
    made:
      "class A{a(){return(()=>0)}get b(){return 0}c=(()=>0)}var d={e(){},f:(()=>0)};",
  },
  {
    text: "an arrow within a declaration",
    code: "function a(){return b.map(c=>c)}",
    made: "var a=(function (){return b.map((c=>c))});",
  },
  {
    text: "a declaration within another one stays",
    code: "function a(){return b();function b(){}}",
    made: "var a=(function (){return b();function b(){}});",
  },
  {
    text: "using and awaiting at the top",
    code: "await using a=await b(()=>0);",
    made: "await using a=await b((()=>0));",
  },
])("functions are compiled with their module: $text", ({ code, made }) => {
  assertEquals(markEager(code), made);
});

Deno.test("a function keeps its name, and is there before the first statement", async () => {
  const code = markEager(
    "const early=late();function late(){return late.name}export{early};",
  );
  const url = `data:text/javascript,${encodeURIComponent(code)}`;
  const { early } = await import(url);
  assertEquals(early, "late");
});

Deno.test("modules that import each other are refused", () => {
  const chain = new Map([
    ["a.js", 'import{b}from"./b.js";import"./c.js";import("./a.js");'],
    ["b.js", 'import{c}from"./c.js";'],
    ["c.js", ""],
  ]);
  checkCycles(chain);
  assertThrows(
    () =>
      checkCycles(new Map([...chain, ["c.js", 'import {a} from "./a.js"']])),
    TypeError,
    "a.js → b.js → c.js → a.js",
  );
});
