import { assertEquals } from "@std/assert";
import { fakeDelivery } from "#support/fake_delivery.ts";
import { mayFlush } from "./final_flush.ts";

const FLUSHES: readonly string[] = ["yes"];

Deno.test.each([
  { name: "one event", emitted: 1, is: "yes" },
  { name: "nothing", emitted: 0, is: "no" },
  { name: "200 events", emitted: 200, is: "yes" },
  { name: "201 events", emitted: 201, is: "no" },
  { name: "one event, set to never", emitted: 1, setting: "never", is: "no" },
  {
    name: "one event and a server that failed",
    emitted: 1,
    change: { circuit: "open" },
    is: "no",
  },
  {
    name: "one event and a server that may be tried again",
    emitted: 1,
    change: { circuit: "open", "next_attempt_at": 1 },
    is: "no",
  },
  {
    name: "one event and a paused server",
    emitted: 1,
    change: { "paused_reason": "protocol" },
    is: "no",
  },
  {
    name: "one event without consent",
    emitted: 1,
    hasConsent: false,
    is: "no",
  },
])("mayFlush() with $name: $is", async (row) => {
  const { setting = "auto", hasConsent = true, change = {} } = row;
  const delivery = await fakeDelivery({ hasConsent });
  delivery.emit(row.emitted);
  delivery.changeTarget(change);
  const { host, queue } = delivery;
  const word = setting === "never" ? "never" : "auto";
  assertEquals(mayFlush(host, queue.store, word), FLUSHES.includes(row.is));
});

Deno.test("mayFlush() counts events that are tried again, but not dead ones", async () => {
  const delivery = await fakeDelivery();
  const { host, queue, server } = delivery;
  delivery.emit(2);
  for (const code of ["schema_mismatch", "refused"]) {
    const flushes = () => mayFlush(host, queue.store, "auto");
    server.answer = (batch) =>
      server.store(batch, () => ({ status: "rejected", code }));
    await delivery.drain();
    assertEquals(flushes(), code === "schema_mismatch");
    await delivery.world.advance(60_000);
  }
});
