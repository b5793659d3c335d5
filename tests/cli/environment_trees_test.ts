import { assert, assertEquals } from "@std/assert";
import {
  makeEnvironmentPlace,
  makeTree,
  twoServices,
} from "./environment_place.ts";

const isPosix = Deno.build.os !== "windows";

Deno.test({
  name: "reeve start of worktrees side by side with the main checkout",
  ignore: !isPosix,
  async fn(t) {
    await using place = await makeEnvironmentPlace();
    await place.settings(twoServices(place.port));
    await makeTree(place, "red");
    await makeTree(place, "blue");
    let predicted: Readonly<Record<string, number>> = {};
    await t.step("the list tells ports that do not collide", async () => {
      const { projects } = await place.json("list-trees", 0);
      assertEquals(
        projects.map(({ name }: { name: string }) => name),
        ["blue", "red"],
      );
      const main = (await place.json("list-targets", 0)).projects[0];
      const ports = [...projects, main].flatMap(
        ({ ports }: { ports: Readonly<Record<string, number>> }) =>
          Object.values(ports),
      );
      assertEquals(new Set(ports).size, 6);
      predicted = projects[0].ports;
    });
    await t.step("a line without a name starts nothing", async () => {
      const { code, stderr } = await place.run("start --trees");
      assertEquals(code, 1);
      assert(/blue, red/.test(stderr), stderr);
    });
    await t.step("main and one worktree run at the same time", async () => {
      await place.json("start", 0);
      const { run } = await place.json("start --trees --project blue", 0);
      const ports = Object.fromEntries(
        run.units.map(({ id, port }: { id: string; port: number }) => [
          id,
          port,
        ]),
      );
      assertEquals(ports, predicted, "what was shown is what was given");
      assertEquals((await place.json("status", 0)).runs.length, 2);
      assertEquals((await place.json("status --main", 0)).runs.length, 1);
      const { project } = await place.json("endpoints --trees --all", 0);
      assertEquals(project, "blue");
    });
    await t.step("stop of the one leaves the other", async () => {
      const { stopped } = await place.json("stop --trees", 0);
      assertEquals(stopped.toSorted(), ["blue Api", "blue Web"]);
      const { overall, units } = await place.json("health", 0);
      assertEquals([overall, units.length], ["healthy", 2]);
    });
  },
});
