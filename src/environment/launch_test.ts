import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FakeWorld, type OnSpawn } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { HostError, type HostErrorCode } from "../host/host.ts";
import {
  type LaunchJournal,
  type LaunchPlan,
  launchUnit,
  UNSEEN_START,
} from "./launch.ts";

const PLAN: LaunchPlan = {
  name: "Main backend",
  marker: "repo-00000000000a.run.backend.0",
  command: ["node", "server.js"],
  env: { "PATH": "/bin", "REEVE_UNIT": "inherited" },
  cwd: "/shop",
  logPath: "/logs/backend.log",
};

function open(onSpawn: OnSpawn = () => ({})) {
  const world = new FakeWorld({ onSpawn });
  const host = world.host({ pid: 900 });
  world.disk.putDirectory("/shop");
  const seen: string[] = [];
  const journal: LaunchJournal = {
    intended() {
      seen.push(`intended with ${world.services.length} services`);
      return Promise.resolve();
    },
    spawned(_, { pid, startStamp }) {
      seen.push(`spawned ${pid} ${startStamp}`);
      return Promise.resolve();
    },
    refused(_, reason) {
      seen.push(`refused: ${reason}`);
      return Promise.resolve();
    },
  };
  return { world, host, seen, journal };
}

Deno.test("a start is written down before and after it", async () => {
  const { world, host, seen, journal } = open();
  const { identity } = await launchUnit(host, PLAN, journal);
  assertEquals(seen, [
    "intended with 0 services",
    `spawned ${identity.pid} ${identity.startStamp}`,
  ]);
  const { bootId, pidNamespace } = world.machine;
  const { marker } = PLAN;
  assertEquals(identity, {
    pid: identity.pid,
    startStamp: world.table.find(identity.pid)?.startStamp ?? "",
    bootId,
    pidNamespace,
    marker,
  });
});

Deno.test("a unit gets exactly its variables and its own marker", async () => {
  const { world, host, journal } = open();
  await launchUnit(host, PLAN, journal);
  const env = { "PATH": "/bin", "REEVE_UNIT": PLAN.marker };
  assertEquals(world.services.map((one) => one.env), [env]);
});

Deno.test("nothing is started that cannot be written down", async () => {
  const { world, host, journal } = open();
  const full = () => Promise.reject(new HostError("no_space", "/state"));
  await assertRejects(
    () => launchUnit(host, PLAN, { ...journal, intended: full }),
    HostError,
  );
  assertEquals(world.services, []);
});

Deno.test("a process that has ended already is taken for nobody", async () => {
  const { world, host, journal } = open(() => ({
    run: () => Promise.resolve(1),
  }));
  world.hideProcess(5000);
  const { identity, exited } = await launchUnit(host, PLAN, journal);
  assertEquals(identity.startStamp, UNSEEN_START);
  assertEquals(await exited, 1);
});

Deno.test.each([
  { text: "says nothing", fails: false },
  { text: "is refused", fails: true },
])(
  "what was started is ended at once when a look at it $text",
  async ({ fails }) => {
    const { world, host, seen, journal } = open();
    world.hideProcess(5000, "too many files");
    const { inspect } = host.processes;
    const refusal = new HostError("too_many_files", "/proc");
    Object.assign(host.processes, {
      inspect: (pids: readonly number[]) =>
        fails ? Promise.reject(refusal) : inspect(pids),
    });
    const starting = launchUnit(host, PLAN, journal);
    const failing = assertRejects(
      () => starting,
      Error,
      fails ? "too many files" : "process 5000: too many files",
    );
    await world.advance(5000);
    await failing;
    assertEquals(world.table.find(5000), undefined);
    assertEquals(seen, ["intended with 0 services"]);
  },
);

const START = "Cannot start Main backend \\(node in /shop\\): ";

Deno.test.each<{ code: HostErrorCode; subject: string; message: string }>([
  { code: "not_found", subject: "node", message: "there is no program node$" },
  {
    code: "permission_denied",
    subject: "node",
    message: "node may not be run$",
  },
  {
    code: "not_found",
    subject: "/shop",
    message: "there is no such directory$",
  },
  {
    code: "not_a_directory",
    subject: "/shop",
    message: "its directory is unusable: not a directory$",
  },
  {
    code: "no_space",
    subject: "/logs/backend.log",
    message: "/logs/backend.log: no space$",
  },
  { code: "too_many_files", subject: "node", message: "node: too many files$" },
])("a start that fails with $code of $subject says so", async (row) => {
  const { host, seen, journal } = open(() =>
    new HostError(row.code, row.subject)
  );
  const error = await assertRejects(
    () => launchUnit(host, PLAN, journal),
    KnownError,
  );
  assertEquals(error.code, "start_failed");
  assertMatch(error.message, new RegExp(START + row.message));
  assert(error.hint !== undefined);
  assertEquals(seen.at(-1), `refused: ${error.message}`);
});

Deno.test("a variable that no shell can hold is refused", async () => {
  const { host, seen, journal } = open();
  const env = { "MY-NAME": "x" };
  const error = await assertRejects(
    () => launchUnit(host, { ...PLAN, env }, journal),
    KnownError,
  );
  assertMatch(error.message, /"MY-NAME" is no name of a variable/);
  assertEquals(seen, []);
});
