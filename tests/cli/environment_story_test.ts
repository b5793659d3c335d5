import { assert, assertEquals } from "@std/assert";
import { waitUntil } from "#support/wait_until.ts";
import {
  commitAll,
  makeEnvironmentPlace,
  twoServices,
  unitCommand,
  unitIn,
} from "./environment_place.ts";

const isPosix = Deno.build.os !== "windows";

Deno.test({
  name: "reeve start, status, health, logs, restart and stop of two services",
  ignore: !isPosix,
  async fn(t) {
    await using place = await makeEnvironmentPlace();
    const { port } = place;
    await place.settings(twoServices(port));
    await t.step("a preview says what a start will do", async () => {
      const preview = await place.json("preflight", 0);
      const [main] = preview.projects;
      assertEquals(
        main.ports.map(({ assigned }: { assigned: number }) => assigned),
        [port, port + 1],
      );
      assert(!(await place.json("show-state", 1)).found);
      const targets = await place.json("list-targets", 0);
      assertEquals(targets.projects[0].ports, { api: port, web: port + 1 });
      assert(!targets.projects[0].running);
    });
    let pids: number[] = [];
    await t.step("a start brings both up", async () => {
      const started = await place.run("start");
      assertEquals(started.code, 0, started.stderr);
      const [first, second] = started.stdout.split("\n");
      assert(/^run_id: run-\d{14}-[0-9a-f]{8}$/.test(first ?? ""), first);
      assertEquals(second, "Started.");
      assert(started.stdout.includes(`http://localhost:${port + 1}`));
      assert(/^✓ Main Api is ready/m.test(started.stderr), started.stderr);
      assert(!started.stderr.includes("\u001b"), "no drawing without terminal");
    });
    await t.step("status, health and endpoints tell of it", async () => {
      const status = await place.json("status", 0);
      assertEquals([status.overall, status.runs.length], ["healthy", 1]);
      pids = ["api", "web"].map((id) => unitIn(status, id).pid);
      assertEquals(new Set(pids).size, 2);
      const text = (await place.run("status")).stdout;
      for (const pid of pids) assert(text.includes(` ${pid} `), text);
      const health = await place.json("health", 0);
      assertEquals([health.ok, health.counts.fine], [true, 2]);
      const endpoints = await place.json("endpoints", 0);
      assertEquals(
        endpoints.services.map(({ url }: { url: string }) => url),
        [port, port + 1].map((one) => `http://localhost:${one}`),
      );
      const targets = await place.json("list-targets", 0);
      assertEquals(targets.projects[0].running_units, ["Main Api", "Main Web"]);
      assertEquals((await place.json("show-state", 0)).runs.length, 1);
      assert((await place.json("errors", 0)).ok);
    });
    await t.step(
      "logs show what was written, until they are emptied",
      async () => {
        assertEquals(
          (await place.run("logs api --tail 1")).stdout,
          "listening\n",
        );
        const logs = await place.json("logs", 0);
        assertEquals(unitIn(logs, "web").lines, ["listening"]);
        const line = "logs --follow --tail 1 --duration 1 --json";
        const { stdout } = await place.run(line);
        for (const one of stdout.trim().split("\n")) {
          place.checker.check(one, line);
        }
        const cleared = await place.json("clear-logs web", 0);
        assertEquals(cleared.units.length, 1);
        assertEquals(unitIn(cleared, "web").outcome, "cleared");
        const after = await place.json("logs", 0);
        assertEquals(unitIn(after, "web").size_bytes, 0);
        assertEquals(unitIn(after, "api").lines, ["listening"]);
      },
    );
    await t.step("a second start goes on with what runs", async () => {
      const again = await place.json("start", 0);
      assertEquals(again.outcome, "resumed");
      assertEquals(["api", "web"].map((id) => unitIn(again, id).pid), pids);
    });
    await t.step("who has died is seen, and alone comes back", async () => {
      Deno.kill(pids[0] ?? 0, "SIGKILL");
      await waitUntil("api has ended", async () => {
        const { critical_failures: bad } = await place.json("health", 1);
        return bad.length === 1 && bad[0] === "Main Api";
      });
      const dead = await place.json("endpoints", 1);
      assertEquals(dead.services[0].url, null, "no address of a dead one");
      const resumed = await place.json("resume", 0);
      assertEquals(unitIn(resumed, "web").pid, pids[1]);
      assert(unitIn(resumed, "api").pid !== pids[0]);
    });
    await t.step("a restart of one leaves the pid of the other", async () => {
      const before = await place.json("status", 0);
      const after = await place.json("restart web", 0);
      assertEquals(unitIn(after, "api").pid, unitIn(before, "api").pid);
      assert(unitIn(after, "web").pid !== unitIn(before, "web").pid);
      assertEquals(unitIn(after, "web").port, port + 1);
    });
    await t.step("an unmatched selector stops nothing", async () => {
      const { code, stderr } = await place.run("stop nothing-like-this");
      assertEquals(code, 1);
      assert(stderr.includes("nothing-like-this"), stderr);
      assertEquals((await place.json("status", 0)).overall, "healthy");
    });
    await t.step("stop ends one, then all", async () => {
      const before = await place.json("status", 0);
      const one = await place.json("stop web", 0);
      assertEquals(one.stopped, ["Main Web"]);
      const status = await place.json("status", 0);
      assertEquals(unitIn(status, "web").status, "stopped");
      assertEquals(unitIn(status, "api").pid, unitIn(before, "api").pid);
      const all = await place.json("stop-all", 0);
      assertEquals(all.stopped, ["Main Api"]);
      // Nobody listens there any more.
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      assertEquals((await place.json("stop", 0)).stopped, []);
      assertEquals((await place.json("status", 0)).runs, []);
    });
    await t.step("every document was printed, as its schema says", async () => {
      await place.json("show-config", 0);
      await place.json("list-commands", 0);
      await place.json("debug-last", 1);
      const { path } = await place.json("debug-pack", 0);
      assertEquals((await place.json("debug-last", 0)).path, path);
      await place.json("debug-report --output-dir .", 0);
      assert((await place.json("doctor", 0)).ok);
      await place.json("doctor --repair", 0);
      await place.json("config DEFAULT_MODE=trees --dry-run", 0);
      await Deno.mkdir(`${place.root}/plans/shop`, { recursive: true });
      await Deno.writeTextFile(`${place.root}/plans/shop/cart.md`, "# Cart\n");
      await commitAll(place);
      await place.json("plan cart --dry-run", 0);
      await place.json("ensure-worktree extra 1 --dry-run", 0);
      const unseen = place.checker.unseen.filter((name) =>
        name.startsWith("environment_")
      );
      assertEquals(unseen, []);
    });
  },
});

