import { assert, assertEquals } from "@std/assert";
import type { WebReply } from "../host/web.ts";
import { statePaths } from "../state/paths.ts";
import { refreshSession } from "./refresh.ts";
import { storeUnsaved } from "./refresh_save.ts";
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

async function storedToken(world: FakeWorld) {
  const stored = await readSession(world.host(), paths);
  return stored.kind === "found" ? stored.session.accessToken : stored.kind;
}

Deno.test("refreshSession() keeps in memory what the disk refuses", async () => {
  const { world, host } = openWorld(held, webReply(200, TOKENS));
  world.failFiles(paths.session, "read_only", { operation: "writeAtomic" });
  const result = await refreshSession(host, paths, held);
  assertEquals(result.outcome, "refreshed_unsaved");
  assertEquals(
    [result.session?.accessToken, result.session?.generation],
    ["a2", 4],
  );
  assert(result.detail.endsWith("read only"), result.detail);
  assertEquals(await storedToken(world), "a1");
});

Deno.test("refreshSession() spends no token when it cannot take the lock", async () => {
  const { world, host } = openWorld(held);
  world.failFiles(paths.refreshLock, "read_only");
  const { outcome } = await refreshSession(host, paths, held);
  assertEquals([outcome, world.web.requests.length], ["unwritable", 0]);
});

Deno.test("refreshSession() spends no token that it could not replace", async () => {
  const { world, host } = openWorld(held);
  world.failFiles((path) => path.startsWith(paths.auth), "no_space", {
    operation: "writeAtomic",
  });
  const { outcome, detail } = await refreshSession(host, paths, held);
  assertEquals([outcome, world.web.requests.length], ["unwritable", 0]);
  assert(detail.includes("could not be saved"), detail);
  assertEquals(world.disk.textOf(paths.refreshLock), "");
});

Deno.test("refreshSession() goes on in memory once the stored token is spent", async () => {
  const { world, host } = openWorld(held, webReply(200, TOKENS));
  world.failFiles((path) => path.startsWith(paths.auth), "no_space", {
    operation: "writeAtomic",
  });
  const inMemory = { ...held, generation: 4, refreshToken: "r1b" };
  const { outcome } = await refreshSession(host, paths, inMemory);
  assertEquals(outcome, "refreshed_unsaved");
  assert(String(world.web.requests[0]?.body).includes("refresh_token=r1b"));
});

Deno.test("refreshSession() pauses before it asks again", async () => {
  const replay = webReply(409, { "error": "refresh_replay_benign_retry" });
  const { world, host } = openWorld(held, replay, webReply(200, TOKENS));
  await refreshSession(host, paths, held);
  assertEquals(world.clock.elapsed(), 250);
});

Deno.test("storeUnsaved() stores it once the disk lets it", async () => {
  const { world, host } = openWorld(held);
  const mend = world.failFiles(paths.session, "no_space", {
    operation: "writeAtomic",
  });
  assertEquals((await storeUnsaved(host, paths, newer))?.accessToken, "a2");
  assertEquals(await storedToken(world), "a1");
  mend();
  assertEquals((await storeUnsaved(host, paths, newer))?.accessToken, "a2");
  assertEquals(await storedToken(world), "a2");
});

Deno.test("storeUnsaved() gives way to whatever has come since", async () => {
  const { host } = openWorld({ ...newer, sessionId: "s2" });
  assertEquals(await storeUnsaved(host, paths, newer), undefined);
  assertEquals(
    await storeUnsaved(openWorld(undefined).host, paths, newer),
    undefined,
  );
});
