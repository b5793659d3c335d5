import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import { acquireLock, type Lock } from "../state/lock.ts";
import { statePaths } from "../state/paths.ts";
import type { Session } from "./session.ts";
import { toSessionRecord } from "./session_record.ts";
import {
  clearSession,
  readSession,
  readSummary,
  requirePrivateDirectory,
  writeSession,
} from "./token_store.ts";
import { FakeWorld } from "#support/fake_host.ts";
// Loading a module takes real time, in which a fake clock would run away.
import "./reply_schema.ts";
import "./session_schema.ts";

const paths = statePaths("/r");
const session: Session = {
  accessToken: "access-canary",
  accessExpiresAt: undefined,
  refreshToken: "refresh-canary",
  refreshExpiresAt: undefined,
  sessionId: "s1",
  userId: "u1",
  email: "ada@example.com",
  name: "Ada",
  workspaces: [],
  workspace: undefined,
  server: "https://sync.example",
  method: "browser",
  issuedAt: Date.UTC(2026, 0, 1),
  generation: 0,
};
const record = toSessionRecord({ ...session, generation: 1 });

async function openStore(mode = 0o700) {
  const world = new FakeWorld();
  world.disk.putDirectory(paths.auth, mode);
  const host = world.host();
  const lock = await acquireLock(host, paths.refreshLock);
  assert(lock !== "not_needed");
  return { world, host, lock };
}

async function write(
  store: { lock: Lock } & Awaited<ReturnType<typeof openStore>>,
  given = session,
) {
  return await writeSession(store.host, paths, {
    lock: store.lock,
    session: given,
  });
}

Deno.test("writeSession() stores the next generation for its owner alone", async () => {
  const store = await openStore();
  const first = await write(store);
  assertEquals(first.generation, 1);
  const second = await write(store, first);
  assertEquals(second.generation, 2);
  assertEquals(await readSession(store.host, paths), {
    kind: "found",
    session: second,
  });
  for (const path of [paths.session, paths.sessionSummary]) {
    assertEquals((await store.host.files.stat(path))?.mode, 0o600);
  }
  assertEquals((await store.host.files.stat(paths.auth))?.mode, 0o700);
});

Deno.test("writeSession() keeps tokens out of the summary", async () => {
  const store = await openStore();
  await write(store);
  const text = store.world.disk.textOf(paths.sessionSummary) ?? "";
  assert(text.includes("ada@example.com"));
  assert(!text.includes("canary"), text);
  assertEquals((await readSummary(store.host, paths))?.generation, 1);
});

Deno.test("writeSession() does without a summary that the disk refuses", async () => {
  const store = await openStore();
  store.world.failFiles(paths.sessionSummary, "no_space");
  assertEquals((await write(store)).generation, 1);
  assertEquals(await readSummary(store.host, paths), undefined);
});

Deno.test("writeSession() leaves the old session when the disk refuses", async () => {
  const store = await openStore();
  const first = await write(store);
  store.world.failFiles(paths.session, "no_space", {
    operation: "writeAtomic",
  });
  await assertRejects(() => write(store, first), HostError);
  assertEquals(await readSession(store.host, paths), {
    kind: "found",
    session: first,
  });
});

Deno.test("writeSession() puts no session where others could read it", async () => {
  const store = await openStore(0o755);
  await assertRejects(() => write(store), KnownError);
  assertEquals(store.world.disk.textOf(paths.session), undefined);
});

Deno.test.each([
  {
    name: "its file",
    file: 0o644,
    directory: 0o700,
    fix: "chmod 600 '/r/auth/session.json'",
  },
  {
    name: "its directory",
    file: 0o600,
    directory: 0o755,
    fix: "chmod 700 '/r/auth'",
  },
])("readSession() refuses a session when others can use $name", async (row) => {
  const world = new FakeWorld();
  world.disk.putDirectory(paths.auth, row.directory);
  world.disk.put(paths.session, JSON.stringify(record), { mode: row.file });
  const read = await readSession(world.host(), paths);
  assert(read.kind === "unreadable");
  assertEquals(read.problem, "loose_mode");
  assert(read.fix.endsWith(row.fix), read.fix);
  const fixed = new FakeWorld();
  fixed.disk.putDirectory(paths.auth, 0o700);
  fixed.disk.put(paths.session, JSON.stringify(record));
  assertEquals((await readSession(fixed.host(), paths)).kind, "found");
});

Deno.test("readSession() asks for no modes where there are none", async () => {
  const world = new FakeWorld();
  const windows = statePaths("C:\\reeve");
  world.disk.put(windows.session, JSON.stringify(record), { mode: 0o666 });
  const read = await readSession(world.host({ os: "windows" }), windows);
  assertEquals(read.kind, "found");
});

Deno.test.each([
  { name: "empty", text: "" },
  { name: "cut off", text: JSON.stringify(record).slice(0, 200) },
  { name: "of another shape", text: JSON.stringify({ "schema_version": 1 }) },
  {
    name: "for a server that is none",
    text: JSON.stringify({ ...record, "server": "http://x.example" }),
  },
])("readSession() of a file that is $name leaves it as it is", async (row) => {
  const world = new FakeWorld();
  world.disk.putDirectory(paths.auth, 0o700);
  world.disk.put(paths.session, row.text);
  const read = await readSession(world.host(), paths);
  assert(read.kind === "unreadable");
  assertEquals(read.problem, "damaged");
  assert(!JSON.stringify(read).includes("canary"));
  assertEquals([world.disk.textOf(paths.session), world.writes.length], [
    row.text,
    0,
  ]);
});

Deno.test("readSession() refuses a session of a newer program", async () => {
  const world = new FakeWorld();
  world.disk.putDirectory(paths.auth, 0o700);
  const newer = { ...record, "schema_version": 2 };
  world.disk.put(paths.session, JSON.stringify(newer));
  const read = await readSession(world.host(), paths);
  assertEquals(read.kind === "unreadable" && read.problem, "too_new");
});

Deno.test("readSession() tells a refusal by the machine", async () => {
  const world = new FakeWorld();
  world.disk.putDirectory(paths.auth, 0o700);
  world.disk.put(paths.session, "x");
  world.failFiles(paths.session, "permission_denied");
  const read = await readSession(world.host(), paths);
  assert(read.kind === "unreadable");
  assertEquals(read.problem, "no_access");
  assert(read.reason.endsWith("permission denied"), read.reason);
});

Deno.test("requirePrivateDirectory() names the command that mends it", async () => {
  const world = new FakeWorld();
  await requirePrivateDirectory(world.host(), paths);
  world.disk.putDirectory(paths.auth, 0o750);
  const error = await assertRejects(
    () => requirePrivateDirectory(world.host(), paths),
    KnownError,
  );
  assert(error.hint?.endsWith("chmod 700 '/r/auth'"), error.hint);
});

Deno.test("clearSession() removes both files", async () => {
  const store = await openStore();
  await write(store);
  await clearSession(store.host, paths, store.lock);
  assertEquals(await readSession(store.host, paths), { kind: "missing" });
  assertEquals(await readSummary(store.host, paths), undefined);
});