Deno.test({
  name: "reeve start says why it failed, and what to do",
  ignore: !isPosix,
  async fn() {
    await using place = await makeEnvironmentPlace();
    await place.settings({
      ...twoServices(place.port),
      SERVICE_WEB_CMD: unitCommand("crash no-database 3"),
    });
    const { code, stderr, stdout } = await place.run("start");
    assertEquals(code, 1);
    const [error = "", hint = ""] = stderr.trim().split("\n").slice(-2);
    assert(/^error: .*exit code 3.*no-database.*_web\.log/.test(error), stderr);
    assert(hint.startsWith("hint: "), stderr);
    assert(stdout.endsWith("\nFailed.\n"), stdout);
    const failed = await place.json("start", 1);
    assertEquals([failed.outcome, failed.ok], ["failed", false]);
    assert(failed.failure.includes("no-database"));
    assertEquals(unitIn(failed, "api").pid, null, "what was up is down again");
    const errors = await place.json("errors", 1);
    assertEquals(errors.failed_units.length, 1);
    assertEquals((await place.json("health", 1)).overall, "unhealthy");
  },
});

Deno.test.each(
  [
    { signal: "SIGINT", exit: 2 },
    { signal: "SIGHUP", exit: 2 },
    { signal: "SIGTERM", exit: 143 },
  ] as const,
)(
  "reeve start ends with $exit on $signal and leaves nothing",
  { ignore: !isPosix },
  async ({ signal, exit }) => {
    await using place = await makeEnvironmentPlace();
    await place.settings({
      ...twoServices(place.port),
      SERVICE_WEB_CMD: unitCommand("listen {port} delay=60000"),
    });
    const child = place.begin("start");
    const reader = child.stderr.pipeThrough(new TextDecoderStream());
    let seen = "";
    for await (const text of reader) {
      if (!seen.includes("Main Web is starting")) {
        seen += text;
        if (!seen.includes("Main Web is starting")) continue;
        const { error } = await place.json("stop", 1);
        assertEquals(error.code, "lock_busy", "it is not ended under its feet");
        child.kill(signal);
      } else seen += text;
    }
    const { code } = await child.status;
    await child.stdout.cancel();
    assertEquals(code, exit, seen);
    const status = await place.json("status", 0);
    const alive = status.runs.flatMap((
      { units }: { units: readonly { pid: number | null }[] },
    ) => units.filter(({ pid }) => pid !== null));
    assertEquals(alive, []);
  },
);

