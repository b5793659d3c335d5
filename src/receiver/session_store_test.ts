import { assert, assertEquals } from "@std/assert";
import { openMemory } from "#support/receiver.ts";
import { hashText } from "./hash_text.ts";
import {
  beginSession,
  endSession,
  expireToken,
  findSession,
  prepareSessionTables,
  refreshSession,
  REPLAY_WINDOW_MS,
} from "./session_store.ts";

const terms = { user: "ada", now: 0, accessSeconds: 10, refreshSeconds: 100 };

function open() {
  const db = openMemory();
  prepareSessionTables(db);
  let last = 0;
  const random = {
    hex: (bytes: number) => (++last).toString(16).padStart(bytes * 2, "0"),
  };
  const grant = beginSession(db, random, terms);
  const find = (token: string, now: number, user = "ada") =>
    findSession(db, token, { user, now })?.sessionId;
  const refresh = (refreshToken: string, now: number, user = "ada") =>
    refreshSession(db, random, { ...terms, user, now, refreshToken });
  return { db, grant, find, refresh, [Symbol.dispose]: () => db.close() };
}

Deno.test.each([
  { now: 0, user: "ada", isFound: true },
  { now: 9999, user: "ada", isFound: true },
  { now: 10_000, user: "ada", isFound: false },
  { now: 0, user: "grace", isFound: false },
])("findSession() at $now for $user: $isFound", ({ now, user, isFound }) => {
  using world = open();
  const { accessToken, sessionId, refreshToken } = world.grant;
  const expected = isFound ? sessionId : undefined;
  assertEquals(world.find(accessToken, now, user), expected);
  assertEquals(world.find(refreshToken, now, user), undefined);
});

Deno.test.each([
  { afterMs: 0, kind: "raced", isAlive: true },
  { afterMs: REPLAY_WINDOW_MS, kind: "raced", isAlive: true },
  { afterMs: REPLAY_WINDOW_MS + 1, kind: "replayed", isAlive: false },
])("a refresh token replaced $afterMs ms ago is $kind", (row) => {
  using world = open();
  const first = world.grant.refreshToken;
  const next = world.refresh(first, 1000);
  assert(next.kind === "granted");
  const { accessToken, refreshToken } = next.grant;
  assertEquals(world.refresh(first, 1000 + row.afterMs).kind, row.kind);
  const isFound = world.find(accessToken, 1001) !== undefined;
  assertEquals(isFound, row.isAlive);
  const after = world.refresh(refreshToken, 20_000).kind;
  assertEquals(after, row.isAlive ? "granted" : "ended");
});

Deno.test.each([
  { now: 99_999, user: "ada", kind: "granted" },
  { now: 100_000, user: "ada", kind: "ended" },
  { now: 0, user: "grace", kind: "unknown" },
])("refreshSession() at $now for $user: $kind", ({ now, user, kind }) => {
  using world = open();
  const { kind: became } = world.refresh(world.grant.refreshToken, now, user);
  assertEquals<string>(became, kind);
});

Deno.test("endSession() takes either token and names the session", () => {
  using world = open();
  const { db, grant } = world;
  assertEquals(endSession(db, "unknown", 1), undefined);
  assertEquals(endSession(db, grant.refreshToken, 1), grant.sessionId);
  assertEquals(world.find(grant.accessToken, 1), undefined);
  assertEquals(world.refresh(grant.refreshToken, 1).kind, "ended");
  assertEquals(endSession(db, grant.accessToken, 1), grant.sessionId);
});

Deno.test("expireToken() ends one access token and no session", () => {
  using world = open();
  const { accessToken, refreshToken } = world.grant;
  expireToken(world.db, hashText(accessToken));
  assertEquals(world.find(accessToken, 1), undefined);
  assertEquals(world.refresh(refreshToken, 1).kind, "granted");
});
