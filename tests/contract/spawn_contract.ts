/**
 * What every host promises about the processes that it starts.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { HostError } from "../../src/host/host.ts";
import { joinPath } from "../../src/host/path.ts";
import type { Check, ContractWorld } from "./contract_world.ts";
import { exitOf } from "./tried_processes.ts";

/** Registers the tests about starting processes. */
export function spawnContract(check: Check): void {
  exitContract(check);
  environmentContract(check);
}

function exitContract(check: Check): void {
  check("spawn() tells the exit code", async (world) => {
    const { host } = world;
    for (const code of [0, 7]) {
      const child = await host.processes.spawn(world.programThatExits(code));
      assertEquals(await exitOf(host, child), code);
    }
  });

  check("spawn() refuses a missing program", async (world) => {
    const command = missingProgram(world);
    const { processes } = world.host;
    const error = await assertRejects(
      () => processes.spawn(command),
      HostError,
    );
    assertEquals<unknown>(error.code, "not_found");
    assertEquals(error.subject, command.executable);
  });
}

function environmentContract(check: Check): void {
  check("spawn() passes variables and directory on", async (world) => {
    const { host, tempDir } = world;
    const path = joinPath(tempDir, "report");
    const command = world.programThatReports(path, "REEVE_CONTRACT");
    const env = { "REEVE_CONTRACT": "grüße = $1 'x'" };
    const child = await host.processes.spawn({ ...command, env, cwd: tempDir });
    assertEquals(await exitOf(host, child), 0);
    assertEquals(
      await host.files.readText(path),
      `${env["REEVE_CONTRACT"]}\n${tempDir}\n`,
    );
  });

  check("spawn() keeps the inherited environment", async (world) => {
    const { host, tempDir } = world;
    const path = joinPath(tempDir, "report");
    const name = host.env.os === "windows" ? "USERPROFILE" : "HOME";
    const command = world.programThatReports(path, name);
    const child = await host.processes.spawn({ ...command, cwd: tempDir });
    assertEquals(await exitOf(host, child), 0);
    assertEquals(
      (await host.files.readText(path)).split("\n")[0],
      host.env.home ?? "",
    );
  });
}

function missingProgram({ tempDir }: ContractWorld) {
  const executable = joinPath(tempDir, "none");
  return { executable, args: [], env: {}, cwd: tempDir };
}
