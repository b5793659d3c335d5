/** The short form of every fault, on the real command line. */

import { assertEquals } from "@std/assert";

Deno.test("nothing is lost and nobody is wrongly signalled, whatever goes wrong", async () => {
  const script = new URL("../../scripts/faults.ts", import.meta.url).pathname;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", script, "--no-page"],
    stdin: "null",
  }).spawn().status;
  assertEquals(code, 0);
});
