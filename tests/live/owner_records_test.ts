/** Owner records that are not from here and now are shown, never obeyed. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import {
  startCurrent,
  startDaemon,
  type Started,
  startProgram,
} from "#support/population.ts";
import {
  findDaemonsBelow,
  makeSandbox,
  type Sandbox,
} from "#support/sandbox.ts";
import { denoHost } from "../../src/host/deno_host.ts";

type Fields = Readonly<Record<string, unknown>>;

function ownerPath(sandbox: Sandbox, port: number): string {
  return `${sandbox.root}/sync/daemon/owner-${port}.json`;
}

/** A sound record that names an innocent process. */
async function recordFor(
  sandbox: Sandbox,
  innocent: Started,
): Promise<Fields> {
  const daemon = await startDaemon(sandbox);
  const text = await Deno.readTextFile(ownerPath(sandbox, daemon.port));
  await daemon[Symbol.asyncDispose]();
  await Deno.remove(ownerPath(sandbox, daemon.port));
  const seen = (await denoHost.processes.inspect([innocent.pid]))
    .get(innocent.pid);
  assert(seen?.kind === "found");
  return {
    ...JSON.parse(text),
    pid: innocent.pid,
    port: innocent.port,
    "start_stamp": seen.facts.startStamp,
  };
}

async function writeRecord(sandbox: Sandbox, text: string, port: number) {
  await Deno.mkdir(`${sandbox.root}/sync/daemon`, { recursive: true });
  await Deno.writeTextFile(ownerPath(sandbox, port), text);
}

async function writeState(sandbox: Sandbox, record: Fields) {
  const { port, token, pid } = record;
  const lines = [`http://127.0.0.1:${port}`, port, token, pid, ""];
  await Deno.writeTextFile(`${sandbox.root}/sync-daemon`, lines.join("\n"));
}

const STRANGE: readonly (readonly [string, Fields])[] = [
  ["other_host", { host: "elsewhere", "boot_id": "another-boot" }],
  ["earlier_boot", { "boot_id": "another-boot" }],
  ["other_namespace", { "pid_namespace": "pid:[1]" }],
  ["unknown", { "boot_id": null }],
  ["too_new", { "schema_version": 2 }],
  ["damaged", { token: "secret" }],
  ["damaged", { pid: 1 }],
];

for (const [status, change] of STRANGE) {
  const what = JSON.stringify(change);
  Deno.test(`a record with ${what} is shown as ${status} and not obeyed`, async () => {
    await using sandbox = await makeSandbox();
    const port = sandbox.firstDashboardPort;
    const name = "foreign_http_server";
    await using innocent = await startProgram(sandbox, name, port);
    const record = await recordFor(sandbox, innocent);
    const changed = { ...record, ...change };
    await writeRecord(sandbox, JSON.stringify(changed), port);
    await writeState(sandbox, record);
    const doctor = await reeve(sandbox, ["auth", "doctor", "--json"]);
    assertEquals(doctor.code, 0);
    const [shown] = doctor.json.foreign_records;
    assertEquals(shown.path, ownerPath(sandbox, port));
    assertEquals(shown.status, status);
    const ids = doctor.json.findings.map((row: { id: string }) => row.id);
    assert(ids.includes("F-011"));
    assert(!doctor.stdout.includes(String(record["token"])));
    for (const more of [[], ["--force"]]) {
      const args = ["auth", "doctor", "--reset", "--json", ...more];
      assertEquals((await reeve(sandbox, args)).code, 0);
      await writeState(sandbox, record);
    }
    assertEquals((await reeve(sandbox, ["daemon", "stop"])).code, 0);
    assert(innocent.isAlive());
    const journal = await reeve(sandbox, ["daemon", "journal", "--json"]);
    assertEquals(journal.json.entries, []);
  });
}

Deno.test("a daemon whose record is not from here is not stopped by it", async () => {
  await using sandbox = await makeSandbox();
  const current = await startCurrent(sandbox);
  const path = ownerPath(sandbox, current.port);
  const record: Fields = JSON.parse(await Deno.readTextFile(path));
  for (const [status, change] of STRANGE) {
    const text = JSON.stringify({ ...record, ...change });
    await writeRecord(sandbox, text, current.port);
    const { code, json } = await reeve(sandbox, ["daemon", "stop", "--json"]);
    assertEquals(code, 1, status);
    assertEquals(json.error.code, "stop_failed", status);
    const start = await reeve(sandbox, ["daemon", "start", "--json"]);
    assertEquals(start.code, 0, status);
    assertEquals(start.json.pid, current.pid, status);
  }
  assertEquals(await findDaemonsBelow(sandbox.directory), [current.pid]);
  await writeRecord(sandbox, JSON.stringify(record), current.port);
  assertEquals((await reeve(sandbox, ["daemon", "stop"])).code, 0);
  assertEquals(await findDaemonsBelow(sandbox.directory), []);
});

Deno.test("start-up drops the records of processes that are gone", async () => {
  await using sandbox = await makeSandbox();
  const daemon = await startDaemon(sandbox);
  await daemon[Symbol.asyncDispose]();
  const path = ownerPath(sandbox, daemon.port);
  const record: Fields = JSON.parse(await Deno.readTextFile(path));
  const port = daemon.port + 20;
  const foreign = { ...record, port, host: "elsewhere", "boot_id": "other" };
  await writeRecord(sandbox, JSON.stringify(foreign), port);
  const { port: current } = await startCurrent(sandbox);
  const names = (await Array.fromAsync(
    Deno.readDir(`${sandbox.root}/sync/daemon`),
  )).map(({ name }) => name);
  assertEquals(names.toSorted(), [
    `owner-${current}.json`,
    `owner-${port}.json`,
  ]);
});
