/** A plan does nothing; applying it does exactly that, or nothing. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type CliResult, reeve } from "#support/cli.ts";
import {
  reeveHealth,
  reeveShape,
  startCurrent,
  startDaemon,
  type Started,
  startProgram,
  waitUntilSettled,
} from "#support/population.ts";
import { makeSandbox, type Sandbox, snapshotTree } from "#support/sandbox.ts";

const CURRENT = { REEVE_CLI_VERSION: "3.2.6" };

interface Scene {
  readonly sandbox: Sandbox;
  readonly plan: string;
  readonly stale: readonly Started[];
}

/** A current daemon, two stale ones and one without a marker. */
async function makeScene(stack: AsyncDisposableStack): Promise<Scene> {
  const sandbox = stack.use(await makeSandbox());
  await startCurrent(sandbox, CURRENT);
  const stale = await Promise.all([
    startDaemon(sandbox, { version: "3.2.3" }),
    startDaemon(sandbox, { version: "3.2.4" }),
    startDaemon(sandbox, { version: "3.2.4", isMarked: false }),
  ]);
  for (const daemon of stale) stack.use(daemon);
  const plan = `${sandbox.directory}/plan.json`;
  return { sandbox, plan, stale };
}

function doctor(
  { sandbox }: Pick<Scene, "sandbox">,
  ...args: readonly string[]
): Promise<CliResult> {
  return reeve(sandbox, ["auth", "doctor", ...args, "--json"], CURRENT);
}

function pidsOf(rows: readonly { readonly pid: number }[]): readonly number[] {
  return rows.map(({ pid }) => pid).toSorted((a, b) => a - b);
}

async function assertNothingSent(scene: Scene) {
  const args = ["daemon", "journal", "--json"];
  const { json } = await reeve(scene.sandbox, args);
  assertEquals(json.entries, []);
}

/** Applies the plan, which must be refused whole. */
async function assertDrift(scene: Scene, why: string) {
  const { code, json } = await doctor(scene, "--apply", scene.plan);
  assertEquals(code, 1);
  assertEquals(json.error?.code, "drift", JSON.stringify(json));
  assertStringIncludes(json.error.message, why);
  assertStringIncludes(json.error.hint, "Nothing was done.");
  await assertNothingSent(scene);
}

Deno.test("--plan only writes its file and --apply carries it out", async () => {
  await using stack = new AsyncDisposableStack();
  const scene = await makeScene(stack);
  const { sandbox, plan, stale } = scene;
  await waitUntilSettled(sandbox.root, 1 + stale.length);
  const before = await snapshotTree(sandbox.home);
  const made = await doctor(scene, "--plan", plan);
  assertEquals(made.code, 0);
  assertEquals(await snapshotTree(sandbox.home), before);
  assert(stale.every((daemon) => daemon.isAlive()));
  const written = JSON.parse(await Deno.readTextFile(plan));
  assertEquals(written, made.json);
  assertEquals(((await Deno.stat(plan)).mode ?? 0) & 0o777, 0o600);
  const expected = pidsOf(stale.slice(0, 2));
  assertEquals(pidsOf(written.targets), expected);
  const applied = await doctor(scene, "--apply", plan);
  assertEquals(applied.code, 0);
  const { swept, failed } = applied.json.reset_result;
  assertEquals([pidsOf(swept), failed], [expected, []]);
  await Promise.all(stale.slice(0, 2).map(({ ended }) => ended));
  assert(stale[2]?.isAlive());
});

Deno.test("a plan made with --force is applied with that consent", async () => {
  await using stack = new AsyncDisposableStack();
  const scene = await makeScene(stack);
  const made = await doctor(scene, "--force", "--plan", scene.plan);
  assertEquals(made.code, 0);
  assertEquals(pidsOf(made.json.targets), pidsOf(scene.stale));
  const applied = await doctor(scene, "--apply", scene.plan);
  assertEquals(applied.code, 0);
  assertEquals(pidsOf(applied.json.reset_result.swept), pidsOf(scene.stale));
  await Promise.all(scene.stale.map(({ ended }) => ended));
});

