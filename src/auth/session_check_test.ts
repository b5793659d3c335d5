import { assert, assertEquals } from "@std/assert";
import type { WebReply } from "../host/web.ts";
import { statePaths } from "../state/paths.ts";
import type { Session } from "./session.ts";
import { checkSession } from "./session_check.ts";
import { toSessionRecord } from "./session_record.ts";
import { WORLD_START_MS } from "#support/fake_clock.ts";
import { FakeWorld, webReply } from "#support/fake_host.ts";
// Loading a module takes real time, in which a fake clock would run away.
import "./reply_schema.ts";
import "./session_schema.ts";

const paths = statePaths("/r");
const SERVER = "https://sync.example";
const session: Session = {
  accessToken: "a1",
  accessExpiresAt: WORLD_START_MS + 900_000,
  refreshToken: "r1",
  refreshExpiresAt: undefined,
  sessionId: "s1",
  userId: "u1",
  email: "",
  name: "",
  workspaces: [],
  workspace: undefined,
  server: SERVER,
  method: "browser",
  issuedAt: 0,
  generation: 3,
};
const ACTIVE = webReply(200, { "status": "active", "session_id": "s1" });
const TOKENS = webReply(200, {
  "access_token": "a2",
  "expires_in": 900,
  "refresh_token": "r2",
});

interface Given {
  readonly change?: Partial<Session>;
  /** Answers to each question about the session, in order. */
  readonly status: readonly WebReply[];
  readonly token?: WebReply;
}

async function check({ change = {}, status, token = TOKENS }: Given) {
  const world = new FakeWorld();
  world.disk.putDirectory(paths.auth, 0o700);
  const record = toSessionRecord({ ...session, ...change });
  world.disk.put(paths.session, JSON.stringify(record));
  const left = [...status];
  world.web.respond = ({ url }) =>
    url.endsWith("/oauth/token") ? token : left.shift() ?? webReply(500);
  const { signal } = new AbortController();
  const result = await checkSession(world.host(), paths, {
    server: SERVER,
    signal,
  });
  const asked = world.web.requests.map(({ url }) => new URL(url).pathname);
  return { result, asked, world };
}

const STATUS = "/api/v1/session-status";
const TOKEN = "/oauth/token";

Deno.test("checkSession() asks about a session without a workspace", async () => {
  const { result, asked } = await check({ status: [ACTIVE] });
  assertEquals(result, {
    isActive: true,
    sessionId: "s1",
    problem: undefined,
    isRejected: false,
    clockAheadMs: undefined,
    unsaved: undefined,
  });
  assertEquals(asked, [STATUS]);
});

Deno.test("checkSession() refreshes first when that is due", async () => {
  const change = { accessExpiresAt: WORLD_START_MS };
  const { result, asked } = await check({ change, status: [ACTIVE] });
  assertEquals([result.isActive, asked], [true, [TOKEN, STATUS]]);
});

Deno.test("checkSession() refreshes a token that is rejected, once", async () => {
  const good = await check({ status: [webReply(401), ACTIVE] });
  assertEquals([good.result.isActive, good.asked], [
    true,
    [STATUS, TOKEN, STATUS],
  ]);
  const bad = await check({ status: [webReply(401), webReply(401)] });
  assertEquals(
    [bad.result.isActive, bad.result.isRejected, bad.asked.length],
    [false, true, 3],
  );
});

Deno.test("checkSession() tells that the session has ended", async () => {
  const token = webReply(400, { "error": "invalid_grant" });
  const { result, world } = await check({ status: [webReply(401)], token });
  assertEquals([result.isActive, result.isRejected], [false, true]);
  assertEquals(world.disk.textOf(paths.session), undefined);
});

Deno.test("checkSession() blames no session when the server is away", async () => {
  const status = await check({ status: [webReply(503)] });
  assert(!status.result.isRejected);
  assert(status.result.problem?.includes("503"), status.result.problem);
  const token = webReply(503);
  const refresh = await check({ status: [webReply(401)], token });
  assert(!refresh.result.isRejected);
  assert(refresh.result.problem?.includes("503"), refresh.result.problem);
});

Deno.test("checkSession() takes a session that is not active as rejected", async () => {
  const idle = webReply(200, { "status": "revoked" });
  const { result } = await check({ status: [idle, idle] });
  assertEquals([result.isActive, result.isRejected], [false, true]);
});

Deno.test("checkSession() tells that a refreshed session was not stored", async () => {
  const world = new FakeWorld();
  world.disk.putDirectory(paths.auth, 0o700);
  const old = { ...session, accessExpiresAt: WORLD_START_MS };
  world.disk.put(paths.session, JSON.stringify(toSessionRecord(old)));
  world.failFiles(paths.session, "no_space", { operation: "writeAtomic" });
  world.web.respond = ({ url }) => url.endsWith(TOKEN) ? TOKENS : ACTIVE;
  const { signal } = new AbortController();
  const options = { server: undefined, signal };
  const result = await checkSession(world.host(), paths, options);
  assert(result.isActive);
  assert(result.unsaved?.endsWith("no space"), result.unsaved);
});

Deno.test("checkSession() tells that a session was not refreshed", async () => {
  const world = new FakeWorld();
  world.disk.putDirectory(paths.auth, 0o700);
  const old = { ...session, accessExpiresAt: WORLD_START_MS };
  world.disk.put(paths.session, JSON.stringify(toSessionRecord(old)));
  world.failFiles(paths.refreshLock, "read_only");
  const { signal } = new AbortController();
  const options = { server: SERVER, signal };
  const result = await checkSession(world.host(), paths, options);
  assertEquals([result.isActive, result.unsaved], [false, result.problem]);
  assert(result.unsaved?.endsWith("read only"), result.unsaved);
});

Deno.test("checkSession() of nobody asks nobody", async () => {
  const world = new FakeWorld();
  const { signal } = new AbortController();
  const options = { server: SERVER, signal };
  const result = await checkSession(world.host(), paths, options);
  assertEquals(result.problem, "not signed in: reeve auth login");
  assertEquals([world.web.requests.length, world.writes.length], [0, 0]);
});
