import { assertEquals } from "@std/assert";
import { readTotals } from "./test.ts";

Deno.test.each([
  {
    name: "a green run",
    text: "ok | 5 passed (2 steps) | 0 failed | 1 ignored (1s)",
    code: 0,
    passed: 5,
    failed: 0,
  },
  {
    name: "a red run",
    text: "x\nFAILED | 4 passed | 2 failed (1s)\n",
    code: 1,
    passed: 4,
    failed: 2,
  },
  {
    name: "colours",
    text: "\u001b[32mok\u001b[0m | 1 passed | 0 failed (1s)",
    code: 0,
    passed: 1,
    failed: 0,
  },
  { name: "no summary", text: "error: syntax", code: 1, passed: 0, failed: 1 },
  {
    name: "a late failure",
    text: "ok | 3 passed | 0 failed (1s)",
    code: 1,
    passed: 3,
    failed: 1,
  },
])("readTotals() of $name", ({ text, code, passed, failed }) => {
  assertEquals(readTotals(text, code), { passed, failed });
});
