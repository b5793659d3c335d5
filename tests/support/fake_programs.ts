/**
 * Programs that the processes of a fake world start.
 *
 * @module
 */

import { HostError } from "../../src/host/host.ts";
import type { ServiceCommand, SpawnCommand } from "../../src/host/processes.ts";
import type { FakeHost } from "./fake_host.ts";
import type { FakeHostOptions, FakeProgram } from "./fake_options.ts";
import { type FakeProcess, ProcessEnded } from "./fake_process.ts";

/** Starts what the world has for a command, as a child of the host. */
export function startProgram(
  parent: FakeHost,
  command: SpawnCommand,
  options: FakeHostOptions,
): FakeProcess {
  const { world } = parent;
  const program = world.onSpawn(command);
  if (program instanceof HostError) throw program;
  world.commands.push(command);
  const process = world.addProcess({
    argv: [command.executable, ...command.args],
    executable: command.executable,
    parentPid: parent.process.pid,
    uid: parent.process.uid,
    ...program,
  });
  const { run } = program;
  if (run !== undefined) {
    const env = { ...Object.fromEntries(parent.env.variables), ...command.env };
    const { terminal: _, ...shared } = options;
    const { pid } = process;
    const host = world.host({ ...shared, pid, env, cwd: command.cwd });
    runProgram(host, command, run);
  }
  return process;
}

/** Starts what the world has for a service, in a session of its own. */
export function startService(
  parent: FakeHost,
  service: ServiceCommand,
  options: FakeHostOptions,
): FakeProcess {
  const { world } = parent;
  const { command: [executable, ...args], env, cwd, logPath } = service;
  if (world.disk.tree.resolve(cwd).node?.kind !== "directory") {
    throw new HostError("not_found", cwd);
  }
  const command = { executable, args, env, cwd };
  const program = world.onSpawn(command);
  if (program instanceof HostError) throw program;
  world.services.push(service);
  world.disk.makeParents(logPath);
  const before = world.disk.textOf(logPath) ?? "";
  world.disk.put(logPath, before + (program.output ?? ""));
  const process = world.addProcess({
    argv: [executable, ...args],
    executable,
    parentPid: parent.process.pid,
    uid: parent.process.uid,
    env,
    ...program,
  });
  const { run } = program;
  if (run !== undefined) {
    const { terminal: _, ...shared } = options;
    const { pid } = process;
    // Nothing is inherited, not even a home.
    const own = { "HOME": "", ...env };
    const host = world.host({ ...shared, pid, env: own, cwd });
    runProgram(host, command, run);
  }
  return process;
}

async function runProgram(
  host: FakeHost,
  command: SpawnCommand,
  run: NonNullable<FakeProgram["run"]>,
): Promise<void> {
  const { world, process } = host;
  try {
    const code = await run(host, command);
    if (!process.hasEnded) world.endProcess(process.pid, { code });
  } catch (error) {
    if (!(error instanceof ProcessEnded)) world.crashes.push(error);
    if (!process.hasEnded) world.endProcess(process.pid, { code: 1 });
  }
}
