/** The end of a huge log is read as fast as that of a small one. */

import { assert, assertEquals } from "@std/assert";
import { denoHost } from "../../src/host/deno_host.ts";
import {
  capLog,
  lastWords,
  readTail,
} from "../../src/environment/service_log.ts";

const GIB = 2 ** 30;

Deno.test("the end of a log of a gibibyte takes little memory", async () => {
  const directory = await Deno.makeTempDir({ prefix: "reeve-log-" });
  try {
    const path = `${directory}/unit.log`;
    // A hole takes no room on the disk, but is as long to read.
    await Deno.writeTextFile(path, "");
    await Deno.truncate(path, GIB);
    const lines = Array.from({ length: 100 }, (_, at) => `line ${at}`);
    await Deno.writeTextFile(path, `\n${lines.join("\n")}\nError: last\n`, {
      append: true,
    });
    const before = Deno.memoryUsage().rss;
    const tail = readTail(denoHost, path, 20);
    assertEquals(tail.lines.length, 20);
    assertEquals(tail.lines.at(-1), "Error: last");
    assertEquals(lastWords(denoHost, path), "Error: last");
    const grownBytes = Deno.memoryUsage().rss - before;
    assert(grownBytes < 60 * 2 ** 20, `${grownBytes} bytes`);
    assert(capLog(denoHost, path, { maxBytes: 1000, kept: 2 }));
    assertEquals((await Deno.stat(path)).size, 0);
    assertEquals((await Deno.stat(`${path}.1`)).size, 1000);
    assertEquals(((await Deno.stat(`${path}.1`)).mode ?? 0) & 0o777, 0o600);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
