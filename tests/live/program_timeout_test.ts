/** A small program that takes too long is not waited for, whatever it started. */

import "#support/c_library.ts";
import { assert, assertEquals } from "@std/assert";
import { denoHost } from "../../src/host/deno_host.ts";

Deno.test("what a killed program has started keeps nobody waiting", async () => {
  const file = await Deno.makeTempFile({ prefix: "reeve-program-" });
  const begin = performance.now();
  const end = await denoHost.programs.run({
    executable: "/bin/sh",
    args: ["-c", 'sleep 60 & echo $! > "$0"; wait', file],
    env: { "PATH": "/usr/bin:/bin" },
    cwd: "/",
    timeoutMs: 2000,
  });
  assertEquals(end, { kind: "timeout" });
  assert(performance.now() - begin < 30_000);
  const started = Number(await Deno.readTextFile(file));
  assert(started > 1, `${started}`);
  Deno.kill(started, "SIGKILL");
  await Deno.remove(file);
});
