import { assertStringIncludes } from "@std/assert";
import { runTool } from "../../scripts/package_tool.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("the command line can be compiled", async () => {
  const script = `${ROOT}scripts/compile_gate.ts`;
  const args = ["run", "--allow-all", script];
  const printed = await runTool(Deno.execPath(), args, { cwd: ROOT });
  assertStringIncludes(printed, "can be compiled");
});
