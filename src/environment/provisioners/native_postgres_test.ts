import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createFakeHost, ended, type FakeHost } from "#support/fake_host.ts";
import { KnownError } from "../../errors.ts";
import { DEPENDENCIES } from "../dependency_registry.ts";
import { nativePostgres } from "./native_postgres.ts";
import type { ProvisionContext, ProvisionPlan } from "./provisioner.ts";

const DATA = "/state/data/postgres";
const PROGRAM = "/usr/lib/postgresql/15/bin/postgres";

interface Machine {
  /** Version of each program. */
  readonly versions?: Readonly<Record<string, string>>;
  /** What `initdb` gives. */
  readonly initdb?: ReturnType<typeof ended>;
}

function machine({ versions, initdb }: Machine = {}): FakeHost {
  const host = createFakeHost();
  host.world.disk.put(PROGRAM, "", { mode: 0o755 });
  host.world.onRun = ({ executable, args }) => {
    if (args[0] === "--version") {
      const version = (versions ?? { [PROGRAM]: "15.18" })[executable];
      return version === undefined
        ? { kind: "missing" }
        : ended(0, `postgres (PostgreSQL) ${version} (Debian)\n`);
    }
    if (executable.endsWith("/initdb") && initdb !== undefined) return initdb;
    if (executable.endsWith("/initdb")) {
      host.world.disk.put(`${args[1]}/PG_VERSION`, "15\n");
    }
    return ended(0);
  };
  return host;
}

async function plan(
  host: FakeHost,
): Promise<Extract<ProvisionPlan, { readonly kind: "process" }>> {
  const definition = DEPENDENCIES.postgres;
  const context: ProvisionContext = {
    definition,
    choice: {
      id: "postgres",
      mode: "native",
      ports: {},
      url: undefined,
      command: [],
      isShared: false,
      modes: [],
    },
    scope: "repo-0123456789ab",
    project: "Main",
    projectRoot: "/code",
    ports: { primary: 6000 },
    dataDirectory: DATA,
    logPath: "/log",
    baseEnv: { "PATH": "/bin" },
    program: PROGRAM,
  };
  const never = () => Promise.reject(new Error("not here"));
  const owner = { launch: never, end: never, isAlive: never, ownerOf: never };
  const planned = await nativePostgres(host, definition, owner).plan(context);
  if (planned.kind !== "process") throw new Error(planned.kind);
  return planned;
}

function namesIn(host: FakeHost): Promise<readonly string[]> {
  return host.files.list(DATA);
}

Deno.test("a new cluster is made once, with its password by its input", async () => {
  const host = machine();
  const first = await plan(host);
  assertEquals(await namesIn(host), ["cluster", "password"]);
  const { password } = first.endpoint;
  assert(password !== undefined && password.length === 48);
  const single = host.world.runs.find(({ args }) => args[0] === "--single");
  assertEquals(
    single?.input,
    `ALTER ROLE "postgres" PASSWORD '${password}';\n`,
  );
  const words = host.world.runs.flatMap(({ args }) => args);
  assert(!words.some((word) => word.includes(password)));
  const count = host.world.runs.length;
  const second = await plan(host);
  assertEquals(second.endpoint.password, password);
  assertEquals(host.world.runs.length, count + 1);
});

Deno.test("it listens on one port of 127.0.0.1 and on no socket", async () => {
  const { command, endpoint } = await plan(machine());
  assertEquals(command.command, [
    PROGRAM,
    ...["-D", `${DATA}/cluster`, "-p", "6000"],
    ...["-c", "listen_addresses=127.0.0.1"],
    ...["-c", "unix_socket_directories="],
    ...["-c", "logging_collector=off"],
    ...["-c", "log_destination=stderr"],
  ]);
  assertEquals(endpoint.ports, { primary: 6000 });
});

Deno.test("a lock is overcome once its server only waits to be reaped", async () => {
  const host = machine();
  await plan(host);
  const { pid } = host.world.addProcess({ executable: PROGRAM });
  const lock = `${DATA}/cluster/postmaster.pid`;
  host.world.disk.put(lock, `${pid}\n${DATA}/cluster\n`);
  assertEquals((await plan(host)).command.env, { "PATH": "/bin" });
  host.world.endProcess(pid, { zombie: true });
  const { env } = (await plan(host)).command;
  assertEquals(env, { "PATH": "/bin", "PG_GRANDPARENT_PID": String(pid) });
  assertMatch(await host.files.readText(lock), new RegExp(`^${pid}\n`));
});

Deno.test("a cluster that could not be made is not there", async () => {
  const host = machine({
    initdb: ended(1, "", "initdb: error: no space left\nhint\n"),
  });
  const error = await assertRejects(() => plan(host), KnownError);
  assertEquals<string>(error.code, "start_failed");
  assertMatch(error.message, /initdb: error: no space left$/);
  assert(!(await namesIn(host)).includes("cluster"));
});

Deno.test("data of another version takes the program of that version", async () => {
  const other = "/usr/lib/postgresql/14/bin/postgres";
  const host = machine({ versions: { [PROGRAM]: "15.18", [other]: "14.2" } });
  host.world.disk.put(other, "", { mode: 0o755 });
  await plan(host);
  host.world.disk.put(`${DATA}/cluster/PG_VERSION`, "14\n");
  const { command } = await plan(host);
  assertEquals(command.command[0], other);
});

Deno.test("data of a version that is not there is left alone", async () => {
  const host = machine();
  await plan(host);
  host.world.disk.put(`${DATA}/cluster/PG_VERSION`, "14\n");
  const before = host.world.writes.length;
  const error = await assertRejects(() => plan(host), KnownError);
  assertMatch(error.message, /PostgreSQL 14, and .* is PostgreSQL 15$/);
  assertEquals(host.world.writes.length, before);
});

Deno.test.each(
  [
    ["password", /password of the database .* is gone/],
    ["cluster/PG_VERSION", /is no data directory of PostgreSQL/],
  ] as const,
)("without its %s the data is not touched", async (name, message) => {
  const host = machine();
  await plan(host);
  await host.files.remove(`${DATA}/${name}`);
  const count = host.world.runs.length;
  const error = await assertRejects(() => plan(host), KnownError);
  assertEquals<string>(error.code, "damaged_file");
  assertMatch(error.message, message);
  const more = host.world.runs.slice(count).flatMap(({ args }) => args);
  assert(more.every((word) => word === "--version"), `${more}`);
});

Deno.test("a password that is none is neither used nor replaced", async () => {
  const host = machine();
  await plan(host);
  host.world.disk.put(`${DATA}/password`, "'; DROP ROLE postgres; --");
  const error = await assertRejects(() => plan(host), KnownError);
  assertMatch(error.message, /holds no password$/);
});

Deno.test("what a crash has left is removed, and nothing else", async () => {
  const host = machine();
  const kept = ["init-0123456789ABCDEF", "init-0123", "initial", "mine"];
  for (const name of [...kept, "init-0123456789abcdef"]) {
    host.world.disk.putDirectory(`${DATA}/${name}`);
  }
  await plan(host);
  const removed = host.world.runs.filter(({ executable }) =>
    executable === "rm"
  );
  assertEquals(removed.map(({ args }) => args), [
    ["-rf", "--", `${DATA}/init-0123456789abcdef`],
  ]);
});
