import { assert, assertEquals } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import { waitUntil } from "#support/wait_until.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Envelope } from "../../src/queue/event.ts";
import { judgeReply } from "../../src/sync/reply_verdict.ts";
import { encodeBatch, sendBatch } from "../../src/sync/send_batch.ts";
import {
  claim,
  claimMany,
  fastClock,
  kinds,
  openClient,
  skippingClock,
  tokenOf,
} from "./live_socket_client.ts";
import { makeEvent, send } from "./receiver_client.ts";

Deno.test("what is published is stored and acknowledged", async () => {
  await using started = await startReceiver();
  await using client = openClient(started);
  await client.opened();
  const events = claimMany(200);
  assertEquals(
    kinds(await client.channel.publish(events)),
    Array(200).fill("delivered"),
  );
  assertEquals(started.receiver.bodies(), events.map(({ body }) => body));
  assertEquals(kinds(await client.channel.publish(events.slice(0, 1))), [
    "duplicate",
  ]);
});

Deno.test("an event that the server rejects gets its verdict", async () => {
  await using started = await startReceiver();
  await using client = openClient(started);
  await client.opened();
  const [settlement] = await client.channel.publish(
    claim([makeEvent(1, { "node_id": "short" })]),
  );
  assertEquals(settlement?.verdict, {
    kind: "retry",
    reason: "schema_mismatch",
    error: "node_id: must be 32 lowercase hexadecimal digits",
  });
});

Deno.test("a lost ack is a duplicate for the batch", async () => {
  await using started = await startReceiver();
  await using client = openClient(started);
  await client.opened();
  started.receiver.faults.set("ws-drop-acks");
  const events = claimMany(3);
  const startedAt = performance.now();
  const settlements = await client.channel.publish(events);
  assertEquals(kinds(settlements), ["unsent", "unsent", "unsent"]);
  assert(performance.now() - startedAt < 6000);
  assertEquals(started.receiver.countEvents(), 3);
  const encoded = await encodeBatch(events, started.url);
  const batch = { ...encoded, key: "one" };
  const reply = await sendBatch(denoHost, tokenOf(started), batch, undefined);
  const verdict = judgeReply(reply, events, denoHost.clock.now());
  assert(verdict.kind === "settled");
  assertEquals(kinds(verdict.settlements), Array(3).fill("duplicate"));
  assertEquals(started.receiver.countEvents(), 3);
});

Deno.test("events of other nodes come through", async () => {
  await using started = await startReceiver();
  const heard: Envelope[] = [];
  await using client = openClient(started, {
    onEvent: (envelope) => void heard.push(envelope),
  });
  await client.opened();
  const event = makeEvent(1, { "node_id": "f".repeat(32) });
  await send(started, [event]);
  await waitUntil("the event comes", () => heard.length > 0);
  assertEquals<unknown>(heard, [event]);
});

