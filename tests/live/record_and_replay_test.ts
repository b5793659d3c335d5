/** A recorded look gives the same verdicts later and tells no secret. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import {
  startCurrent,
  startDaemon,
  startProgram,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import {
  kittyRoot,
  startLegacy,
  TOKEN,
  writeKittyState,
  writeSharedOwner,
} from "./legacy_daemon.ts";

const CURRENT = { REEVE_CLI_VERSION: "3.2.6" };

interface Row {
  readonly port: number;
  readonly pid: number | null;
  readonly row: string;
  readonly "cleanup_class": string;
  readonly "skip_reason": string | null;
}

async function populate(sandbox: Sandbox, stack: AsyncDisposableStack) {
  const { firstPort } = sandbox;
  await Deno.mkdir(kittyRoot(sandbox), { recursive: true });
  await startCurrent(sandbox, CURRENT);
  const port = firstPort + 30;
  const owner = await writeSharedOwner(sandbox, { pid: Deno.pid, port });
  const silent = "listens_but_never_answers";
  const all = await Promise.all([
    startDaemon(sandbox, { version: "3.2.4" }),
    startDaemon(sandbox, { isMarked: false }),
    startDaemon(sandbox, { root: `${sandbox.home}/other` }),
    startLegacy(sandbox, { port, owner }),
    startLegacy(sandbox, { port: port + 1, argvToken: "e".repeat(32), owner }),
    startLegacy(sandbox, { port: port + 2 }),
    startProgram(sandbox, "foreign_http_server", port + 3),
    startProgram(sandbox, silent, port + 4),
    startProgram(sandbox, "dashboard_shaped_server", port + 5),
  ]);
  for (const process of all) stack.use(process);
  const current = all[5];
  const lines = [current.port, TOKEN, current.pid];
  await writeKittyState(sandbox, [`http://localhost:${port + 2}`, ...lines]);
}

function verdicts(rows: readonly Row[]): readonly string[] {
  return rows.map((row) =>
    [row.port, row.pid, row.row, row.cleanup_class, row.skip_reason].join(" ")
  );
}

Deno.test("daemon replay judges a record as the live doctor did", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  await populate(sandbox, stack);
  const path = `${sandbox.directory}/record.json`;
  const live = await reeve(sandbox, ["auth", "doctor", "--json"], CURRENT);
  assertEquals(live.code, 0);
  const save = ["auth", "doctor", "--record", path, "--json"];
  const saved = await reeve(sandbox, save, CURRENT);
  assertEquals(saved.code, 0);
  const elsewhere = { HOME: "/nowhere", REEVE_HOME: "", SPEC_KITTY_HOME: "" };
  const args = ["daemon", "replay", path, "--json"];
  const { code, json } = await reeve(sandbox, args, elsewhere);
  assertEquals(code, 0);
  const records: readonly Row[] = json.records;
  assertEquals(records.length, live.json.scan.listeners);
  assertEquals(records.length, saved.json.candidates);
  const touchable = records
    .filter((row) => row.cleanup_class !== "never_touch");
  assertEquals(verdicts(touchable), verdicts(live.json.orphans));
  const never = records.length - touchable.length;
  assertEquals(never, live.json.scan.never_touched);
});

Deno.test("a record holds no token and no home directory", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  await populate(sandbox, stack);
  const path = `${sandbox.directory}/record.json`;
  const save = ["auth", "doctor", "--record", path];
  assertEquals((await reeve(sandbox, save, CURRENT)).code, 0);
  const text = await Deno.readTextFile(path);
  assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  const owners = `${sandbox.root}/sync/daemon`;
  const secrets = [TOKEN, "e".repeat(32), sandbox.home];
  for await (const { name } of Deno.readDir(owners)) {
    const record = JSON.parse(await Deno.readTextFile(`${owners}/${name}`));
    secrets.push(record.token);
  }
  assert(secrets.length > 4);
  for (const secret of secrets) assert(!text.includes(secret), secret);
  assert(text.includes("~/.reeve"));
  assert(text.includes("<redacted>"));
});

Deno.test("a record that cannot be used is refused with the reason", async () => {
  await using sandbox = await makeSandbox();
  const path = `${sandbox.directory}/record.json`;
  const replay = () => reeve(sandbox, ["daemon", "replay", path, "--json"]);
  const missing = await replay();
  assertEquals([missing.code, missing.json.error.code], [1, "not_found"]);
  for (const text of ["", "[]", '{"schema_version":1}', '{"schema":"x"}']) {
    await Deno.writeTextFile(path, text);
    const { code, json } = await replay();
    assertEquals([code, json.error.code], [1, "damaged_file"], text);
  }
  await Deno.writeTextFile(path, '{"schema_version":2}');
  const newer = await replay();
  assertEquals([newer.code, newer.json.error.code], [1, "newer_file"]);
});
