import { assertEquals, assertRejects } from "@std/assert";
import { batchWrites } from "./batch_writes.ts";

Deno.test("what comes meanwhile goes together, in order, one batch at a time", async () => {
  const batches: number[][] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const write = batchWrites<number>((items) => {
    batches.push([...items]);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  });
  const first = [write(1), write(2)];
  await Promise.resolve().then(() => {});
  const second = [write(3), write(4)];
  await Promise.resolve().then(() => {});
  assertEquals(batches, [[1, 2]]);
  gates[0]?.resolve();
  await Promise.all(first);
  while (batches.length < 2) await Promise.resolve();
  assertEquals(batches, [[1, 2], [3, 4]]);
  gates[1]?.resolve();
  await Promise.all(second);
});

Deno.test("a failed batch fails its callers, and not the next ones", async () => {
  let isBroken = true;
  const write = batchWrites<number>(() =>
    isBroken ? Promise.reject(new Error("full")) : Promise.resolve()
  );
  await Promise.all(
    [1, 2].map((item) => assertRejects(() => write(item), Error, "full")),
  );
  isBroken = false;
  await write(3);
});
