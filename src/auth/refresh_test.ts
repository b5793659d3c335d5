import { assert, assertEquals } from "@std/assert";
import type { WebReply } from "../host/web.ts";
import { statePaths } from "../state/paths.ts";
import { createRefresh, refreshSession } from "./refresh.ts";
import type { Session } from "./session.ts";
import { toSessionRecord } from "./session_record.ts";
import { readSession } from "./token_store.ts";
import { FakeWorld, webReply } from "#support/fake_host.ts";
import { WORLD_START_MS } from "#support/fake_clock.ts";
// Loading a module takes real time, in which a fake clock would run away.
import "./reply_schema.ts";
import "./session_schema.ts";

const paths = statePaths("/r");
const NOW = WORLD_START_MS;
const held: Session = {
  accessToken: "a1",
  accessExpiresAt: NOW,
  refreshToken: "r1",
  refreshExpiresAt: NOW + 600_000,
  sessionId: "s1",
  userId: "u1",
  email: "",
  name: "",
  workspaces: [],
  workspace: "acme",
  server: "https://sync.example",
  method: "browser",
  issuedAt: 0,
  generation: 3,
};
const newer: Session = {
  ...held,
  accessToken: "a2",
  refreshToken: "r2",
  accessExpiresAt: NOW + 900_000,
  generation: 4,
};
const TOKENS = {
  "access_token": "a2",
  "expires_in": 900,
  "refresh_token": "r2",
  "refresh_expires_in": 3600,
  "session_id": "s1",
};

function put(world: FakeWorld, session: Session): void {
  world.disk.putDirectory(paths.auth, 0o700);
  world.disk.put(paths.session, JSON.stringify(toSessionRecord(session)));
}

function openWorld(stored: Session | undefined, ...replies: WebReply[]) {
  const world = new FakeWorld();
  if (stored !== undefined) put(world, stored);
  world.web.respond = () => {
    const reply = replies.shift();
    assert(reply !== undefined, "nobody asks so often");
    return reply;
  };
  return { world, host: world.host() };
}

function auditOf(world: FakeWorld): readonly string[] {
  const text = world.disk.textOf(paths.authAudit) ?? "";
  return text.split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line).outcome);
}

async function storedToken(world: FakeWorld) {
  const stored = await readSession(world.host(), paths);
  return stored.kind === "found" ? stored.session.accessToken : stored.kind;
}

Deno.test("refreshSession() stores the next pair as the next generation", async () => {
  const { world, host } = openWorld(held, webReply(200, TOKENS));
  const { outcome, session } = await refreshSession(host, paths, held);
  assertEquals(outcome, "refreshed");
  assertEquals(session, {
    ...newer,
    refreshExpiresAt: NOW + 3_600_000,
  });
  assertEquals(await storedToken(world), "a2");
  assertEquals(
    world.web.requests.map(({ url, body }) => `${url} ${body}`),
    [
      "https://sync.example/oauth/token grant_type=refresh_token&" +
      "refresh_token=r1&client_id=reeve_cli",
    ],
  );
  assertEquals(auditOf(world), ["refreshed"]);
  assertEquals(world.disk.textOf(paths.refreshLock), "");
});

Deno.test("refreshSession() keeps a refresh token that does not rotate", async () => {
  const bare = { "access_token": "a2", "expires_in": 900 };
  const { host } = openWorld(held, webReply(200, bare));
  const { session } = await refreshSession(host, paths, held);
  assertEquals(
    [session?.refreshToken, session?.refreshExpiresAt],
    ["r1", NOW + 600_000],
  );
});

const refusal = (status: number, error: string) => webReply(status, { error });
const REPLAY = refusal(409, "refresh_replay_benign_retry");

Deno.test.each<{
  name: string;
  stored: Session | undefined;
  replies: WebReply[];
  is: string;
  left: string;
  audit: string[];
}>([
  {
    name: "a newer session is stored",
    stored: newer,
    replies: [],
    is: "adopted_newer",
    left: "a2",
    audit: [],
  },
  {
    name: "another sign-in is stored",
    stored: { ...newer, sessionId: "s2", generation: 1 },
    replies: [],
    is: "adopted_newer",
    left: "a2",
    audit: [],
  },
  {
    name: "somebody has signed out",
    stored: undefined,
    replies: [],
    is: "signed_out",
    left: "missing",
    audit: [],
  },
  {
    name: "the token is refused",
    stored: held,
    replies: [refusal(400, "invalid_grant")],
    is: "current_rejection_cleared",
    left: "missing",
    audit: ["current_rejection_cleared"],
  },
  {
    name: "the session has ended",
    stored: held,
    replies: [refusal(401, "session_invalid")],
    is: "current_rejection_cleared",
    left: "missing",
    audit: ["current_rejection_cleared"],
  },
  {
    name: "a replay is benign once",
    stored: held,
    replies: [REPLAY, webReply(200, TOKENS)],
    is: "refreshed",
    left: "a2",
    audit: ["refreshed"],
  },
  {
    name: "a replay is benign twice",
    stored: held,
    replies: [REPLAY, REPLAY],
    is: "transient",
    left: "a1",
    audit: [],
  },
  ...[
    webReply(429),
    webReply(500, { "error": "invalid_grant" }),
    webReply(503),
    webReply(200, "<html>"),
    webReply(302),
    webReply(400, { "error": "invalid_client" }),
    webReply(404),
    { kind: "timeout" } as const,
    { kind: "unreachable", reason: "r" } as const,
  ].map((reply) => ({
    name: `the answer is ${"status" in reply ? reply.status : reply.kind}`,
    stored: held,
    replies: [reply],
    is: "transient",
    left: "a1",
    audit: [],
  })),
])("refreshSession() when $name: $is", async (row) => {
  const { world, host } = openWorld(row.stored, ...row.replies);
  const { outcome } = await refreshSession(host, paths, held);
  assertEquals<string>(outcome, row.is);
  assertEquals(await storedToken(world), row.left);
  assertEquals(auditOf(world), row.audit);
});

