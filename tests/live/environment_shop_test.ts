/** The example shop from a fresh clone: up, killed, resumed, and down again. */

import { assert, assertEquals } from "@std/assert";
import { git, makeShop, numberOf, type Shop } from "#support/shop.ts";

const isPosix = Deno.build.os !== "windows";

/** What a front end shows when these are all orders: `1: 2 × Teapot`. */
function ordersOn(page: string): readonly string[] {
  return [...page.matchAll(/<li>Order (.*?)<\/li>/g)].map(([, one = ""]) =>
    one
  );
}

/** Kills a command as soon as it has said these words. */
async function killAt(shop: Shop, line: string, words: string): Promise<void> {
  const child = shop.begin(line);
  let seen = "";
  for await (
    const text of child.stderr.pipeThrough(new TextDecoderStream())
  ) {
    const wasSeen = seen.includes(words);
    seen += text;
    if (!wasSeen && seen.includes(words)) child.kill("SIGKILL");
  }
  const { signal } = await child.status;
  assertEquals(signal, "SIGKILL", `${line} was killed at “${words}”: ${seen}`);
}

Deno.test({
  name: "the shop comes up with one command, survives every kill and stops " +
    "to nothing",
  ignore: !isPosix,
  async fn(t) {
    await using shop = await makeShop();
    const orders = ["1: 2 × Teapot"];
    await t.step("its own settings are well kept", async () => {
      for (const words of [["fmt", "--check"], ["lint"], ["check"]]) {
        const { success, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [...words, "--quiet", "."],
          cwd: shop.root,
          stdin: "null",
          stdout: "null",
        }).output();
        assert(success, new TextDecoder().decode(stderr));
      }
    });
    await t.step("one command brings it up", async () => {
      const { stdout } = await shop.ok("start");
      assert(stdout.includes("Frontend  running"), stdout);
    });
    const front = numberOf(await shop.units(), "Main frontend", "port");
    const database = numberOf(await shop.units(), "Main postgres", "port");
    await t.step("an order of the front end is in the database", async () => {
      await shop.order(front, 1, 2);
      assertEquals(ordersOn(await shop.page(front)), orders);
      assertEquals(
        await shop.query(database, "select product_id, quantity from orders"),
        "1|2",
      );
    });
    for (const name of ["Main backend", "Main frontend", "Main postgres"]) {
      await t.step(`${name} is killed and comes back alone`, async () => {
        const before = await shop.units();
        const pid = numberOf(before, name, "pid");
        Deno.kill(pid, "SIGKILL");
        assertEquals((await shop.run("health")).code, 1);
        await shop.ok("resume");
        const after = await shop.units();
        for (const [one, { pid, port, status }] of before) {
          const now = after.get(one);
          assertEquals([now?.port, now?.status], [port, status], one);
          assertEquals(now?.pid === pid, one !== name || pid === null, one);
        }
        await shop.ok("health");
        assertEquals(ordersOn(await shop.page(front)), orders);
      });
    }
    for (
      const words of [
        "Main postgres is starting",
        "Main Migrate is starting",
        "Main Backend is starting",
        "Main Frontend is starting",
      ]
    ) {
      await t.step(`a start is killed when ${words}`, async () => {
        await shop.ok("stop");
        await killAt(shop, "start", words);
        await shop.ok("start");
        const units = await shop.units();
        assertEquals(numberOf(units, "Main frontend", "port"), front);
        assertEquals(ordersOn(await shop.page(front)), orders);
      });
    }
    await t.step("a stop is killed in the middle", async () => {
      await killAt(shop, "stop", "Main Frontend is stopping");
      await shop.ok("start");
      assertEquals(ordersOn(await shop.page(front)), orders);
    });
    await t.step("it stops to nothing, and its data stay", async () => {
      assert((await shop.running()).length >= 3);
      await shop.ok("stop");
      assertEquals(await shop.running(), []);
      assertEquals(shop.listening(), []);
      await shop.ok("start");
      assertEquals(ordersOn(await shop.page(front)), orders);
      await shop.order(front, 3, 5);
      await shop.ok("stop");
      assertEquals([await shop.running(), shop.listening()], [[], []]);
    });
  },
});

Deno.test({
  name: "two worktrees of the shop have ports and databases of their own",
  ignore: !isPosix,
  async fn() {
    await using shop = await makeShop();
    const projects = ["blue", "green"];
    for (const branch of projects) {
      const tree = `trees/${branch}`;
      await git(shop.root, "worktree", "add", "--quiet", "-b", branch, tree);
    }
    await shop.ok("start --trees --all");
    const units = await shop.units("status --trees --json");
    const fronts = projects.map((one) =>
      numberOf(units, `${one} frontend`, "port")
    );
    const databases = projects.map((one) =>
      numberOf(units, `${one} postgres`, "port")
    );
    assertEquals(new Set([...fronts, ...databases]).size, 4);
    await Promise.all(
      fronts.map((port, at) => shop.order(port, 1, 10 + at)),
    );
    for (const [at, project] of projects.entries()) {
      assertEquals(ordersOn(await shop.page(fronts[at] ?? 0)), [
        `1: ${10 + at} × Teapot`,
      ]);
      assertEquals(
        await shop.query(
          databases[at] ?? 0,
          "select quantity from orders",
          project,
        ),
        String(10 + at),
      );
    }
    const own = units.get("green backend")?.pid;
    await shop.ok("stop --trees --project blue");
    const left = await shop.units("status --trees --json");
    assertEquals(left.get("green backend")?.pid, own);
    assertEquals(ordersOn(await shop.page(fronts[1] ?? 0)).length, 1);
    await shop.ok("stop --trees");
    assertEquals([await shop.running(), shop.listening()], [[], []]);
  },
});
