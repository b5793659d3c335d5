import { assert, assertEquals } from "@std/assert";
import {
  packSelfExtracting,
  packTarXz,
  packZip,
} from "../../scripts/archive.ts";
import { TARGETS } from "../../scripts/package_targets.ts";
import { sha256 } from "../../scripts/package_tool.ts";

const FILES = ["bin/reeve", "lib/a.js", "lib/b.js", "share/x"];

/** The same files, made in another order and at another time. */
async function packAll(names: readonly string[], seconds: number) {
  const work = await Deno.makeTempDir();
  try {
    const directory = `${work}/reeve-1.0.0-here`;
    for (const name of names) {
      const path = `${directory}/${name}`;
      await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(path, name, { mode: 0o755 });
      await Deno.utime(path, seconds, seconds);
    }
    const tree = { directory, build: "1.0.0-abc" };
    const [target] = TARGETS;
    assert(target !== undefined);
    const paths = [
      await packTarXz(tree, work, "fast"),
      await packZip(tree, work, "fast"),
      await packSelfExtracting(tree, target, work, "fast"),
    ];
    return await Promise.all(paths.map(async (path) => ({
      name: path.slice(work.length),
      sum: await sha256(await Deno.readFile(path)),
    })));
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

Deno.test({
  name: "the same files give the same archives",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const first = await packAll(FILES, 1_000_000_000);
    const again = await packAll(FILES.toReversed(), 1_700_000_000);
    assertEquals(again, first);
    const other = await packAll([...FILES, "share/y"], 1_000_000_000);
    for (const [at, { name, sum }] of other.entries()) {
      assert(sum !== first[at]?.sum, name);
    }
  },
});
