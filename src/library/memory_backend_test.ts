import { assertEquals } from "@std/assert";
import { FakeWorld } from "#support/fake_host.ts";
import { openMemoryBackend } from "./memory_backend.ts";

Deno.test("openMemoryBackend() gives a backend that works once it is started", async () => {
  const host = new FakeWorld().host();
  const limits = { maxJobs: 5, maxBytes: 100 };
  const backend = await openMemoryBackend(host, { tenant: "acme", limits });
  assertEquals([backend.kind, backend.tenant], ["memory", "acme"]);
  await backend.start();
  const { id } = await backend.enqueue("mail", { to: "ada" });
  assertEquals((await backend.get("mail", id))?.data, { to: "ada" });
  await backend.stop();
});
