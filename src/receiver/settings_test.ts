import { assertEquals } from "@std/assert";
import { completeOptions } from "./settings.ts";

Deno.test.each([
  { options: {}, workspaces: ["ada-private"] },
  { options: { user: "grace" }, workspaces: ["grace-private"] },
  { options: { workspaces: [] }, workspaces: ["ada-private"] },
  { options: { workspaces: ["b", "a"] }, workspaces: ["b", "a"] },
])("completeOptions() of $options has $workspaces", (row) => {
  assertEquals(completeOptions(row.options).workspaces, [...row.workspaces]);
});

Deno.test("completeOptions() changes only the limit that is named", () => {
  const { limits } = completeOptions({ limits: { maxEvents: 5 } });
  assertEquals(limits, {
    maxEvents: 5,
    maxBytes: 524_288,
    maxWireBytes: 1_048_576,
  });
});