Deno.test("a server may restart 20 times", async () => {
  const folder = await Deno.makeTempDir({ prefix: "reeve-live-" });
  const data = `${folder}/server.db`;
  const clock = skippingClock();
  let started = await startReceiver({ data });
  const { port } = started;
  const startedAt = performance.now();
  {
    await using client = openClient(started, { clock });
    for (let round = 0; round < 20; round++) {
      await client.opened();
      const [event] = claim([makeEvent(round + 1)]);
      const events = event === undefined ? [] : [event];
      assertEquals(kinds(await client.channel.publish(events)), ["delivered"]);
      // A minute passes, after which a connection counts as stable.
      clock.skip(60_000);
      await started[Symbol.asyncDispose]();
      await waitUntil("it is noticed", () => !client.channel.isOpen);
      started = await startReceiver({ data, port });
    }
    await client.opened();
    assertEquals(started.receiver.countEvents(), 20);
    const names = new Set(client.states.map(({ name }) => name));
    assertEquals([...names], ["Connecting", "Connected", "Reconnecting"]);
  }
  await started[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
  report(`20 restarts: ${Math.round(performance.now() - startedAt)} ms`);
});

Deno.test("a server that falls silent is noticed and left", async () => {
  await using started = await startReceiver();
  await using client = openClient(started, { clock: fastClock(50) });
  await client.opened();
  const failures = () => client.states.map(({ lastError }) => lastError?.code);
  started.receiver.faults.set("ws-silent");
  await waitUntil("it is noticed", () => failures().includes("silence"));
  started.receiver.faults.set();
  await client.opened();
  await waitUntil("one is left", () => started.receiver.countSockets() === 1);
});

Deno.test("a server that never greets opens no channel", async () => {
  await using started = await startReceiver({ faults: ["ws-silent"] });
  await using client = openClient(started);
  await waitUntil(
    "the socket is open",
    () => started.receiver.countSockets() === 1,
  );
  assertEquals(client.channel.state.name, "Connecting");
  assertEquals(kinds(await client.channel.publish(claimMany(1))), ["unsent"]);
});

Deno.test("a session that ends again and again is refreshed once", async () => {
  await using started = await startReceiver({ faults: ["ws-close=4401"] });
  await using client = openClient(started);
  await waitUntil(
    "it is given up",
    () => client.channel.state.halted === "signed_out",
  );
  assertEquals([client.refreshed, client.sockets.length], [[started.token], 2]);
  started.receiver.faults.set();
  client.channel.wake();
  await client.opened();
});

Deno.test.each([
  { code: 4403, halted: "parked" },
  { code: 1008, halted: "parked" },
])("close code $code leaves the channel $halted", async ({ code, halted }) => {
  await using started = await startReceiver({ faults: [`ws-close=${code}`] });
  await using client = openClient(started);
  await waitUntil(
    "it is parked",
    () => client.channel.state.halted !== undefined,
  );
  assertEquals(client.channel.state.halted, halted);
  assertEquals(client.channel.state.lastError?.code, `closed_${code}`);
});

Deno.test("close code 1012 puts the next try off", async () => {
  await using started = await startReceiver({ faults: ["ws-close=1012:1"] });
  await using client = openClient(started);
  await waitUntil(
    "it is closed",
    () => client.channel.state.name === "Reconnecting",
  );
  const { sinceAt, nextTryAt = 0 } = client.channel.state;
  assert(nextTryAt - sinceAt >= 5000 && nextTryAt - sinceAt <= 30_000);
  client.channel.wake();
  await client.opened();
});

Deno.test("a ticket is used once and seen nowhere", async () => {
  await using started = await startReceiver();
  await using client = openClient(started);
  for (let count = 1; count < 4; count++) {
    await client.opened();
    started.receiver.closeSockets(1001);
    await waitUntil("it is back", () => client.sockets.length > count);
  }
  await client.opened();
  const tickets = client.sockets.map(({ ticket }) => ticket);
  assertEquals(new Set(tickets).size, 4);
  const seen = JSON.stringify([
    started.receiver.log.all(),
    client.states,
    client.sockets.map(({ url }) => url),
  ]);
  assert(seen.includes("/api/v1/ws/"));
  for (const secret of [...tickets, started.token]) {
    assert(secret.length > 10 && !seen.includes(secret));
  }
});

Deno.test("a process ends within 2 s of stopping its channel", async () => {
  await using started = await startReceiver();
  const program = new URL("live_socket_program.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", program],
    env: {
      SERVER: started.url,
      TOKEN: started.token,
      WORKSPACE: started.workspace,
    },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const output = child.output();
  await waitUntil(
    "an event has come",
    () => started.receiver.countEvents() > 0,
  );
  const { code, stdout } = await output;
  const endedAt = Date.now();
  const { stoppedAt, stopMs } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(code, 0);
  assert(stopMs <= 350 && endedAt - stoppedAt <= 2000);
  await waitUntil("none is left", () => started.receiver.countSockets() === 0);
  report(`stop: ${Math.round(stopMs)} ms, exit: ${endedAt - stoppedAt} ms`);
});

Deno.test("an event is acknowledged within milliseconds", async () => {
  await using started = await startReceiver();
  await using client = openClient(started);
  await client.opened();
  const events = claimMany(1000);
  const times: number[] = [];
  for (const event of events.slice(0, 500)) {
    const startedAt = performance.now();
    const settlements = await client.channel.publish([event]);
    times.push(performance.now() - startedAt);
    assertEquals(kinds(settlements), ["delivered"]);
  }
  const startedAt = performance.now();
  await client.channel.publish(events.slice(500));
  const rate = 500 / ((performance.now() - startedAt) / 1000);
  times.sort((a, b) => a - b);
  const [median = 0, late = 0] = [times[249], times[474]];
  report(
    `publish to ack: p50 ${median.toFixed(2)} ms, p95 ${late.toFixed(2)} ms; ` +
      `${Math.round(rate)} events/s in a window`,
  );
  assert(late < 250);
});

function report(text: string): void {
  // deno-lint-ignore no-console -- the figure is what the test is for
  console.log(text);
}