Deno.test("a plan is refused after a target was restarted", async () => {
  await using stack = new AsyncDisposableStack();
  const scene = await makeScene(stack);
  assertEquals((await doctor(scene, "--plan", scene.plan)).code, 0);
  const [first] = scene.stale;
  await first?.[Symbol.asyncDispose]();
  const heir = await startDaemon(scene.sandbox, { version: "3.2.3" });
  stack.use(heir);
  assertEquals(heir.port, first?.port);
  await assertDrift(scene, `port ${heir.port}`);
  assert(heir.isAlive());
});

Deno.test("a plan is refused after another orphan has appeared", async () => {
  await using stack = new AsyncDisposableStack();
  const scene = await makeScene(stack);
  assertEquals((await doctor(scene, "--plan", scene.plan)).code, 0);
  const another = await startDaemon(scene.sandbox, { version: "3.2.2" });
  stack.use(another);
  await assertDrift(scene, `port ${another.port}: ${another.pid} is new`);
  assert(another.isAlive());
});

Deno.test("a plan is refused after a target has ended", async () => {
  await using stack = new AsyncDisposableStack();
  const scene = await makeScene(stack);
  assertEquals((await doctor(scene, "--plan", scene.plan)).code, 0);
  const [first] = scene.stale;
  await first?.[Symbol.asyncDispose]();
  await assertDrift(scene, `port ${first?.port}`);
});

Deno.test("a plan is refused when a target states another version", async () => {
  await using stack = new AsyncDisposableStack();
  const scene = await makeScene(stack);
  const { root, directory, firstPort } = scene.sandbox;
  const file = `${directory}/health.json`;
  const state = (version: string) =>
    Deno.writeTextFile(file, JSON.stringify(reeveHealth(root, version)));
  await state("3.2.3");
  const name = "answers_health_from_file";
  const port = firstPort + 40;
  const shape = reeveShape(root);
  stack.use(await startProgram(scene.sandbox, name, port, file, ...shape));
  const made = await doctor(scene, "--plan", scene.plan);
  assertEquals(made.json.targets.length, 3);
  await state("3.2.2");
  await assertDrift(scene, "has changed");
});

Deno.test("a plan is refused for another state root or machine", async () => {
  await using stack = new AsyncDisposableStack();
  const scene = await makeScene(stack);
  const { json } = await doctor(scene, "--plan", scene.plan);
  const write = (change: object) =>
    Deno.writeTextFile(scene.plan, JSON.stringify({ ...json, ...change }));
  await write({ "singleton_scope_id": "/elsewhere" });
  await assertDrift(scene, "the state root /elsewhere");
  await write({ machine: { ...json.machine, "boot_id": "another" } });
  await assertDrift(scene, "another machine or before a restart");
  await write({ "facts_hash": "0".repeat(64) });
  await assertDrift(scene, "has changed");
  await write({ force: true });
  await assertDrift(scene, "is new");
});

Deno.test("a plan that cannot be read is refused", async () => {
  await using stack = new AsyncDisposableStack();
  const scene = await makeScene(stack);
  const { json } = await doctor(scene, "--plan", scene.plan);
  const bad: readonly (readonly [string, string])[] = [
    ["", "damaged_file"],
    ["{", "damaged_file"],
    ["[]", "damaged_file"],
    [JSON.stringify({ ...json, schema: "other" }), "damaged_file"],
    [JSON.stringify({ ...json, targets: [{ pid: 1 }] }), "damaged_file"],
    [JSON.stringify({ ...json, "schema_version": 2 }), "newer_file"],
  ];
  for (const [text, expected] of bad) {
    await Deno.writeTextFile(scene.plan, text);
    const refused = await doctor(scene, "--apply", scene.plan);
    assertEquals(refused.code, 1, text);
    assertEquals(refused.json.error.code, expected, text);
  }
  await Deno.remove(scene.plan);
  const missing = await doctor(scene, "--apply", scene.plan);
  assertEquals(missing.code, 1);
  assertEquals(missing.json.error.code, "not_found");
  const both = await doctor(scene, "--apply", scene.plan, "--reset");
  assertEquals(both.code, 64);
  await assertNothingSent(scene);
  assert(scene.stale.every((daemon) => daemon.isAlive()));
});
