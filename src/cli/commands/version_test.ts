import { assertEquals } from "@std/assert";
import { shortCommit } from "./version.ts";

Deno.test.each([
  { commit: "unknown", short: "unknown" },
  {
    commit: "0892d0bb68daf07675eaefe1739cb4957b0bbb99",
    short: "0892d0bb68da",
  },
  {
    commit: "0892d0bb68daf07675eaefe1739cb4957b0bbb99+changes",
    short: "0892d0bb68da+changes",
  },
])("shortCommit() of $commit", ({ commit, short }) => {
  assertEquals(shortCommit(commit), short);
});
