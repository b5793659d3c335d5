/**
 * The worst that is known of tools of this kind: work that is lost, strangers
 * that are killed, and services that nobody can get rid of any more.
 */

import { assert, assertEquals } from "@std/assert";
import { git } from "#support/shop.ts";
import { waitUntil } from "#support/wait_until.ts";
import {
  type EnvironmentPlaceForTests,
  makeEnvironmentPlace,
  twoServices,
  unitCommand,
  unitIn,
} from "../cli/environment_place.ts";

const ignore = Deno.build.os === "windows";

/** A repository with a plan and two worktrees for it. */
async function withWorktrees(): Promise<EnvironmentPlaceForTests> {
  const place = await makeEnvironmentPlace();
  const { root, port } = place;
  await Deno.remove(`${root}/.git`, { recursive: true });
  await git(root, "init", "--quiet", "--initial-branch=main");
  await place.settings({
    SERVICES: "api",
    SERVICE_API_CMD: unitCommand("listen {port}"),
    SERVICE_API_PORT: String(port),
  });
  await Deno.mkdir(`${root}/plans/features`, { recursive: true });
  await Deno.writeTextFile(`${root}/plans/features/checkout.md`, "# Pay\n");
  await git(root, "add", ".");
  await git(root, "commit", "--quiet", "-m", "first");
  for (const number of [1, 2]) {
    await ok(place, `ensure-worktree features_checkout ${number}`);
  }
  return place;
}

/** Runs a line that has to end well. */
async function ok(
  place: EnvironmentPlaceForTests,
  line: string,
): Promise<string> {
  const { code, stdout, stderr } = await place.run(line);
  assertEquals(code, 0, `${line}: ${stdout}${stderr}`);
  return stdout;
}

Deno.test({
  name:
    "a plan for fewer worktrees than there are removes none, nor their work",
  ignore,
  async fn() {
    await using place = await withWorktrees();
    const notes = `${place.root}/trees/features_checkout/2/notes.txt`;
    await Deno.writeTextFile(notes, "two days of work");
    const line = "plan features/checkout --headless";
    const dry = await ok(place, `${line} --dry-run`);
    for (const name of ["features_checkout-1", "features_checkout-2"]) {
      assert(dry.includes(`Would keep as it is: ${name}`), dry);
    }
    await ok(place, line);
    assertEquals(await Deno.readTextFile(notes), "two days of work");
    assertEquals((await place.json("list-trees", 0)).projects.length, 2);
    const anew = "ensure-worktree features_checkout 2 " +
      "--recreate-existing-worktree";
    const refused = await place.run(anew);
    assertEquals(refused.code, 1);
    assert(refused.stderr.includes("notes.txt"), refused.stderr);
    assertEquals(await Deno.readTextFile(notes), "two days of work");
    await ok(place, "stop-all");
  },
});

Deno.test({
  name: "a worktree that is made again has the commits that nobody has pushed",
  ignore,
  async fn() {
    await using place = await withWorktrees();
    const tree = `${place.root}/trees/features_checkout/2`;
    await Deno.writeTextFile(`${tree}/pay.ts`, "export {};\n");
    await git(tree, "add", ".");
    await git(tree, "commit", "--quiet", "-m", "work");
    const anew = await place.run(
      "ensure-worktree features_checkout 2 --recreate-existing-worktree",
    );
    assertEquals(anew.code, 1, "commits that are nowhere else forbid it");
    await git(place.root, "worktree", "remove", "--force", tree);
    await ok(place, "ensure-worktree features_checkout 2");
    assertEquals(await Deno.readTextFile(`${tree}/pay.ts`), "export {};\n");
  },
});

