import { assert, assertEquals } from "@std/assert";
import { optIn } from "../queue/consent.ts";
import { findOldMarks, printStallLine } from "./stall_line.ts";
import { runCli } from "./run.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { fakeQueue } from "#support/fake_queue.ts";
import { PROJECT_ID, ROOT } from "#support/tasks.ts";

const MARK = `${ROOT}/pending/${PROJECT_ID}`;

/** A project whose event has waited for two hours. */
async function openStalled() {
  const world = new FakeWorld();
  const queue = await fakeQueue({ world });
  optIn(queue.store, "ada", world.clock.now());
  queue.change("t1");
  await world.advance(2 * 3_600_000);
  const operations: string[] = [];
  const host = world.host({
    gate: (operation) => Promise.resolve(operations.push(operation)),
  });
  return { world, host, operations };
}

const LINE = "1 event of reeve has not been delivered for 2 h: no server is " +
  "configured. See: reeve sync";

Deno.test("printStallLine() prints one line on standard error", async () => {
  const { host } = await openStalled();
  await printStallLine(host, ["config", "path"]);
  assertEquals(
    [host.terminal.errors, host.terminal.output],
    [`${LINE} status\n`, ""],
  );
});

Deno.test("printStallLine() sends nobody where they come from", async () => {
  const { host } = await openStalled();
  await printStallLine(host, ["sync", "status", "--json"]);
  assertEquals(host.terminal.errors, `${LINE} doctor\n`);
});

Deno.test.each([
  { args: "completions bash" },
  { args: "__complete sync" },
  { args: "daemon run" },
  { args: "server run --port 0" },
  { args: "sync watch --json" },
])("printStallLine() is silent after $args", async ({ args }) => {
  const { host, operations } = await openStalled();
  await printStallLine(host, args.split(" "));
  assertEquals([host.terminal.errors, operations], ["", []]);
});

Deno.test.each([
  { ageMs: 60_000, found: 0 },
  { ageMs: 60_001, found: 1 },
])("findOldMarks() of a mark of $ageMs ms finds $found", async (row) => {
  const { world, host } = await openStalled();
  world.disk.put(MARK, "", { modifiedAt: world.clock.now() - row.ageMs });
  world.disk.put(`${ROOT}/pending/lost+found`, "", { modifiedAt: 0 });
  assertEquals(findOldMarks(host, ROOT).length, row.found);
});

Deno.test("printStallLine() opens nothing while marks are young", async () => {
  const { world, host, operations } = await openStalled();
  world.disk.put(MARK, "", { modifiedAt: world.clock.now() });
  await printStallLine(host, ["config", "path"]);
  assertEquals([host.terminal.errors, operations], ["", []]);
});

Deno.test("printStallLine() never throws", async () => {
  const { world, host } = await openStalled();
  world.failFiles(`${ROOT}/pending`, "permission_denied");
  await printStallLine(host, ["config", "path"]);
  await printStallLine(world.host({ env: { HOME: "" } }), ["config", "path"]);
  assertEquals(host.terminal.errors, "");
});

Deno.test("runCli() prints the line after any result and any error", async () => {
  const { host } = await openStalled();
  assertEquals(await runCli(host, ["config", "path", "--json"]), 0);
  assertEquals(host.terminal.errors, `${LINE} status\n`);
  JSON.parse(host.terminal.output);
  host.terminal.errors = "";
  assertEquals(await runCli(host, ["daemon", "replay", "/none"]), 1);
  assert(host.terminal.errors.endsWith(`\n${LINE} status\n`));
});

Deno.test.each([
  { args: "--help", exit: 0 },
  { args: "--version", exit: 0 },
  { args: "sync status --help", exit: 0 },
  { args: "config path --nope", exit: 64 },
])("runCli() $args runs no command and looks at nothing", async (row) => {
  const { host, operations } = await openStalled();
  assertEquals(await runCli(host, row.args.split(" ")), row.exit);
  assert(!host.terminal.errors.includes("not been delivered"));
  assertEquals(operations, []);
});
