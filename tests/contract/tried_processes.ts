/**
 * How the tests of a contract try processes.
 *
 * @module
 */

import type { Host } from "../../src/host/host.ts";
import type { ProcessHold, SpawnedProcess } from "../../src/host/processes.ts";

/** Takes hold of a process that is there. */
export async function holdOf(
  { processes }: Host,
  pid: number,
): Promise<ProcessHold> {
  const held = await processes.hold(pid);
  if (typeof held === "string") throw new Error(`${pid} is ${held}`);
  return held;
}

/** Waits by the clock of a host, which may be a fake one. */
export async function waitUntil(
  { clock }: Host,
  isDone: () => Promise<boolean>,
): Promise<void> {
  const start = clock.elapsed();
  while (!await isDone()) {
    if (clock.elapsed() - start > 10_000) throw new Error("It never happens");
    await clock.sleep(5);
  }
}

/** The exit code of a child, which alone does not keep us running. */
export async function exitOf(
  host: Host,
  child: SpawnedProcess,
): Promise<number> {
  const exit: { code?: number } = {};
  child.exited.then((code) => exit.code = code);
  await waitUntil(host, () => Promise.resolve(exit.code !== undefined));
  return exit.code ?? NaN;
}
