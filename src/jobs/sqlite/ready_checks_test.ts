import { assert, assertEquals } from "@std/assert";
import { fakeJobs, JOBS_PATH } from "#support/fake_jobs.ts";
import { createFakeHost, type FakeWorld } from "#support/fake_host.ts";
import { createSqliteBackend } from "../sqlite_backend.ts";

const MIB = 1024 * 1024;

const ROWS: readonly {
  readonly what: string;
  readonly change: (world: FakeWorld) => void;
  readonly level: "fail" | "ok" | "warn";
  readonly check: string;
  readonly code?: string;
}[] = [
  { what: "nothing", change: () => {}, level: "ok", check: "disk" },
  {
    what: "600 MiB of room",
    change: (world) => world.freeBytes = 600 * MIB,
    level: "ok",
    check: "disk",
  },
  {
    what: "511 MiB of room",
    change: (world) => world.freeBytes = 511 * MIB,
    level: "warn",
    check: "disk",
  },
  {
    what: "16 MiB of room",
    change: (world) => world.freeBytes = 16 * MIB,
    level: "warn",
    check: "disk",
  },
  {
    what: "15 MiB of room",
    change: (world) => world.freeBytes = 15 * MIB,
    level: "fail",
    check: "disk",
    code: "QUEUE_DISK_LOW",
  },
  {
    what: "a network file system",
    change: (world) => world.isRemote = true,
    level: "fail",
    check: "local file system",
    code: "QUEUE_STORE_REMOTE",
  },
  {
    what: "a file that nobody may open",
    change: (world) =>
      world.failFiles(JOBS_PATH, "permission_denied", {
        operation: "openDatabase",
      }),
    level: "fail",
    check: "open",
    code: "QUEUE_STORE_READONLY",
  },
  {
    what: "a lock that is held for ever",
    change: (world) =>
      world.failDatabase(JOBS_PATH, "busy", { times: Infinity }),
    level: "fail",
    check: "open",
    code: "QUEUE_STORE_LOCKED",
  },
  {
    what: "a lock that is held for a moment",
    change: (world) => world.failDatabase(JOBS_PATH, "busy", { times: 3 }),
    level: "ok",
    check: "disk",
  },
];

Deno.test.each(ROWS)(
  "checkReady() says $level of $check with $what",
  async ({ change, level, check, code }) => {
    const { host, backend } = await fakeJobs();
    change(host.world);
    const { ok, checks } = await backend.checkReady();
    const last = checks.at(-1);
    assertEquals(ok, level !== "fail");
    assertEquals([last?.check, last?.level], [check, level]);
    assertEquals<string | undefined>(last?.code, code);
    assertEquals(last?.hint !== undefined, level !== "ok");
    await backend.stop();
  },
);

Deno.test("checkReady() waits for a lock as long as it may and no longer", async () => {
  const { host, backend } = await fakeJobs();
  host.world.failDatabase(JOBS_PATH, "busy", { times: Infinity });
  const { ok, latencyMs } = await backend.checkReady({ timeoutMs: 400 });
  assert(!ok);
  assertEquals(latencyMs, 400);
  const aborted = await backend.checkReady({ signal: AbortSignal.abort() });
  assertEquals([aborted.ok, aborted.latencyMs], [false, 0]);
  await backend.stop();
});

Deno.test("checkReady() of a missing file leaves nothing behind", async () => {
  const host = createFakeHost();
  const { clock, random, blocking } = host;
  const databases = await host.databases();
  const backend = createSqliteBackend(
    { clock, random, blocking, databases },
    { path: JOBS_PATH, tenant: "_default" },
  );
  const { ok, checks } = await backend.checkReady();
  assert(ok, JSON.stringify(checks));
  assertEquals(blocking.list("/home/ada/.reeve/jobs"), []);
  host.world.failFiles(() => true, "no_space", { operation: "touch" });
  const full = await backend.checkReady();
  assertEquals(full.checks.at(-1)?.code, "QUEUE_DISK_LOW");
});