Deno.test({
  name: "reeve logs --follow shows new lines until its time is over",
  ignore: !isPosix,
  async fn() {
    await using place = await makeEnvironmentPlace();
    const { port } = place;
    await place.settings(twoServices(port));
    assertEquals((await place.run("start")).code, 0);
    const { code, stdout } = await place.run("logs --follow --duration 1");
    assertEquals(code, 0);
    assert(stdout.includes("==> Main Api <==\nlistening\n"), stdout);
    const child = place.begin("logs api --follow");
    const reader = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const text of reader) {
      if (text.includes("listening")) child.kill("SIGINT");
    }
    await child.stderr.cancel();
    assertEquals((await child.status).code, 2);
  },
});

Deno.test({
  name: "reeve logs --follow --json prints a document a line until Ctrl-C",
  ignore: !isPosix,
  async fn() {
    await using place = await makeEnvironmentPlace();
    await place.settings(twoServices(place.port));
    assertEquals((await place.run("start")).code, 0);
    const api = unitIn(await place.json("logs", 0), "api");
    const child = place.begin("logs --follow --tail 1 --json");
    let text = "";
    for await (
      const part of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      const before = text.split("\n").length;
      text += part;
      const after = text.split("\n").length;
      if (before <= 2 && after > 2) {
        const append = { append: true };
        await Deno.writeTextFile(api.log_path, "\u001b[1mnew\n", append);
      }
      if (after > 3) child.kill("SIGINT");
    }
    await child.stderr.cancel();
    assertEquals((await child.status).code, 2);
    const said = text.trimEnd().split("\n")
      .map((line) => place.checker.check(line, "logs --follow"))
      .map(({ id, line }) => [id, line]);
    assertEquals(said, [
      ["api", "listening"],
      ["web", "listening"],
      ["api", "\u001b[1mnew"],
    ]);
  },
});

Deno.test({
  name: "reeve status tells of a start that is at work, and of a killed one",
  ignore: !isPosix,
  async fn() {
    await using place = await makeEnvironmentPlace();
    await place.settings({
      ...twoServices(place.port),
      SERVICE_WEB_CMD: unitCommand("listen {port} delay=60000"),
    });
    const child = place.begin("start");
    const unfinished = async () => {
      const { at_work: atWork, unfinished } = await place.json("status", 0);
      const ids = unfinished.map(({ id }: { id: string }) => id);
      return [atWork?.pid ?? null, ids.toSorted()];
    };
    await waitUntil(
      "it starts both",
      async () => JSON.stringify(await unfinished()).includes("web"),
      20_000,
    );
    assertEquals(await unfinished(), [child.pid, ["api", "web"]]);
    child.kill("SIGKILL");
    await child.output();
    assertEquals(await unfinished(), [null, ["api", "web"]]);
    assertEquals((await place.run("stop")).code, 0);
    assertEquals(await unfinished(), [null, []]);
  },
});
