import { assertEquals, assertRejects } from "@std/assert";
import { denoHost } from "../../src/host/deno_host.ts";

Deno.test("real host: load() gives what a TypeScript file exports, wherever it is", async () => {
  const directory = await Deno.makeTempDir({ prefix: "reeve #% é " });
  try {
    const path = `${directory}/a b.ts`;
    await Deno.writeTextFile(path, "export const n: number = 7;");
    const loaded = await denoHost.modules.load(path);
    assertEquals({ ...loaded }, { n: 7 });
    await assertRejects(
      () => denoHost.modules.load(`${directory}/none.ts`),
      TypeError,
      "Module not found",
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
