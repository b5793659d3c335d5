/**
 * What every host promises about processes.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Host } from "../../src/host/host.ts";
import type { ProcessFacts } from "../../src/host/processes.ts";
import type { Check, ContractOptions } from "./contract_world.ts";
import { holdOf, waitUntil } from "./tried_processes.ts";

/** A pid that no process has: none may be so large. */
const NO_PID = 0x7fff_ffff;

async function factsOf({ processes }: Host, pid: number) {
  const seen = (await processes.inspect([pid])).get(pid);
  if (seen?.kind !== "found") throw new Error(`${pid} is ${seen?.kind}`);
  return seen.facts;
}

/** Registers the tests about processes. */
export function processesContract(
  check: Check,
  options: ContractOptions,
): void {
  inspectContract(check);
  zombieContract(check, options);
  holdContract(check);
  signalContract(check, options);
  ownerContract(check);
  rangeContract(check);
}

function inspectContract(check: Check): void {
  check("inspect() shows our own process", async ({ host }) => {
    const facts = await factsOf(host, host.env.pid);
    assertEquals(facts.pid, host.env.pid);
    assertEquals(facts.uid, host.env.uid);
    assertEquals<ProcessFacts["state"]>(facts.state, "running");
    assert((facts.argv?.length ?? 0) > 0);
    assert(facts.startStamp !== "");
    // A start is a wall-clock time, as exact as a second.
    assert((facts.startedAt ?? 0) <= host.clock.now() + 1000);
  });

  check("inspect() shows another process the same twice", async (world) => {
    const { pid } = await world.startProcess("polite");
    const facts = await factsOf(world.host, pid);
    assertEquals(await factsOf(world.host, pid), facts);
    assertEquals(facts.parentPid, world.host.env.pid);
    const own = await factsOf(world.host, world.host.env.pid);
    assert(facts.pid !== own.pid);
  });

  check("inspect() answers for each pid", async (world) => {
    const { host } = world;
    const { pid, end } = await world.startProcess("polite");
    await end();
    const seen = await host.processes.inspect([pid, NO_PID, host.env.pid]);
    assertEquals(seen.size, 3);
    assertEquals(seen.get(pid), { kind: "gone" });
    assertEquals(seen.get(NO_PID), { kind: "gone" });
    assertEquals(seen.get(host.env.pid)?.kind, "found");
    assertEquals((await host.processes.inspect([])).size, 0);
  });

  check("machine() is the same twice", async ({ host }) => {
    const machine = await host.processes.machine();
    assert(machine.host !== "");
    assertEquals(await host.processes.machine(), machine);
  });
}

function zombieContract(check: Check, { hasZombies }: ContractOptions): void {
  const options = { ignore: !hasZombies };

  check(
    "a zombie is found, but has ended and gets no signal",
    async (world) => {
      const { host } = world;
      const pid = await world.startZombie();
      await waitUntil(
        host,
        async () => (await factsOf(host, pid)).state === "zombie",
      );
      const { argv, executable } = await factsOf(host, pid);
      assertEquals([argv, executable], [undefined, undefined]);
      using hold = await holdOf(host, pid);
      assert(await hold.hasExited());
      assertEquals(await hold.signal("SIGTERM"), "gone");
    },
    options,
  );
}

function holdContract(check: Check): void {
  check("hold() refuses groups, init and ourselves", async ({ host }) => {
    for (const pid of [0, 1, -1, -5, 1.5, NaN, Infinity, host.env.pid]) {
      assertEquals(await host.processes.hold(pid), "denied", `pid ${pid}`);
    }
  });

  check("hold() of a missing process is gone", async (world) => {
    assertEquals(await world.host.processes.hold(NO_PID), "gone");
    const { pid, end } = await world.startProcess("polite");
    await end();
    assertEquals(await world.host.processes.hold(pid), "gone");
  });

  check("hold() does not cut a pid down to another one", async (world) => {
    const { processes } = world.host;
    const { pid } = await world.startProcess("polite");
    // The kernel's pids have 32 bits.
    const held = await processes.hold(2 ** 32 + pid);
    assert(typeof held === "string");
  });

  check("hold() leaves the process alone", async (world) => {
    const { host } = world;
    const { pid } = await world.startProcess("polite");
    {
      using hold = await holdOf(host, pid);
      assertEquals(hold.pid, pid);
      assert(!await hold.hasExited());
    }
    assertEquals((await factsOf(host, pid)).state, "running");
  });
}

function signalContract(check: Check, { isPosix }: ContractOptions): void {
  check("SIGTERM ends a polite process", async (world) => {
    const { pid, ended } = await world.startProcess("polite");
    using hold = await holdOf(world.host, pid);
    assertEquals(await hold.signal("SIGTERM"), "sent");
    await ended;
    await waitUntil(world.host, () => hold.hasExited());
  });

  check("SIGKILL ends what SIGTERM does not", async (world) => {
    const { host } = world;
    const { pid, ended } = await world.startProcess("stubborn");
    using hold = await holdOf(host, pid);
    assertEquals(await hold.signal("SIGTERM"), "sent");
    await host.clock.sleep(50);
    assert(!await hold.hasExited());
    assertEquals(await hold.signal("SIGKILL"), "sent");
    await ended;
    await waitUntil(host, () => hold.hasExited());
  }, { ignore: !isPosix });

  check("a held process that has ended gets no signal", async (world) => {
    const { pid, end } = await world.startProcess("polite");
    using hold = await holdOf(world.host, pid);
    await end();
    assert(await hold.hasExited());
    assertEquals(await hold.signal("SIGTERM"), "gone");
    assertEquals(await hold.signal("SIGKILL"), "gone");
  });
}

function ownerContract(check: Check): void {
  check("listeners() shows who listens", async (world) => {
    const { host } = world;
    const port = await world.startListener({ kind: "is_silent" });
    const range = { first: port, end: port + 1 };
    const table = await host.processes.listeners(range);
    if (table.kind === "unknown") throw new Error(table.reason);
    const { pid, uid } = host.env;
    assertEquals<unknown>(
      table.listeners,
      [{ port, address: "127.0.0.1", pids: [pid], uid }],
    );
  });

  check("listeners() looks for owners among some only", async (world) => {
    const { host } = world;
    const port = await world.startListener({ kind: "is_silent" });
    const { pid } = await world.startProcess("polite");
    const pidsAmong = async (among: readonly number[]) => {
      const range = { first: port, end: port + 1 };
      const table = await host.processes.listeners(range, among);
      if (table.kind === "unknown") throw new Error(table.reason);
      return table.listeners.map((row) => row.pids);
    };
    assertEquals(await pidsAmong([host.env.pid]), [[host.env.pid]]);
    assertEquals(await pidsAmong([pid, host.env.pid]), [[host.env.pid]]);
    assertEquals(await pidsAmong([pid]), [[]]);
    assertEquals(await pidsAmong([]), [[]]);
  });
}

function rangeContract(check: Check): void {
  check("listeners() leaves other ports out", async (world) => {
    const { processes } = world.host;
    const port = await world.startListener({ kind: "is_silent" });
    const ranges = [
      { first: port, end: port },
      { first: port + 1, end: port + 1 },
    ];
    for (const range of ranges) {
      const table = await processes.listeners(range);
      assertEquals(table.kind === "table" && table.listeners, []);
    }
    const around = { first: port - 5, end: port + 5 };
    const table = await processes.listeners(around);
    const ports = table.kind === "table"
      ? table.listeners.map((row) => row.port)
      : [];
    assert(ports.includes(port));
    assert(ports.every((each) => each >= port - 5 && each < port + 5));
  });
}
