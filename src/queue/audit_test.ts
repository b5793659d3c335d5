import { assertEquals } from "@std/assert";
import { fakeQueue } from "#support/fake_queue.ts";
import { addAudit, readAudit } from "./audit.ts";

Deno.test("readAudit() gives the latest entries, newest first", async () => {
  const { store } = await fakeQueue();
  for (let n = 1; n <= 3; n++) {
    addAudit(store, "ada", "purge", { n, list: [n] }, n * 10);
  }
  assertEquals(readAudit(store, 2), [
    {
      "a_id": 3,
      actor: "ada",
      action: "purge",
      details: '{"n":3,"list":[3]}',
      at: 30,
    },
    {
      "a_id": 2,
      actor: "ada",
      action: "purge",
      details: '{"n":2,"list":[2]}',
      at: 20,
    },
  ]);
});

Deno.test("readAudit() gives nothing before anything was done", async () => {
  const { store } = await fakeQueue();
  assertEquals(readAudit(store, 10), []);
});
