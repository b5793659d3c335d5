/** The real port ranges, in a network namespace where nobody else is. */

import { assertEquals } from "@std/assert";

async function canUnshare(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    const output = await new Deno.Command("unshare", {
      args: ["-n", "sh", "-c", "ip link set lo up"],
      stdin: "null",
    }).output();
    return output.success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "the real ranges are 9400 to 9449 and 9237 to 9336",
  ignore: !await canUnshare(),
  async fn() {
    const program = new URL(
      "../programs/lists_the_real_ranges.ts",
      import.meta.url,
    ).pathname;
    const run = 'ip link set lo up && exec "$0" run -A --quiet "$1"';
    const output = await new Deno.Command("unshare", {
      args: ["-n", "sh", "-c", run, Deno.execPath(), program],
      stdin: "null",
    }).output();
    const errors = new TextDecoder().decode(output.stderr);
    assertEquals(output.code, 0, errors);
    assertEquals(JSON.parse(new TextDecoder().decode(output.stdout)), {
      sync: { codes: [0, 0], listed: [9400, 9449], swept: [9400, 9449] },
      dashboard: { codes: [0, 0], listed: [9237, 9336], swept: [9237, 9336] },
      alive: [9399, 9450, 9236, 9337],
    });
  },
});
