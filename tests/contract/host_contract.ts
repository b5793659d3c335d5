/**
 * What every {@linkcode Host} promises, tried on a world that a test makes.
 * The fake must keep the same promises as the real one, or tests that run on
 * it prove nothing.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { absolutePath } from "../../src/host/path.ts";
import type {
  Check,
  ContractOptions,
  ContractWorld,
} from "./contract_world.ts";
import { blockingFilesContract } from "./blocking_files_contract.ts";
import { blockingLocksContract } from "./blocking_locks_contract.ts";
import { databaseFilesContract } from "./database_files_contract.ts";
import { databasesContract } from "./databases_contract.ts";
import { directoriesContract } from "./directories_contract.ts";
import { filesContract } from "./files_contract.ts";
import { locksContract } from "./locks_contract.ts";
import { networkContract } from "./network_contract.ts";
import { processesContract } from "./processes_contract.ts";
import { servicesContract } from "./services_contract.ts";
import { spawnContract } from "./spawn_contract.ts";
import { toolsContract } from "./tools_contract.ts";
import { webContract } from "./web_contract.ts";

/** Registers the contract's tests for one kind of host. */
export function hostContract(
  name: string,
  makeWorld: () => Promise<ContractWorld>,
  options: ContractOptions,
): void {
  const check: Check = (title, run, { ignore = false } = {}) =>
    Deno.test({
      name: `${name}: ${title}`,
      ignore,
      async fn() {
        const world = await makeWorld();
        try {
          await run(world);
        } finally {
          await world.cleanup();
        }
      },
    });
  clockContract(check);
  alarmContract(check);
  environmentContract(check);
  filesContract(check, options);
  directoriesContract(check, options);
  locksContract(check);
  blockingFilesContract(check, options);
  blockingLocksContract(check, options);
  databasesContract(check);
  databaseFilesContract(check, options);
  processesContract(check, options);
  spawnContract(check);
  servicesContract(check, options);
  networkContract(check);
  toolsContract(check, options);
  webContract(check);
}

function clockContract(check: Check): void {
  check("the clock never goes backwards", async ({ host: { clock } }) => {
    let last = clock.elapsed();
    for (let round = 0; round < 5; round++) {
      await clock.sleep(round);
      assert(clock.elapsed() >= last);
      last = clock.elapsed();
    }
  });

  check("sleep() takes as long as asked", async ({ host: { clock } }) => {
    const [wall, start] = [clock.now(), clock.elapsed()];
    await clock.sleep(40);
    // Timers count in whole milliseconds.
    assert(clock.elapsed() - start >= 39);
    assert(Math.abs(clock.now() - wall - 40) < 5000);
  });

  check("sleepers wake in the order of their times", async (world) => {
    const { clock } = world.host;
    const woken: number[] = [];
    const sleep = async (ms: number) => {
      await clock.sleep(ms);
      woken.push(ms);
    };
    await Promise.all([60, 0, 30].map(sleep));
    assertEquals(woken, [0, 30, 60]);
  });

  check("sleep() ends when its signal aborts", async ({ host: { clock } }) => {
    const start = clock.elapsed();
    const abort = new AbortController();
    const sleep = clock.sleep(60_000, abort.signal);
    await clock.sleep(5);
    abort.abort();
    await sleep;
    await clock.sleep(60_000, abort.signal);
    assert(clock.elapsed() - start < 30_000);
  });
}

function alarmContract(check: Check): void {
  check("later() calls back once, in time", async ({ host: { clock } }) => {
    const start = clock.elapsed();
    const calls: number[] = [];
    clock.later(20, () => calls.push(clock.elapsed() - start));
    assertEquals(calls, []);
    await clock.sleep(10);
    assertEquals(calls, []);
    await clock.sleep(100);
    assertEquals(calls.length, 1);
    // Timers count in whole milliseconds.
    assert((calls[0] ?? 0) >= 19);
  });

  check("later() does not call within its own call", async (world) => {
    const { clock } = world.host;
    let calls = 0;
    using _ = clock.later(0, () => calls++);
    assertEquals(calls, 0);
    await clock.sleep(50);
    assertEquals(calls, 1);
  });

  check("later() is silent once disposed of", async ({ host: { clock } }) => {
    const calls: string[] = [];
    {
      using _ = clock.later(10, () => calls.push("disposed"));
      clock.later(20, () => calls.push("kept"));
    }
    await clock.sleep(100);
    assertEquals(calls, ["kept"]);
  });

  check("later() may be disposed of by its callback", async (world) => {
    const { clock } = world.host;
    const calls: string[] = [];
    const alarm = clock.later(10, () => {
      calls.push("first");
      alarm[Symbol.dispose]();
      clock.later(10, () => calls.push("second"));
    });
    await clock.sleep(100);
    assertEquals(calls, ["first", "second"]);
  });
}

function environmentContract(check: Check): void {
  check("hex() is random hexadecimal text", ({ host: { random } }) => {
    assertMatch(random.hex(16), /^[0-9a-f]{32}$/);
    assertEquals(random.hex(4).length, 8);
    assertNotEquals(random.hex(16), random.hex(16));
    return Promise.resolve();
  });

  check("the environment says who and where we are", ({ host: { env } }) => {
    assertEquals(env.get("REEVE_CONTRACT_UNSET"), undefined);
    assert(env.pid > 1);
    assertEquals(absolutePath("/", env.cwd), env.cwd);
    assert(env.self.executable !== "");
    const home = env.os === "windows" ? "USERPROFILE" : "HOME";
    assertEquals(env.home, env.get(home));
    return Promise.resolve();
  });
}
