/** Records that are damaged while their services run: every look tells of it. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { pidOf, unitCommand } from "#support/environment_world.ts";
import { freePort } from "#support/unit_world.ts";
import { waitUntil } from "#support/wait_until.ts";
import {
  makeWorktreeWorld,
  type WorktreeWorld,
} from "#support/worktree_world.ts";
import { readLedger } from "../../src/environment/port_file.ts";
import { KnownError } from "../../src/errors.ts";

async function startedWorld(): Promise<WorktreeWorld> {
  const world = await makeWorktreeWorld({
    "REEVE_SERVICES": "api",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(freePort()),
  });
  assertEquals((await world.line("start")).exit, 0);
  return world;
}

/** Every copy of the state of a run, the oldest revision first. */
async function statesOf(world: WorktreeWorld): Promise<readonly string[]> {
  const { paths } = await world.open();
  const found: string[] = [];
  const walk = async (directory: string): Promise<void> => {
    for await (const { isDirectory, name } of Deno.readDir(directory)) {
      const path = `${directory}/${name}`;
      if (isDirectory) await walk(path);
      else if (name === "run_state.json") found.push(path);
    }
  };
  await walk(paths.directory);
  return found.toSorted();
}

const LOOKS = ["health", "errors", "endpoints"];

Deno.test("a run whose state is lost is never taken for nothing", async () => {
  await using world = await startedWorld();
  for (const path of await statesOf(world)) await Deno.writeTextFile(path, "{");
  const { exit, json } = await world.line("status");
  assertEquals([exit, json.runs, json.notes[0].kind], [1, [], "lost"]);
  const [told, said] = (await world.text("status")).split("\n");
  assertMatch(
    told ?? "",
    /^⚠ The state of run-\S+ is lost: .*doctor --repair$/,
  );
  assertEquals(said, "Nothing is recorded as up.");
  for (const look of [...LOOKS, "logs", "clear-logs", "resume"]) {
    const error = await assertRejects(() => world.line(look), KnownError);
    assertEquals(error.code, "damaged_file", look);
    assertMatch(error.hint ?? "", /doctor --repair/);
  }
  for (const look of ["preflight", "explain-startup"]) {
    const { exit, json, text } = await world.line(look);
    assertEquals([exit, json.ok], [1, false], look);
    assertMatch(text, /^It would be refused: The state of run-\S+ is lost: /);
    assertMatch(json.refusal.hint, /doctor --repair, .* --reclaim --force$/);
  }
  assertMatch((await world.line("list-targets")).notes[0] ?? "", /is lost/);
  assertEquals((await world.running()).length, 1);
});

Deno.test("a run that is shown as it was before is not well", async () => {
  await using world = await startedWorld();
  assertEquals((await world.line("restart")).exit, 0);
  const states = await statesOf(world);
  const revisions = states.filter((path) => path.includes("/revisions/"));
  assert(revisions.length > 1, states.join());
  for (const path of states) {
    if (path !== revisions[0]) await Deno.writeTextFile(path, "{");
  }
  for (const look of ["status", ...LOOKS]) {
    const { exit, json, text } = await world.line(look);
    assertEquals([exit, json.notes[0].kind], [1, "outdated"], look);
    assert(json.ok !== true, look);
    assertMatch(text, /^⚠ .* is damaged: .*doctor --repair\n/, look);
  }
});

Deno.test("what could be repaired is told once and changes no exit code", async () => {
  await using world = await startedWorld();
  const [copy = ""] = (await statesOf(world)).filter((path) =>
    !path.includes("/revisions/")
  );
  for (const look of ["status", ...LOOKS]) {
    await Deno.writeTextFile(copy, "{");
    const { exit, json, text } = await world.line(look);
    assertEquals([exit, json.notes.length], [0, 1], look);
    assertMatch(text, /^Repaired: /, look);
  }
  assertEquals((await world.line("status")).json.notes, []);
  await world.line("stop");
});

Deno.test("a service that died unseen is shown with what its log said", async () => {
  await using world = await startedWorld();
  const [seen] = await world.look();
  const unit = seen?.run.services[0];
  assertEquals(seen?.units[0]?.lastWords, undefined);
  const log = unit?.logPath ?? "";
  await Deno.writeTextFile(log, "Error: no memory\nbye\n", { append: true });
  Deno.kill(pidOf(seen?.run, "api"), "SIGKILL");
  await waitUntil(
    "it has ended",
    async () => (await world.running()).length === 0,
  );
  const text = await world.text("status");
  const { json } = await world.line("status");
  const [{ reason, status }] = json.runs[0].units;
  assertEquals([status, reason], [
    "stale",
    "it has ended; its log says: Error: no memory",
  ]);
  assert(text.includes("     it has ended; its log says: Error: no memory\n"));
  await world.line("stop");
});

Deno.test("--clear-ports forgets nothing where nobody can tell what runs", async () => {
  await using world = await startedWorld();
  await world.line("ensure-worktree shop 1");
  assertEquals((await world.line("start --trees --all")).exit, 0);
  const { paths } = await world.open();
  const slots = async () => (await readLedger(world.host, paths)).ledger.slots;
  const before = await slots();
  assertEquals(before.map(({ project }) => project), ["shop-1"]);
  for (const path of await statesOf(world)) await Deno.writeTextFile(path, "{");
  const line = "start --trees --all --clear-ports";
  const error = await assertRejects(() => world.line(line), KnownError);
  assertEquals(error.code, "damaged_file");
  assertEquals(await slots(), before);
});

Deno.test("a first save that never came to its list is no loss", async () => {
  await using world = await startedWorld();
  const { paths } = await world.open();
  const copies = (await statesOf(world)).filter((path) =>
    !path.includes("/revisions/")
  );
  for (const path of [...copies, paths.index, paths.indexBackup]) {
    await Deno.remove(path);
  }
  const { exit, json } = await world.line("status");
  assertEquals([exit, json.notes], [0, []]);
});
