/** Dependencies in containers, with a program that stands in for Docker. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DependencyWorld } from "#support/dependency_world.ts";
import { startRedis } from "#support/redis_server.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { KnownError } from "../../src/errors.ts";
import { lookAtEngine } from "../../src/environment/provisioners/docker_cli.ts";
import type { ProvisionedUnit } from "../../src/environment/provisioners/provisioner.ts";
import type { DependencyId } from "../../src/environment/service_keys.ts";

// The C library stays open for the life of a process: opened here, it is no
// resource that a test appears to leak.
await denoHost.processes.listeners({ first: 1, end: 2 });

type ContainerUnit = Extract<ProvisionedUnit, { readonly kind: "container" }>;

interface Container {
  readonly id: string;
  readonly labels: Record<string, string>;
  readonly isRunning: boolean;
}

/** A world whose Docker is ours. */
class DockerWorld extends DependencyWorld {
  static async open(): Promise<DockerWorld> {
    const made = await Deno.makeTempDir({ prefix: "reeve-docker-" });
    const directory = await Deno.realPath(made);
    const program = new URL("../programs/fake_docker.ts", import.meta.url);
    await Deno.writeTextFile(
      `${directory}/docker`,
      `#!/bin/sh\nexec '${Deno.execPath()}' run --quiet --no-config ` +
        `--allow-all '${program.pathname}' '${directory}' "$@"\n`,
      { mode: 0o755 },
    );
    return new DockerWorld(directory, {
      "PATH": `${directory}:/usr/bin:/bin`,
      "HOME": directory,
    });
  }

  put(name: string, value: unknown): void {
    Deno.writeTextFileSync(`${this.directory}/${name}`, JSON.stringify(value));
  }

  get containers(): Container[] {
    try {
      return JSON.parse(
        Deno.readTextFileSync(`${this.directory}/containers.json`),
      );
    } catch {
      return [];
    }
  }

  get calls(): { args: string[]; env: Record<string, string> }[] {
    return Deno.readTextFileSync(`${this.directory}/calls.jsonl`).trim()
      .split("\n").map((line) => JSON.parse(line));
  }

  async run(id: DependencyId, port: number, timeoutMs = 60_000) {
    return await this.bring(
      { id, mode: "container", ports: { primary: port } },
      timeoutMs,
    );
  }
}

function unitOf(
  { start }: Awaited<ReturnType<DockerWorld["run"]>>,
): ContainerUnit {
  if (start.kind === "failed") throw new Error(start.reason);
  if (start.unit.kind !== "container") throw new Error(start.unit.kind);
  return start.unit;
}

Deno.test("a container carries its labels and listens on loopback only", async () => {
  await using world = await DockerWorld.open();
  await using inside = await startRedis();
  const unit = unitOf(await world.run("redis", inside.port));
  const [container] = world.containers;
  assertEquals(container?.id, unit.container.id);
  assertEquals(container?.labels, {
    "dev.reeve.scope": "repo-0123456789ab",
    "dev.reeve.project": "Main",
    "dev.reeve.unit": "redis",
    "dev.reeve.token": unit.container.token,
  });
  const create = world.calls.find(({ args }) => args[0] === "create");
  assert(create?.args.includes(`127.0.0.1:${inside.port}:6379`));
  assertEquals(create?.args.slice(-4), [
    "redis:7-alpine",
    "redis-server",
    "--appendonly",
    "yes",
  ]);
});

Deno.test("a secret is in no command line", async () => {
  await using world = await DockerWorld.open();
  // Nobody answers as PostgreSQL, so it fails, and nothing stays.
  const { start } = await world.run("postgres", world.freePort(), 1);
  assertEquals(start.kind, "failed");
  assertEquals(world.containers, []);
  const path = `${world.directory}/data/postgres/password`;
  const password = (await Deno.readTextFile(path)).trim();
  const create = world.calls.find(({ args }) => args[0] === "create");
  assertEquals(create?.env["POSTGRES_PASSWORD"], password);
  assert(
    !JSON.stringify(world.calls.map(({ args }) => args)).includes(password),
  );
});

Deno.test("an image that is not there is fetched first", async () => {
  await using world = await DockerWorld.open();
  await using inside = await startRedis();
  world.put("images.json", 1);
  unitOf(await world.run("redis", inside.port));
  const verbs = world.calls.map(({ args }) => args[0]);
  assert(verbs.indexOf("pull") > 0);
  assert(verbs.indexOf("pull") < verbs.indexOf("create"));
});

