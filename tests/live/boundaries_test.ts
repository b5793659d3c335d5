/** The first and the last port of a range count, their neighbours do not. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import {
  reeveHealth,
  reeveShape,
  startDaemon,
  type Started,
  startShaped,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { spyIn } from "#support/spy_host.ts";
import { runReset } from "./run_reset.ts";

interface Block {
  readonly family: "sync" | "dashboard";
  readonly first: number;
  readonly last: number;
}

/** Starts a daemon of a block's family on one port. */
function startMember(
  sandbox: Sandbox,
  { family }: Block,
  port: number,
): Promise<Started> {
  const health = family === "sync"
    ? reeveHealth(sandbox.root, "3.2.4")
    : { status: "ok", "project_path": "/project" };
  const shape = family === "sync"
    ? reeveShape(sandbox.root)
    : ["dashboard", "run", `--reeve-daemon-root=${sandbox.root}`];
  return startShaped(sandbox, { port, health }, shape);
}

/** A small range in the middle of the sandbox's own block. */
function blockIn(sandbox: Sandbox, family: Block["family"]): Block {
  const first = family === "sync"
    ? sandbox.firstPort + 10
    : sandbox.firstDashboardPort + 10;
  return { family, first, last: first + 4 };
}

function rangeEnv({ family, first, last }: Block) {
  const name = family === "sync" ? "REEVE_SYNC_PORTS" : "REEVE_DASHBOARD_PORTS";
  return { [name]: `${first}-${last}`, REEVE_CLI_VERSION: "3.2.6" };
}

for (const family of ["sync", "dashboard"] as const) {
  Deno.test(`the ${family} range ends exactly at its first and last port`, async () => {
    await using sandbox = await makeSandbox();
    await using stack = new AsyncDisposableStack();
    const block = blockIn(sandbox, family);
    const { first, last } = block;
    const ports = [first - 1, first, last, last + 1];
    const all = await Promise.all(
      ports.map(async (port) =>
        stack.use(await startMember(sandbox, block, port))
      ),
    );
    const args = ["auth", "doctor", "--family", family, "--json"];
    const { code, json } = await reeve(sandbox, args, rangeEnv(block));
    assertEquals(code, 0);
    const listed = json.orphans.map((row: { port: number }) => row.port);
    assertEquals(listed, [first, last]);
    assertEquals(json.scan.first_port, first);
    assertEquals(json.scan.last_port, last);
    const host = spyIn(sandbox, rangeEnv(block));
    const result = await runReset(host, family, "forced");
    assertEquals(result.swept.map(({ port }) => port), [first, last]);
    const touched = new Set(host.signals.map(({ pid }) => pid));
    for (const { port, pid, isAlive } of all) {
      const isInside = port >= first && port <= last;
      assertEquals(touched.has(pid), isInside);
      if (!isInside) assert(isAlive(), `port ${port}`);
    }
    const asked = host.shutdowns.map(({ port }) => port);
    // A daemon of ours without a record has no credential to be asked with.
    const askable = family === "sync" ? [] : [first, last];
    assertEquals(asked.toSorted(), askable);
  });
}

Deno.test("a daemon binds the last port when only that is free", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const block = blockIn(sandbox, "sync");
  const env = rangeEnv({ ...block, last: block.first + 1 });
  const taken = Deno.listen({ hostname: "127.0.0.1", port: block.first });
  stack.defer(() => taken.close());
  const daemon = stack.use(await startDaemon(sandbox, { env }));
  assertEquals(daemon.port, block.first + 1);
});

Deno.test("a range that is none is refused before anything is done", async () => {
  await using sandbox = await makeSandbox();
  for (const range of ["9400", "9450-9400", "80-90", "9400-9999", "x-y"]) {
    const env = { REEVE_SYNC_PORTS: range };
    const args = ["daemon", "start", "--json"];
    const { code, json } = await reeve(sandbox, args, env);
    assertEquals(code, 64, range);
    assertEquals(json.error.code, "usage");
    assert(json.error.message.includes(range));
  }
});
