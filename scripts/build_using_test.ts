import { assertEquals, assertThrows } from "@std/assert";
import { checkUsing, dropKeeps, keepUsing } from "./build_using.ts";

Deno.test.each([
  {
    code: "  using lock = await take();\n  if (lock) x();",
    kept:
      "  using lock = await take();\n  REEVE_KEEPS(lock);\n  if (lock) x();",
  },
  {
    code: "await using a$ = f({\n    b: () => {\n      c();\n    }\n});\nd();",
    kept: "await using a$ = f({\n    b: () => {\n      c();\n    }\n});\n" +
      "REEVE_KEEPS(a$);\nd();",
  },
  { code: "const a = 1;", kept: "const a = 1;" },
])("keepUsing() of $code", ({ code, kept }) => {
  assertEquals(keepUsing(code), kept);
});

Deno.test.each([
  { code: "using a=f();REEVE_KEEPS(a);b()", left: "using a=f();b()" },
  { code: "using a=f();if(REEVE_KEEPS(a),a)b", left: "using a=f();if(a)b" },
  { code: "using a=f();return REEVE_KEEPS(a),b", left: "using a=f();return b" },
  { code: "{using a=f();REEVE_KEEPS(a)}b", left: "{using a=f()}b" },
])("dropKeeps() of $code", ({ code, left }) => {
  assertEquals(dropKeeps(code), left);
});

Deno.test("checkUsing() refuses a bundle that lost one", () => {
  const before = "using a = b();\nawait using c = d();";
  checkUsing(before, "using a=b();await using c=d();");
  assertThrows(() => checkUsing(before, "b();await using c=d();"), TypeError);
  assertThrows(() => checkUsing("", "REEVE_KEEPS(a)"), TypeError, "left");
});