Deno.test("refreshSession() refreshes a newer session that has run out", async () => {
  const tired = { ...newer, accessExpiresAt: NOW };
  const { world, host } = openWorld(tired, webReply(200, TOKENS));
  const { session } = await refreshSession(host, paths, held);
  assertEquals(session?.generation, 5);
  assert(String(world.web.requests[0]?.body).includes("refresh_token=r2"));
});

Deno.test("refreshSession() asks nobody without a refresh token", async () => {
  const bare = { ...held, refreshToken: undefined };
  const { world, host } = openWorld(bare);
  const { outcome } = await refreshSession(host, paths, bare);
  assertEquals([outcome, world.web.requests.length], ["expired", 0]);
  assertEquals(world.disk.textOf(paths.refreshLock), undefined);
});

Deno.test("refreshSession() leaves a session that cannot be read", async () => {
  const { world, host } = openWorld(undefined);
  world.disk.putDirectory(paths.auth, 0o700);
  world.disk.put(paths.session, "{");
  const { outcome } = await refreshSession(host, paths, held);
  assertEquals(outcome, "unreadable");
  assertEquals(world.disk.textOf(paths.session), "{");
});

Deno.test("refreshSession() keeps what the server refused when a newer one came", async () => {
  const { world, host } = openWorld(held);
  world.web.respond = () => {
    put(world, newer);
    return refusal(400, "invalid_grant");
  };
  const { outcome, session } = await refreshSession(host, paths, held);
  assertEquals(outcome, "stale_rejection_preserved");
  assertEquals([session?.accessToken, await storedToken(world)], ["a2", "a2"]);
});

Deno.test("refreshSession() adopts what another process stores meanwhile", async () => {
  const { world, host } = openWorld(held);
  const other = world.host();
  await other.files.tryLock(paths.refreshLock, { create: true });
  const later = other.clock.sleep(2000).then(() => put(world, newer));
  const { outcome, session } = await refreshSession(host, paths, held);
  await later;
  assertEquals([outcome, session?.accessToken], ["adopted_newer", "a2"]);
  assertEquals(world.web.requests.length, 0);
});

Deno.test("refreshSession() gives up on a lock that stays taken", async () => {
  const { world, host } = openWorld(held);
  const lock = await world.host().files.tryLock(paths.refreshLock, {
    create: true,
  });
  assertEquals(typeof lock, "object");
  const result = await refreshSession(host, paths, held);
  assertEquals(result.outcome, "lock_timeout_error");
  assert(result.detail.includes("within 10000 ms"), result.detail);
  assertEquals(await storedToken(world), "a1");
});

Deno.test("refreshSession() takes no longer than its lock is waited for", async () => {
  const { world, host } = openWorld(held);
  world.web.respond = async () => {
    await host.clock.sleep(9000);
    return REPLAY;
  };
  const start = world.clock.elapsed();
  await refreshSession(host, paths, held);
  assert(world.clock.elapsed() - start <= 10_500);
});

Deno.test("createRefresh() asks once for all who wait", async () => {
  const { world, host } = openWorld(held, webReply(200, TOKENS));
  const refresh = createRefresh(host, paths);
  const results = await Promise.all([held, held, held].map(refresh));
  assertEquals(results.map(({ outcome }) => outcome), [
    "refreshed",
    "refreshed",
    "refreshed",
  ]);
  assertEquals(world.web.requests.length, 1);
  assertEquals((await refresh(held)).outcome, "adopted_newer");
});

Deno.test("eight processes refresh once and all have the next session", async () => {
  const { world } = openWorld(held);
  const spent = new Set<string>();
  world.web.respond = async ({ body }) => {
    const token = String(body);
    await world.clock.sleep(50);
    if (spent.has(token)) return refusal(400, "invalid_grant");
    spent.add(token);
    return webReply(200, TOKENS);
  };
  const results = await Promise.all(
    Array.from({ length: 8 }, () => refreshSession(world.host(), paths, held)),
  );
  assertEquals(
    results.map(({ outcome }) => outcome).toSorted().slice(-2),
    ["adopted_newer", "refreshed"],
  );
  for (const { session } of results) assertEquals(session?.accessToken, "a2");
  assertEquals(world.web.requests.length, 1);
});
