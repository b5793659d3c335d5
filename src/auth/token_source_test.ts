import { assert, assertEquals } from "@std/assert";
import { statePaths } from "../state/paths.ts";
import type { Session } from "./session.ts";
import { toSessionRecord } from "./session_record.ts";
import {
  createTokenSource,
  isProblem,
  type TokenSourceOptions,
} from "./token_source.ts";
import { WORLD_START_MS } from "#support/fake_clock.ts";
import {
  type FakeHostOptions,
  FakeWorld,
  webReply,
} from "#support/fake_host.ts";
// Loading a module takes real time, in which a fake clock would run away.
import "./reply_schema.ts";
import "./session_schema.ts";

const paths = statePaths("/r");
const NOW = WORLD_START_MS;
const SERVER = "https://sync.example";
const workspace = {
  id: "w1",
  slug: "acme",
  name: "Acme",
  role: "",
  isPrivate: true,
  isDefault: false,
};
const session: Session = {
  accessToken: "a1",
  accessExpiresAt: NOW + 900_000,
  refreshToken: "r1",
  refreshExpiresAt: undefined,
  sessionId: "s1",
  userId: "u1",
  email: "",
  name: "",
  workspaces: [workspace],
  workspace: "acme",
  server: SERVER,
  method: "browser",
  issuedAt: 0,
  generation: 3,
};
const TOKENS = {
  "access_token": "a2",
  "expires_in": 900,
  "refresh_token": "r2",
};
const GOOD = { workspace: "acme", account: "u1", server: SERVER };

interface Given {
  readonly stored?: Partial<Session> | undefined;
  readonly options?: TokenSourceOptions;
  readonly env?: FakeHostOptions["env"];
}

function open({ stored = {}, options = {}, env = {} }: Given = {}) {
  const world = new FakeWorld();
  put(world, stored);
  world.web.respond = () => webReply(200, TOKENS);
  const source = createTokenSource(world.host({ env }), paths, options);
  return { world, source };
}

function put(world: FakeWorld, change: Partial<Session>): void {
  world.disk.putDirectory(paths.auth, 0o700);
  const record = toSessionRecord({ ...session, ...change });
  world.disk.put(paths.session, JSON.stringify(record));
}

Deno.test("current() gives the stored token and asks nobody", async () => {
  const { world, source } = open();
  assertEquals(await source.current(), { ...GOOD, accessToken: "a1" });
  assertEquals([world.web.requests.length, world.writes.length], [0, 0]);
});

Deno.test.each([
  { left: 5001, gives: "a1", asks: 0 },
  { left: 5000, gives: "a2", asks: 1 },
  { left: -1, gives: "a2", asks: 1 },
])("current() with $left ms left gives $gives", async (row) => {
  const { world, source } = open({
    stored: { accessExpiresAt: NOW + row.left },
  });
  assertEquals(await source.current(), { ...GOOD, accessToken: row.gives });
  assertEquals(world.web.requests.length, row.asks);
});

Deno.test.each<Given & { name: string; reason: string; says: string }>([
  {
    name: "an ended session",
    stored: { accessExpiresAt: NOW, refreshToken: undefined },
    reason: "auth_required",
    says: "reeve auth login",
  },
  {
    name: "a session of another server",
    options: { server: "https://other.example" },
    reason: "auth_required",
    says: "https://other.example",
  },
  {
    name: "a session of another path",
    options: { server: `${SERVER}/base` },
    reason: "auth_required",
    says: "events go to",
  },
  {
    name: "no workspace",
    stored: { workspace: undefined },
    reason: "workspace_missing",
    says: "yours are acme",
  },
  {
    name: "a workspace of somebody else",
    options: { workspace: "beta" },
    reason: "workspace_missing",
    says: "no workspace beta",
  },
  {
    name: "a variable without a server",
    env: { REEVE_TOKEN: "t" },
    reason: "auth_required",
    says: "no server",
  },
  {
    name: "a variable that holds no token",
    env: { REEVE_TOKEN: "t t" },
    reason: "auth_unreadable",
    says: "REEVE_TOKEN",
  },
])("current() of $name: $reason", async ({ reason, says, ...given }) => {
  const { world, source } = open(given);
  for (const result of [await source.current(), await source.refresh("a1")]) {
    assert(isProblem(result));
    assertEquals<string>(result.reason, reason);
    assert(result.detail.includes(says), result.detail);
  }
  assertEquals(world.web.requests.length, 0);
});

Deno.test("current() without a session, and with one that is damaged", async () => {
  const world = new FakeWorld();
  const source = createTokenSource(world.host(), paths);
  const none = await source.current();
  assertEquals(isProblem(none) && none.reason, "auth_required");
  world.disk.putDirectory(paths.auth, 0o700);
  world.disk.put(paths.session, "{");
  for (const result of [await source.current(), await source.refresh("a")]) {
    assertEquals(isProblem(result) && result.reason, "auth_unreadable");
  }
  assertEquals(world.writes, []);
});