Deno.test("the same container is used again, running or not", async () => {
  await using world = await DockerWorld.open();
  await using inside = await startRedis();
  const first = unitOf(await world.run("redis", inside.port));
  assertEquals(unitOf(await world.run("redis", inside.port)), first);
  world.put(
    "containers.json",
    world.containers.map((each) => ({ ...each, isRunning: false })),
  );
  assertEquals(unitOf(await world.run("redis", inside.port)), first);
  assert(world.containers[0]?.isRunning);
});

Deno.test("another port makes another container", async () => {
  await using world = await DockerWorld.open();
  await using one = await startRedis();
  await using two = await startRedis();
  const first = unitOf(await world.run("redis", one.port));
  const second = unitOf(await world.run("redis", two.port));
  assert(first.container.id !== second.container.id);
  assertEquals(world.containers.map(({ id }) => id), [second.container.id]);
});

Deno.test("a port that cannot be published gives way to the next", async () => {
  await using world = await DockerWorld.open();
  await using stranger = await startRedis();
  await using inside = await startRedis();
  world.put("busy.json", [String(stranger.port)]);
  world.freePort = () => inside.port;
  const { start } = await world.run("redis", stranger.port);
  assert(start.kind === "ready");
  assertEquals([start.retries, start.ports], [1, { primary: inside.port }]);
  assertEquals(world.containers.length, 1);
});

Deno.test("after eight other ports it is over, and nothing stays", async () => {
  await using world = await DockerWorld.open();
  await using stranger = await startRedis();
  world.put("busy.json", [String(stranger.port)]);
  world.freePort = () => stranger.port;
  const { start } = await world.run("redis", stranger.port);
  assert(start.kind === "failed");
  assertEquals(start.failure, "bind_conflict_retryable");
  assertEquals(start.retries, 8);
  assertMatch(start.reason, /docker start failed: .*already allocated/);
  assertEquals(world.containers, []);
});

Deno.test("the end removes exactly that container", async () => {
  await using world = await DockerWorld.open();
  await using inside = await startRedis();
  const tried = await world.run("redis", inside.port);
  const other = {
    id: "f".repeat(64),
    name: "other",
    labels: {},
    ports: [],
    isRunning: true,
  };
  world.put("containers.json", [...world.containers, other]);
  const unit = unitOf(tried);
  assert(await tried.provisioner.isAlive(unit));
  assertEquals((await tried.provisioner.stop(unit)).kind, "confirmed");
  assertEquals(world.containers.map(({ id }) => id), [other.id]);
  assert(!await tried.provisioner.isAlive(unit));
  // What is gone already is no trouble.
  assertEquals((await tried.provisioner.stop(unit)).kind, "confirmed");
});

Deno.test.each(
  [
    ["another token", { "dev.reeve.token": "another" }],
    ["another scope", { "dev.reeve.scope": "repo-ba9876543210" }],
    ["another project", { "dev.reeve.project": "feature" }],
    ["another unit", { "dev.reeve.unit": "postgres" }],
  ] as const,
)("a container with %s is left alone", async (_, labels) => {
  await using world = await DockerWorld.open();
  await using inside = await startRedis();
  const tried = await world.run("redis", inside.port);
  const [own] = world.containers;
  assert(own !== undefined);
  const changed = { ...own, labels: { ...own.labels, ...labels } };
  world.put("containers.json", [changed]);
  const end = await tried.provisioner.stop(unitOf(tried));
  assert(end.kind === "unconfirmed");
  assertMatch(end.reason, /other labels/);
  assertEquals<unknown>(world.containers, [changed]);
  assert(
    world.calls.every(({ args }) => !/^(?:stop|rm|kill)$/.test(args[0] ?? "")),
  );
});

Deno.test("two containers that claim the same are a person's matter", async () => {
  await using world = await DockerWorld.open();
  await using inside = await startRedis();
  await world.run("redis", inside.port);
  const [own] = world.containers;
  world.put("containers.json", [own, { ...own, id: "e".repeat(64) }]);
  const error = await assertRejects(
    () => world.run("redis", inside.port),
    KnownError,
  );
  assertMatch(error.message, /2 containers claim to be/);
  assertEquals(world.containers.length, 2);
});

Deno.test("an engine that does not answer is said so", async () => {
  await using world = await DockerWorld.open();
  world.put("down", "yes");
  const engine = await lookAtEngine(world.host);
  assert(engine.kind === "down");
  assertMatch(engine.reason, /Cannot connect/);
  const error = await assertRejects(() => world.run("redis", 1), KnownError);
  assertMatch(error.message, /Docker does not answer \(Cannot connect/);
});

Deno.test("while the engine is down nothing counts as ended", async () => {
  await using world = await DockerWorld.open();
  await using inside = await startRedis();
  const tried = await world.run("redis", inside.port);
  world.put("down", "yes");
  const end = await tried.provisioner.stop(unitOf(tried));
  assertEquals(end.kind, "unconfirmed");
});
