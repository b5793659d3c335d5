/** What every installed reeve must be able to do, however it came there. */

import { assert, assertEquals } from "@std/assert";
import { findFreeBlock } from "#support/sandbox.ts";
import { VERSION } from "../../src/version.ts";
import { type BareMachine, runAlone } from "./packages.ts";

/** Runs an installed reeve and gives its document, once it ended well. */
async function ask(
  program: string,
  { env }: BareMachine,
  line: string,
  cwd?: string,
  // deno-lint-ignore no-explicit-any -- a document of any command
): Promise<any> {
  const words = [...line.split(" "), "--json"];
  const { code, stdout, stderr } = await runAlone(program, words, env, cwd);
  assertEquals(code, 0, `${line}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** It says the version, and which commit it is from. */
export async function checkVersion(
  program: string,
  machine: BareMachine,
): Promise<void> {
  const { version, commit } = await ask(program, machine, "--version");
  assertEquals(version, VERSION);
  assert(/^[0-9a-f]{40}(?:\+changes)?$|^unknown$/.test(commit), commit);
}

/** Its daemon runs from the same installation, and ends when told. */
export async function checkDaemon(
  program: string,
  machine: BareMachine,
  installation: string,
): Promise<void> {
  await ask(program, machine, "daemon start");
  const daemon = await ask(program, machine, "daemon status");
  const executable = await Deno.readLink(`/proc/${daemon.pid}/exe`);
  assert(executable.startsWith(`${installation}/`), executable);
  const words = await Deno.readTextFile(`/proc/${daemon.pid}/cmdline`);
  assert(words.includes(`${installation}/`), words);
  await ask(program, machine, "auth doctor");
  await ask(program, machine, "daemon stop");
}

/** It brings a repository's service up, sees it, and brings it down. */
export async function checkServices(
  program: string,
  machine: BareMachine,
): Promise<void> {
  const root = `${machine.sandbox.directory}/shop`;
  await Deno.mkdir(`${root}/.git`, { recursive: true });
  await Deno.writeTextFile(`${root}/.git/HEAD`, "ref: refs/heads/main\n");
  const unit = new URL("../programs/unit.py", import.meta.url).pathname;
  await Deno.writeTextFile(
    `${root}/.reeve`,
    `REEVE_SERVICES=api\n` +
      `REEVE_SERVICE_API_CMD=python3 -S ${unit} listen {port}\n` +
      `REEVE_SERVICE_API_PORT=${findFreeBlock(10)}\n`,
  );
  await ask(program, machine, "start", root);
  try {
    const { overall } = await ask(program, machine, "status", root);
    assertEquals(overall, "healthy");
    const report = await ask(program, machine, "doctor --install", root);
    assertEquals(report.install.method, "bundle");
  } finally {
    await ask(program, machine, "stop-all", root);
  }
}

/** A handler in TypeScript that names a package does its work. */
export async function checkJobs(
  program: string,
  machine: BareMachine,
): Promise<void> {
  const { env, sandbox } = machine;
  const handler =
    new URL("../../docs/examples/thumbnails.ts", import.meta.url).pathname;
  const add = ["queue", "enqueue", "thumbnails", '{"file":"cat.jpg"}'];
  const added = await runAlone(program, add, env, sandbox.directory);
  assertEquals(added.code, 0, added.stderr);
  const work = `queue worker --handler ${handler} --until-empty`;
  const { totals } = await ask(program, machine, work, sandbox.directory);
  assertEquals([totals.completed, totals.dead], [1, 0]);
}
