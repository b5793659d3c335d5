/** A daemon that is asked all day stays about as large as it was. */

import { assert, assertEquals } from "@std/assert";
import { type Current, startCurrent } from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { reeve } from "#support/cli.ts";

const HEALTH = 6000;
const TRIGGERS = 1500;
/** As many at a time, so that it does not take long. */
const AT_ONCE = 4;
/** Twice what is seen, and half of what is seen without care. */
const GROWN_KIB = 25 * 1024;

async function memoryOf({ pid }: Current): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/\nVmRSS:\s+(\d+) kB/.exec(status)?.[1]);
}

async function tokenOf({ root }: Sandbox, { port }: Current) {
  const path = `${root}/sync/daemon/owner-${port}.json`;
  return JSON.parse(await Deno.readTextFile(path)).token;
}

async function repeat(times: number, act: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let at = 0; at < times / AT_ONCE; at++) await act();
  }));
}

Deno.test({
  name: "a daemon that is asked thousands of times does not grow",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using sandbox = await makeSandbox();
    const daemon = await startCurrent(sandbox);
    const url = `http://127.0.0.1:${daemon.port}/api`;
    const body = JSON.stringify({ token: await tokenOf(sandbox, daemon) });
    const nonce = "0123456789abcdef".repeat(2);
    const prove = async () => {
      const reply = await fetch(`${url}/health?nonce=${nonce}`);
      assertEquals(typeof (await reply.json()).proof, "string");
    };
    const trigger = async () => {
      const reply = await fetch(`${url}/sync/trigger`, {
        method: "POST",
        body,
      });
      assertEquals(await reply.json(), { status: "accepted" });
    };
    // What is loaded once is there after a few requests.
    await repeat(200, prove);
    await repeat(200, trigger);
    const before = await memoryOf(daemon);
    await repeat(HEALTH, prove);
    await repeat(TRIGGERS, trigger);
    const grown = await memoryOf(daemon) - before;
    assert(grown < GROWN_KIB, `it has grown by ${grown} KiB`);
    assertEquals((await reeve(sandbox, ["daemon", "stop"])).code, 0);
  },
});
