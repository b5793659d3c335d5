/**
 * What every host promises about the table of all processes and services.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Host, HostError } from "../../src/host/host.ts";
import { joinPath } from "../../src/host/path.ts";
import type { ServiceCommand, SpawnCommand } from "../../src/host/processes.ts";
import type {
  Check,
  ContractOptions,
  ContractWorld,
} from "./contract_world.ts";
import { exitOf } from "./tried_processes.ts";

async function rowsOf({ processes }: Host) {
  const listing = await processes.table();
  if (listing.kind === "unknown") throw new Error(listing.reason);
  return new Map(listing.rows.map((row) => [row.pid, row]));
}

/** It leads its session from its first instruction on, not before. */
async function waitForSession(host: Host, pid: number): Promise<void> {
  const start = host.clock.elapsed();
  while (true) {
    const row = (await rowsOf(host)).get(pid);
    // Not every platform tells sessions.
    const sessionId = row?.sessionId ?? pid;
    if (sessionId === pid && row?.processGroup === pid) return;
    assert(host.clock.elapsed() - start < 10_000, JSON.stringify(row));
    await host.clock.sleep(1);
  }
}

/** A process shows its variables from its first instruction on, not before. */
async function waitForVariable(
  { clock, processes }: Host,
  name: string,
  pid: number,
): Promise<void> {
  const start = clock.elapsed();
  while (!(await processes.readVariable(name, [pid])).has(pid)) {
    assert(clock.elapsed() - start < 10_000, `${name} never shows`);
    await clock.sleep(1);
  }
}

function asService(
  { tempDir }: ContractWorld,
  { executable, args }: SpawnCommand,
): ServiceCommand {
  const logPath = joinPath(tempDir, "logs", "service.log");
  return { command: [executable, ...args], env: {}, cwd: tempDir, logPath };
}

/** Registers the tests about all processes and about services. */
export function servicesContract(check: Check, options: ContractOptions): void {
  tableContract(check, options);
  if (!options.isPosix) return;
  serviceContract(check);
  refusalContract(check);
}

function tableContract(check: Check, { isPosix }: ContractOptions): void {
  const options = { ignore: !isPosix };

  check("table() shows what inspect() shows", async (world) => {
    const { host } = world;
    const { pid } = await world.startProcess("polite");
    const rows = await rowsOf(host);
    const seen = await host.processes.inspect([pid, host.env.pid]);
    for (const [each, inspection] of seen) {
      assert(inspection.kind === "found");
      const { startStamp, uid } = inspection.facts;
      const row = rows.get(each);
      assertEquals([row?.startStamp, row?.uid], [startStamp, uid]);
    }
    assertEquals(rows.get(pid)?.parentPid, host.env.pid);
  }, options);

  check("table() has no row for a process that is gone", async (world) => {
    const { pid, end } = await world.startProcess("polite");
    await end();
    assertEquals((await rowsOf(world.host)).get(pid), undefined);
  }, options);

  check("readVariable() leaves out what has none", async ({ host }) => {
    const { pid } = host.env;
    const values = await host.processes.readVariable("REEVE_NOBODY", [pid]);
    assertEquals(values.size, 0);
  }, options);
}

function serviceContract(check: Check): void {
  check("a service leads its own session and group", async (world) => {
    const { host } = world;
    const service = asService(world, world.programThatSleeps());
    const child = await host.processes.spawnService({
      ...service,
      env: { "REEVE_UNIT": "x=y z" },
    });
    try {
      await waitForSession(host, child.pid);
      await waitForVariable(host, "REEVE_UNIT", child.pid);
      const { pid } = host.env;
      assertEquals(
        await host.processes.readVariable("REEVE_UNIT", [pid, child.pid]),
        new Map([[child.pid, "x=y z"]]),
      );
      assertEquals(
        (await host.processes.readVariable("REEVE", [child.pid])).size,
        0,
      );
    } finally {
      const hold = await host.processes.hold(child.pid);
      assert(typeof hold === "object");
      await hold.signal("SIGKILL");
      hold[Symbol.dispose]();
    }
    assertEquals(await exitOf(host, child), 137);
  });

  check("a service appends to its log, which is private", async (world) => {
    const { host } = world;
    const service = asService(world, world.programThatWrites("line\n"));
    for (const text of ["line\n", "line\nline\n"]) {
      const child = await host.processes.spawnService(service);
      assertEquals(await exitOf(host, child), 0);
      assertEquals(await host.files.readText(service.logPath), text);
    }
    const facts = await host.files.stat(service.logPath);
    assertEquals(facts?.mode, 0o600);
  });

  check("a service inherits no variable", async (world) => {
    const { host, tempDir } = world;
    const path = joinPath(tempDir, "report");
    const service = asService(world, world.programThatReports(path, "HOME"));
    const child = await host.processes.spawnService(service);
    assertEquals(await exitOf(host, child), 0);
    assertEquals(
      (await host.files.readText(path)).replace("undefined", ""),
      `\n${tempDir}\n`,
    );
  });
}

function refusalContract(check: Check): void {
  check("spawnService() refuses a missing program", async (world) => {
    const service = asService(world, world.programThatExits(0));
    const command = [joinPath(world.tempDir, "none")] as const;
    const error = await assertRejects(
      () => world.host.processes.spawnService({ ...service, command }),
      HostError,
    );
    assertEquals<unknown>(error.code, "not_found");
    assertEquals(error.subject, command[0]);
  });

  check("spawnService() refuses a missing directory", async (world) => {
    const service = asService(world, world.programThatExits(0));
    const cwd = joinPath(world.tempDir, "none");
    const error = await assertRejects(
      () => world.host.processes.spawnService({ ...service, cwd }),
      HostError,
    );
    assertEquals<unknown>(error.code, "not_found");
    assertEquals(error.subject, cwd);
  });
}
