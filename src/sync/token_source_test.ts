import { assert, assertEquals } from "@std/assert";
import { TOKEN } from "#support/fake_receiver.ts";
import { isProblem, isSameTarget } from "./token_source.ts";

Deno.test("isProblem() tells a token from what is in its way", () => {
  assert(!isProblem(TOKEN));
  assert(isProblem({ reason: "auth_required", detail: "" }));
});

Deno.test.each([
  { name: "itself", change: {}, is: "same" },
  { name: "a newer one", change: { accessToken: "access-2" }, is: "same" },
  { name: "another person's", change: { account: "bob" }, is: "other" },
  { name: "another workspace's", change: { workspace: "other" }, is: "other" },
  { name: "no workspace's", change: { workspace: undefined }, is: "other" },
  {
    name: "another server's",
    change: { server: "https://x.example" },
    is: "other",
  },
])("isSameTarget() of a token and $name: $is", ({ change, is }) => {
  assertEquals(isSameTarget(TOKEN, { ...TOKEN, ...change }), is === "same");
});
