import { assertEquals } from "@std/assert";
import { createFakeHost, healthReply } from "#support/fake_host.ts";
import type { Host } from "../../src/host/host.ts";
import { holdOf } from "./tried_processes.ts";

function probe({ network }: Host, port: number, timeoutMs = 500) {
  return network.request({ port, method: "GET", path: "/", timeoutMs });
}

Deno.test("a process may take time to end and free its port", async () => {
  const host = createFakeHost();
  const { pid, exited } = host.world.addProcess({
    ports: [9400],
    delayMs: 300,
    respond: () => healthReply({ "status": "ok" }),
  });
  using hold = await holdOf(host, pid);
  await hold.signal("SIGTERM");
  assertEquals((await probe(host, 9400)).kind, "reply");
  assertEquals(await exited, 143);
  assertEquals(host.clock.elapsed(), 300);
  assertEquals(await probe(host, 9400), { kind: "refused" });
});

Deno.test("a full accept queue lets nobody connect", async () => {
  const host = createFakeHost();
  host.world.addProcess({ ports: [9400], acceptQueueFull: true });
  assertEquals(
    await probe(host, 9400, 250),
    { kind: "timeout", connected: false },
  );
  assertEquals(host.clock.elapsed(), 250);
});

Deno.test("a stopped process accepts and stays silent", async () => {
  const host = createFakeHost();
  const { world } = host;
  const respond = () => healthReply({});
  world.addProcess({ ports: [9400], state: "stopped", respond });
  assertEquals(await probe(host, 9400), { kind: "timeout", connected: true });
});

Deno.test("a process that ends resets who waits for it", async () => {
  const host = createFakeHost();
  const { pid } = host.world.addProcess({ ports: [9400] });
  const reply = probe(host, 9400);
  await host.clock.sleep(10);
  host.world.endProcess(pid);
  assertEquals(await reply, { kind: "reset" });
});

Deno.test("a reply arrives although it ends its process", async () => {
  const host = createFakeHost();
  const { world } = host;
  const { pid } = world.addProcess({
    ports: [9400],
    respond({ method, path }) {
      if (method === "POST" && path === "/api/shutdown") world.endProcess(pid);
      return healthReply({ "status": "stopping" });
    },
  });
  const request = {
    port: 9400,
    method: "POST",
    path: "/api/shutdown",
    body: "{}",
    timeoutMs: 500,
  } as const;
  assertEquals<unknown>(await host.network.request(request), {
    kind: "reply",
    status: 200,
    body: '{"status":"stopping"}',
  });
  assertEquals<unknown>(world.requests, [request]);
  assertEquals(await probe(host, 9400), { kind: "refused" });
});

Deno.test("a client reaches the most specific listener", async () => {
  const host = createFakeHost();
  const { world } = host;
  for (const address of ["10.0.0.1", "::1", "::", "0.0.0.0", "127.0.0.1"]) {
    world.addProcess({
      ports: [{ port: 9400, address }],
      respond: () => healthReply({ address }),
    });
    const reply = await probe(host, 9400);
    const isLoopback = !["10.0.0.1", "::1"].includes(address);
    assertEquals<unknown>(
      reply,
      isLoopback ? healthReply({ address }) : { kind: "refused" },
    );
  }
});
