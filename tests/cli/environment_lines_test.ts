import { assert, assertEquals } from "@std/assert";
import { makeEnvironmentPlace, twoServices } from "./environment_place.ts";
import { snapshotTree } from "#support/sandbox.ts";

Deno.test("lines about environments in a repository without settings", async (t) => {
  await using place = await makeEnvironmentPlace();
  const state = async () =>
    (await snapshotTree(place.root)).map((line) => line.split(" ")[0]);
  const before = await state();
  for (
    const { line, exit, error } of [
      { line: "start", exit: 1, error: "needs settings" },
      { line: "restart", exit: 1, error: "needs settings" },
      { line: "resume", exit: 1, error: "Nothing is recorded" },
      { line: "health", exit: 1, error: "Nothing is recorded" },
      { line: "logs", exit: 1, error: "Nothing is recorded" },
      { line: "clear-logs", exit: 1, error: "Nothing is recorded" },
      { line: "errors", exit: 1, error: "Nothing is recorded" },
      { line: "endpoints", exit: 1, error: "Nothing is recorded" },
      { line: "stop nothing", exit: 1, error: "Nothing matches nothing" },
      { line: "start --frobnicate", exit: 64, error: "--frobnicate" },
      { line: "start stop --project", exit: 64, error: "--project" },
      { line: "status --mode sideways", exit: 64, error: "sideways" },
      { line: "start --main --isolated-deps", exit: 64, error: "together" },
      { line: "strat", exit: 64, error: "strat" },
      {
        line: "explain-startup --clear-ports",
        exit: 64,
        error: "--clear-ports",
      },
    ]
  ) {
    await t.step(`reeve ${line} ends with ${exit}`, async () => {
      const { code, stdout, stderr } = await place.run(line);
      assertEquals([code, stdout], [exit, ""], stderr);
      assert(stderr.includes(error), stderr);
      assert(/\nhint: \S/.test(stderr), stderr);
      const document = await place.run(`${line} --json`);
      assertEquals([document.code, document.stderr], [exit, ""]);
      const found = place.checker.check(document.stdout, line);
      assert(found.error.message.includes(error), document.stdout);
    });
  }
  for (
    const { line, exit } of [
      ...[
        "status",
        "stop",
        "stop-all",
        "show-config",
        "list-commands",
        "list-targets",
        "list-trees",
      ].map((line) => ({ line, exit: 0 })),
      // A start would be refused here, and so they say.
      { line: "explain-startup", exit: 1 },
      { line: "preflight", exit: 1 },
    ]
  ) {
    await t.step(`reeve ${line} ends with ${exit}`, async () => {
      const { code, stderr, stdout } = await place.run(line);
      assertEquals([code, stderr], [exit, ""], stdout);
      await place.json(line, exit);
    });
  }
  await t.step("none of them has changed the repository", async () => {
    assertEquals(await state(), before);
  });
});

Deno.test("lines about environments with wrong settings", async (t) => {
  await using place = await makeEnvironmentPlace();
  await place.settings({
    ...twoServices(place.port),
    SERVICE_API_DEPENDS_ON: "web",
  });
  await t.step("show-config shows what is wrong", async () => {
    const { ok, faults, origins } = await place.json("show-config", 1);
    assertEquals([ok, faults.length > 0], [false, true]);
    const { source, line } = origins.find((one: { key: string }) =>
      one.key === "REEVE_SERVICES"
    );
    assertEquals([source, line], ["file", 1]);
  });
  for (const line of ["start", "explain-startup"]) {
    await t.step(`reeve ${line} does nothing`, async () => {
      const { code, stderr } = await place.run(line);
      assertEquals(code, 1, stderr);
      assert(/api.*web|web.*api/.test(stderr), stderr);
    });
  }
});

Deno.test("help of the commands about environments", async (t) => {
  await using place = await makeEnvironmentPlace();
  const root = await place.run("--help");
  assert(root.stdout.includes("\n  start "), root.stdout);
  for (const name of ["start", "status", "logs"]) {
    await t.step(`reeve help ${name}`, async () => {
      const { code, stdout } = await place.run(`help ${name}`);
      assertEquals(code, 0);
      assert(stdout.startsWith("USAGE\n  reeve "), stdout);
    });
  }
  await t.step("completion knows services and flags", async () => {
    await place.settings(twoServices(place.port));
    const of = async (words: string) =>
      (await place.run(`__complete -- ${words}`)).stdout.trim().split("\n");
    assertEquals(await of("stop w"), ["web"]);
    assertEquals(await of("status --onc"), ["--once"]);
    assert((await of("sto")).includes("stop-all"));
  });
});
