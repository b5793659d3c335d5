/** A range full of listeners costs no more time than one of them. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { makeSandbox } from "#support/sandbox.ts";

const BUDGET_MS = 3000;

Deno.test("fifty silent listeners are looked at within three seconds", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  for (let at = 0; at < 50; at++) {
    const port = sandbox.firstPort + at;
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    stack.defer(() => listener.close());
  }
  const start = performance.now();
  const { code, json } = await reeve(sandbox, ["auth", "doctor", "--json"]);
  const tookMs = performance.now() - start;
  assertEquals(code, 0);
  assertEquals(json.orphans, []);
  assertEquals(json.scan.listeners, 50);
  assertEquals(json.scan.never_touched, 50);
  assert(tookMs < BUDGET_MS, `${tookMs} ms`);
});

Deno.test("an empty range is looked at without a wait for each port", async () => {
  await using sandbox = await makeSandbox();
  const start = performance.now();
  const { code, json } = await reeve(sandbox, ["auth", "doctor", "--json"]);
  const tookMs = performance.now() - start;
  assertEquals(code, 0);
  assertEquals(json.scan.listeners, 0);
  assert(tookMs < BUDGET_MS, `${tookMs} ms`);
});
