import { assertEquals } from "@std/assert";
import { createFakeHost, type FakeHost } from "#support/fake_host.ts";
import type { UnitIdentity } from "./model.ts";
import type { SignalStep } from "./signal_journal.ts";
import { ownUnits } from "./unit_owner.ts";

const PORT = 6000;

function identityOf(
  host: FakeHost,
  spec: Parameters<FakeHost["world"]["addProcess"]>[0] = {},
): UnitIdentity {
  const { pid, startStamp } = host.world.addProcess(spec);
  const { bootId, pidNamespace } = host.world.machine;
  return { pid, startStamp, bootId, pidNamespace, marker: "m" };
}

function own(host: FakeHost, steps: SignalStep[] = []) {
  return ownUnits(host, {
    journal: {
      problem: undefined,
      step(step, send) {
        steps.push(step);
        return send();
      },
    },
  });
}

const END = { name: "unit", firstSignal: "SIGINT", graceMs: 500 } as const;

function signalsOf(host: FakeHost): readonly string[] {
  return host.world.signals.map(({ name }) => name);
}

Deno.test("a unit is asked in its own way, and then forced", async () => {
  const host = createFakeHost();
  const polite = identityOf(host);
  assertEquals(await own(host).end({ ...END, identity: polite }), {
    kind: "confirmed",
  });
  assertEquals(signalsOf(host), ["SIGINT"]);
  const stubborn = identityOf(host, { onSignal: "stubborn" });
  const steps: SignalStep[] = [];
  const end = own(host, steps).end({ ...END, identity: stubborn });
  await host.world.advance(5000);
  assertEquals(await end, { kind: "confirmed" });
  assertEquals(signalsOf(host), ["SIGINT", "SIGINT", "SIGKILL"]);
  assertEquals(
    steps.map(({ signal, unit, row }) => [signal, unit.name, row.pid]),
    [["SIGINT", "unit", stubborn.pid], ["SIGKILL", "unit", stubborn.pid]],
  );
});

Deno.test.each(
  [
    ["had its pid given away", "confirmed", (identity: UnitIdentity) => ({
      ...identity,
      startStamp: "another",
    })],
    ["is of an earlier boot", "confirmed", (identity: UnitIdentity) => ({
      ...identity,
      bootId: "boot-0",
    })],
    ["is of another namespace", "unconfirmed", (identity: UnitIdentity) => ({
      ...identity,
      pidNamespace: "pid:[2]",
    })],
    ["is of an unknown boot", "unconfirmed", (identity: UnitIdentity) => ({
      ...identity,
      bootId: undefined,
    })],
  ] as const,
)("no signal goes to one that %s: %s", async (_, kind, change) => {
  const host = createFakeHost();
  const identity = change(identityOf(host));
  const end = await own(host).end({ ...END, identity });
  assertEquals(end.kind, kind);
  assertEquals(signalsOf(host), []);
});

Deno.test("what survives or may not be ended is not confirmed", async () => {
  for (const onSignal of ["immortal", "denied"] as const) {
    const host = createFakeHost();
    const identity = identityOf(host, { onSignal });
    const end = own(host).end({ ...END, identity });
    await host.world.advance(5000);
    assertEquals((await end).kind, "unconfirmed", onSignal);
  }
});

Deno.test("a number that we gave away is not ours to end", async () => {
  const host = createFakeHost();
  const identity = { ...identityOf(host), pid: host.env.pid };
  const end = await own(host).end({ ...END, identity });
  assertEquals(end, { kind: "confirmed" });
});

Deno.test("a unit that cannot be seen is neither alive nor dead", async () => {
  const host = createFakeHost();
  const identity = identityOf(host);
  const isAlive = () => own(host).isAlive(identity);
  assertEquals([await isAlive()], [true]);
  host.world.hideProcess(identity.pid);
  assertEquals(await isAlive(), "unknown");
  const end = await own(host).end({ ...END, identity });
  assertEquals(end.kind, "unconfirmed");
  const other = identityOf(host);
  host.world.endProcess(other.pid);
  assertEquals([await own(host).isAlive(other)], [false]);
});

Deno.test("a port belongs to the unit, to its session, or to a stranger", async () => {
  const host = createFakeHost();
  const owner = own(host);
  const identity = identityOf(host);
  assertEquals(await owner.ownerOf(PORT, identity), "nobody");
  const child = host.world.addProcess({
    sessionId: identity.pid,
    ports: [PORT],
  });
  assertEquals(await owner.ownerOf(PORT, identity), "unit");
  assertEquals(await owner.ownerOf(PORT, undefined), "stranger");
  host.world.endProcess(child.pid);
  host.world.addProcess({ ports: [PORT] });
  assertEquals(await owner.ownerOf(PORT, identity), "stranger");
  host.world.hideListeners("no rights");
  assertEquals(await owner.ownerOf(PORT, identity), "unknown");
});

Deno.test("the address that connections reach decides", async () => {
  const host = createFakeHost();
  const identity = identityOf(host, {
    ports: [{ port: PORT, address: "::1" }],
  });
  assertEquals(await own(host).ownerOf(PORT, identity), "unit");
  host.world.addProcess({ ports: [PORT] });
  assertEquals(await own(host).ownerOf(PORT, identity), "stranger");
});