Deno.test("current() takes the variable before the session", async () => {
  const { world, source } = open({
    env: { REEVE_TOKEN: "from-env\n" },
    options: { server: SERVER, workspace: "any" },
  });
  assertEquals(await source.current(), {
    accessToken: "from-env",
    workspace: "any",
    account: "env",
    server: SERVER,
  });
  const rejected = await source.refresh("from-env");
  assertEquals(isProblem(rejected) && rejected.reason, "auth_required");
  const other = await source.refresh("an-older-one");
  assert(!isProblem(other));
  assertEquals([world.web.requests.length, world.writes.length], [0, 0]);
});

Deno.test("current() takes a workspace by its id", async () => {
  const { source } = open({ options: { workspace: "w1" } });
  assertEquals(await source.current(), { ...GOOD, accessToken: "a1" });
});

Deno.test("current() can do without a workspace", async () => {
  const { source } = open({
    stored: { workspace: undefined },
    options: { needsWorkspace: false },
  });
  const token = await source.current();
  assert(!isProblem(token));
});

Deno.test("current() uses up a token when the server is away", async () => {
  const { world, source } = open({ stored: { accessExpiresAt: NOW + 4000 } });
  world.web.respond = () => webReply(503);
  assertEquals(await source.current(), { ...GOOD, accessToken: "a1" });
  world.clock.setWall(NOW + 4000);
  const result = await source.current();
  assertEquals(isProblem(result) && result.reason, "transient");
});

Deno.test("current() uses up a token that nothing can refresh", async () => {
  const stored = { accessExpiresAt: NOW + 4000, refreshToken: undefined };
  const { source } = open({ stored });
  assertEquals(await source.current(), { ...GOOD, accessToken: "a1" });
});

Deno.test("refresh() refreshes the token that was rejected", async () => {
  const outcomes: string[] = [];
  const { source } = open({
    options: { onRefresh: ({ outcome }) => outcomes.push(outcome) },
  });
  assertEquals(await source.refresh("a1"), { ...GOOD, accessToken: "a2" });
  assertEquals(await source.refresh("a1"), { ...GOOD, accessToken: "a2" });
  assertEquals(outcomes, ["refreshed"]);
});

Deno.test("refresh() refreshes another token that is about to end", async () => {
  const stored = { accessToken: "a9", accessExpiresAt: NOW + 5000 };
  const { source } = open({ stored });
  assertEquals(await source.refresh("a1"), { ...GOOD, accessToken: "a2" });
});

Deno.test("refresh() gives what another process has stored since", async () => {
  const { world, source } = open({ stored: { accessToken: "a9" } });
  assertEquals(await source.refresh("a1"), { ...GOOD, accessToken: "a9" });
  assertEquals(world.web.requests.length, 0);
});

Deno.test.each([
  { error: "invalid_grant", reason: "auth_required", left: undefined },
  { error: "session_invalid", reason: "auth_required", left: undefined },
  { error: "invalid_client", reason: "transient", left: "there" },
])("refresh() that meets $error: $reason", async ({ error, reason, left }) => {
  const { world, source } = open();
  world.web.respond = () => webReply(400, { error });
  const result = await source.refresh("a1");
  assertEquals(isProblem(result) && result.reason, reason);
  const text = world.disk.textOf(paths.session);
  assertEquals(text === undefined ? text : "there", left);
});

Deno.test("a session that could not be stored is used, and stored when it can", async () => {
  const { world, source } = open();
  const mend = world.failFiles(paths.session, "no_space", {
    operation: "writeAtomic",
  });
  assertEquals(await source.refresh("a1"), { ...GOOD, accessToken: "a2" });
  assertEquals(await source.current(), { ...GOOD, accessToken: "a2" });
  assert(world.disk.textOf(paths.session)?.includes('"a1"'));
  mend();
  assertEquals(await source.current(), { ...GOOD, accessToken: "a2" });
  assert(world.disk.textOf(paths.session)?.includes('"a2"'));
  world.disk.take(paths.session);
  const gone = await source.current();
  assertEquals(isProblem(gone) && gone.reason, "auth_required");
});

Deno.test("a session that could not be stored outlives a server that is away", async () => {
  const { world, source } = open();
  world.failFiles(paths.session, "no_space", { operation: "writeAtomic" });
  await source.refresh("a1");
  world.web.respond = () => webReply(503);
  const result = await source.refresh("a2");
  assertEquals(isProblem(result) && result.reason, "transient");
  assertEquals(await source.current(), { ...GOOD, accessToken: "a2" });
});
