/** The short form of every fault, on the real command line. */

import { assertEquals } from "@std/assert";

Deno.test("nothing is lost and nobody is wrongly signalled, whatever goes wrong", async () => {
  const script = new URL("../../scripts/faults.ts", import.meta.url).pathname;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", script, "--no-page"],
    stdin: "null",
    stderr: "inherit",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stdout));
});
