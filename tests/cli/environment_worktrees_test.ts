import { assert, assertEquals } from "@std/assert";
import {
  commitAll,
  makeEnvironmentPlace,
  twoServices,
} from "./environment_place.ts";

const isPosix = Deno.build.os !== "windows";

Deno.test({
  name: "reeve plan and reeve ensure-worktree as a person calls them",
  ignore: !isPosix,
  async fn(t) {
    await using place = await makeEnvironmentPlace();
    await place.settings(twoServices(place.port));
    await Deno.mkdir(`${place.root}/plans/shop`, { recursive: true });
    await Deno.writeTextFile(`${place.root}/plans/shop/cart.md`, "# Cart\n");
    await commitAll(place);
    await t.step(
      "a dry run and the real one have the same worktrees",
      async () => {
        const dry = await place.json("ensure-worktree extra 2 --dry-run", 0);
        const made = await place.json("ensure-worktree extra 2", 0);
        assertEquals([dry.created, made.created], [false, true]);
        assertEquals(made.worktree, dry.worktree);
        const kept = await place.run("ensure-worktree extra 2");
        assertEquals(kept.code, 0);
        assert(/^Kept as it is: extra-2\n/.test(kept.stdout), kept.stdout);
      },
    );
    await t.step("a plan is started in its worktree", async () => {
      await place.json("plan cart --dry-run", 0);
      const plan = await place.json("plan cart", 0);
      assertEquals([plan.projects, plan.start.outcome], [
        ["shop_cart-1"],
        "started",
      ]);
      const again = await place.run("plan cart");
      assert(/^Kept as it is: shop_cart-1$/m.test(again.stderr), again.stderr);
      assert(/^Resumed\.$/m.test(again.stdout), again.stdout);
      const shown = await place.json("explain-startup --plan cart", 0);
      assertEquals(shown.projects[0].there.length, 2);
    });
    await t.step("what cannot be is explained", async () => {
      for (
        const [line, code, says] of [
          ["plan", 1, /names no plan\nhint: There are: shop\/cart/],
          ["plan cat", 1, /no plan "cat"\nhint: Did you mean cart\?/],
          ["ensure-worktree ../x", 1, /no name of a feature/],
          ["explain-startup --plan --headless", 1, /names no plan/],
          ["start --setup-worktree extra 2", 1, /--reuse-existing-worktree/],
          ["start --main --setup-worktree a 1", 64, /about worktrees/],
        ] as const
      ) {
        const end = await place.run(line);
        assertEquals([end.code, end.stdout], [code, ""], line);
        assert(says.test(end.stderr), end.stderr);
      }
    });
  },
});