Deno.test({
  name: "a stranger on the port of a dead service is no service: " +
    "neither resumed, nor stopped",
  ignore,
  async fn() {
    await using place = await makeEnvironmentPlace();
    const { port } = place;
    await place.settings(twoServices(port));
    await ok(place, "start");
    const { pid } = unitIn(await place.json("status", 0), "api");
    Deno.kill(pid, "SIGKILL");
    await waitUntil("the port is free", () => canListen(port));
    // This test itself is the stranger: whoever kills it is found out.
    using _stranger = Deno.listen({ hostname: "127.0.0.1", port });
    const seen = unitIn(await place.json("health", 1), "api");
    assertEquals([seen.status, seen.pid], ["stale", null]);
    assertEquals(seen.foreign_owner.pid, Deno.pid);
    const api = unitIn(await place.json("resume", 0), "api");
    assert(api.port !== port && api.pid !== Deno.pid, "it has another port");
    await ok(place, "stop-all");
  },
});

Deno.test.each([{ signal: "SIGKILL" }, { signal: "SIGTERM" }] as const)(
  "$signal in the middle of a start leaves nothing hidden, and no port taken",
  { ignore },
  async ({ signal }) => {
    await using place = await makeEnvironmentPlace();
    const { port } = place;
    const slow = unitCommand("listen {port} delay=60000");
    await place.settings({ ...twoServices(port), SERVICE_WEB_CMD: slow });
    const child = place.begin("start");
    let seen = "";
    for await (
      const text of child.stderr.pipeThrough(new TextDecoderStream())
    ) {
      const isFirst = !seen.includes("Web is starting");
      seen += text;
      if (isFirst && seen.includes("Web is starting")) child.kill(signal);
    }
    await child.stdout.cancel();
    await child.status;
    await place.settings(twoServices(port));
    const started = await place.json("start", 0);
    assertEquals(
      ["api", "web"].map((id) => unitIn(started, id).port),
      [port, port + 1],
      "the ports are those of the first start",
    );
    await ok(place, "stop-all");
    assert(canListen(port) && canListen(port + 1), "nobody is left");
  },
);

Deno.test({
  name: "two broken copies of the list of runs are explained and mended, and " +
    "nothing comes back that was removed",
  ignore,
  async fn() {
    await using place = await makeEnvironmentPlace();
    await place.settings(twoServices(place.port));
    await ok(place, "start");
    const before = unitIn(await place.json("status", 0), "api");
    const scope = await scopeDirectory(place);
    for (const name of ["index.json", "index.backup.json"]) {
      await Deno.writeTextFile(`${scope}/${name}`, "\0\0\0");
    }
    for (const line of ["start", "status", "stop-all"]) {
      const { code, stderr } = await place.run(line);
      assertEquals(code, 1, `${line}: ${stderr}`);
      assert(/^error: Cannot read the list of runs/m.test(stderr), stderr);
      assert(/^hint: .*reeve doctor --repair$/m.test(stderr), stderr);
    }
    await ok(place, "doctor --repair");
    const after = unitIn(await place.json("status", 0), "api");
    assertEquals([after.pid, after.port], [before.pid, before.port]);
    await ok(place, "stop-all");
    await Deno.remove(scope, { recursive: true });
    assertEquals((await place.json("status", 0)).runs, []);
    const { code } = await place.run("resume");
    assertEquals(code, 1, "there is nothing to go on with");
  },
});

Deno.test({
  name:
    "settings that are saved with defaults ask for nothing but what is named",
  ignore,
  async fn() {
    await using place = await makeEnvironmentPlace();
    await Deno.writeTextFile(
      `${place.root}/Procfile`,
      `api: ${unitCommand("listen $PORT")}\n`,
    );
    await ok(place, "init");
    await ok(place, `config SERVICE_API_PORT=${place.port}`);
    const shown = await place.json("show-config", 0);
    assertEquals(shown.dependencies, []);
    const started = await place.json("start", 0);
    assertEquals(
      started.run.units.map(({ id }: { readonly id: string }) => id),
      ["api"],
    );
    await ok(place, "stop-all");
  },
});

function canListen(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}

async function scopeDirectory(
  { root }: EnvironmentPlaceForTests,
): Promise<string> {
  const parent = `${root}/../home/.reeve/environments`;
  const names = await Array.fromAsync(Deno.readDir(parent));
  const scope = names.find(({ name }) => name.startsWith("repo-"))?.name;
  assert(scope !== undefined);
  return `${parent}/${scope}`;
}
