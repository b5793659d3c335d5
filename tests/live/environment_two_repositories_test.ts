/** Two repositories of one person that start at the same time. */

import { assert, assertEquals } from "@std/assert";
import {
  type EnvironmentWorld,
  makeEnvironmentWorld,
  serviceOf,
  unitCommand,
} from "#support/environment_world.ts";
import { freePorts } from "#support/unit_world.ts";

const PROGRAM = new URL(
  "../programs/starts_environment.ts",
  import.meta.url,
).pathname;

const ROUNDS = 3;

async function startElsewhere(
  { root }: EnvironmentWorld,
  home: string,
): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", PROGRAM, root],
    env: { "REEVE_HOME": home },
    stdin: "null",
    stderr: "inherit",
  }).output();
  assert(success);
}

Deno.test("two repositories with the same ports start side by side", async () => {
  await using one = await makeEnvironmentWorld();
  await using other = await makeEnvironmentWorld({ "REEVE_HOME": one.home });
  const worlds = [one, other];
  const [api = 0, web = 0] = freePorts(2);
  for (const world of worlds) {
    await world.settings({
      "REEVE_SERVICES": "api,web",
      "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
      "REEVE_SERVICE_API_PORT": String(api),
      "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}"),
      "REEVE_SERVICE_WEB_PORT": String(web),
    });
  }
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(worlds.map((world) => startElsewhere(world, one.home)));
    const runs = (await Promise.all(worlds.map((world) => world.look())))
      .flat();
    assertEquals(
      runs.flatMap(({ units }) => units.map(({ truth }) => truth.status)),
      ["running", "running", "running", "running"],
    );
    const ports = runs.flatMap(({ run }) =>
      ["api", "web"].map((slug) => serviceOf(run, slug).actualPort)
    );
    assertEquals(new Set(ports).size, 4, ports.join());
    assert(ports.includes(api) && ports.includes(web), ports.join());
    assertEquals((await one.stop()).kept, []);
    // What one of them stops is none of the other's business.
    assertEquals((await other.running()).length, 2);
    assertEquals((await other.stop()).kept, []);
  }
});
