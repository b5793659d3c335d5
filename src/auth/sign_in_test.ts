import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import type { WebReply } from "../host/web.ts";
import { statePaths } from "../state/paths.ts";
import {
  auditSignIn,
  completeSignIn,
  type SignIn,
  switchWorkspace,
} from "./sign_in.ts";
import { readSession } from "./token_store.ts";
import { FakeWorld, webReply } from "#support/fake_host.ts";
// Loading a module takes real time, in which a fake clock would run away.
import "./reply_schema.ts";
import "./session_schema.ts";

const paths = statePaths("/r");
const SERVER = "https://sync.example";
const TOKENS = {
  accessToken: "a1",
  accessExpiresAt: 1_800_000_000_000,
  refreshToken: "r1",
  refreshExpiresAt: undefined,
  sessionId: "s1",
};
const BARE = {
  accessToken: "a1",
  accessExpiresAt: undefined,
  refreshToken: undefined,
  refreshExpiresAt: undefined,
  sessionId: undefined,
};

function me(...slugs: string[]): WebReply {
  return webReply(200, {
    "user_id": "u1",
    "email": "ada@example.com",
    "name": "Ada",
    "workspaces": slugs.map((slug) => ({ id: `id-${slug}`, slug })),
  });
}

function open(replies: Readonly<Record<string, WebReply>> = {}) {
  const world = new FakeWorld();
  world.web.respond = ({ url }) => {
    const path = new URL(url).pathname;
    return replies[path] ??
      (path === "/api/v1/me" ? me("acme") : webReply(200));
  };
  const asked = () =>
    world.web.requests.map(({ url }) => new URL(url).pathname);
  return { world, host: world.host(), asked };
}

function signInOf(change: Partial<SignIn> = {}): SignIn {
  return {
    tokens: TOKENS,
    server: SERVER,
    method: "browser",
    workspace: undefined,
    signal: new AbortController().signal,
    ...change,
  };
}

Deno.test("completeSignIn() asks whose the tokens are and stores them", async () => {
  const { host, asked } = open();
  const result = await completeSignIn(host, paths, signInOf());
  assert(result.kind === "signed_in");
  const { session } = result;
  assertEquals(
    [session.userId, session.workspace, session.generation, session.issuedAt],
    ["u1", "acme", 1, host.clock.now()],
  );
  assertEquals(await readSession(host, paths), { kind: "found", session });
  assertEquals(asked(), ["/api/v1/me"]);
});

Deno.test("completeSignIn() goes on from the generation that is stored", async () => {
  const { host } = open();
  await completeSignIn(host, paths, signInOf());
  const second = await completeSignIn(host, paths, signInOf());
  assertEquals(second.kind === "signed_in" && second.session.generation, 2);
});

Deno.test.each([
  { slugs: ["acme", "beta"], wanted: undefined, kind: "ambiguous" },
  { slugs: ["acme"], wanted: "beta", kind: "unknown" },
  { slugs: [], wanted: undefined, kind: "none" },
])("completeSignIn() signs in although the workspace is $kind", async (row) => {
  const { host } = open({ "/api/v1/me": me(...row.slugs) });
  const signIn = signInOf({ workspace: row.wanted });
  const result = await completeSignIn(host, paths, signIn);
  assert(result.kind === "signed_in");
  assertEquals<string>(result.choice.kind, row.kind);
  assertEquals(result.session.workspace, undefined);
});

Deno.test.each(
  [
    { name: "a rejection", reply: webReply(401), is: "rejected" },
    { name: "trouble", reply: webReply(500), is: "failed" },
    { name: "an interrupt", reply: { kind: "aborted" }, is: "interrupted" },
  ] as const,
)("completeSignIn() that meets $name stores nothing", async (row) => {
  const { host, world, asked } = open({ "/api/v1/me": row.reply });
  const result = await completeSignIn(host, paths, signInOf());
  assertEquals<string>(result.kind, row.is);
  assertEquals(world.disk.textOf(paths.session), undefined);
  assertEquals(asked(), ["/api/v1/me", "/oauth/revoke"]);
});

Deno.test("completeSignIn() gives the tokens back when the disk refuses", async () => {
  const { host, world, asked } = open();
  world.failFiles(paths.session, "no_space", { operation: "writeAtomic" });
  await assertRejects(
    () => completeSignIn(host, paths, signInOf()),
    HostError,
  );
  assertEquals(asked(), ["/api/v1/me", "/oauth/revoke"]);
});

Deno.test("completeSignIn() never gives back a token that was brought along", async () => {
  const { host, asked } = open({ "/api/v1/me": webReply(500) });
  const signIn = signInOf({ method: "token", tokens: BARE });
  await completeSignIn(host, paths, signIn);
  assertEquals(asked(), ["/api/v1/me"]);
});

Deno.test("completeSignIn() asks for the life of a bare token", async () => {
  const body = { "status": "active", "session_id": "s7", "expires_in": 60 };
  const { host } = open({ "/api/v1/session-status": webReply(200, body) });
  const signIn = signInOf({ method: "token", tokens: BARE });
  const now = host.clock.now();
  const result = await completeSignIn(host, paths, signIn);
  assert(result.kind === "signed_in");
  const { sessionId, accessExpiresAt, refreshToken } = result.session;
  assertEquals([sessionId, accessExpiresAt], ["s7", now + 60_000]);
  assertEquals(refreshToken, undefined);
});

Deno.test("completeSignIn() does without the life of a bare token", async () => {
  const { host } = open({ "/api/v1/session-status": webReply(404) });
  const signIn = signInOf({ method: "token", tokens: BARE });
  const result = await completeSignIn(host, paths, signIn);
  assert(result.kind === "signed_in");
  assertEquals(result.session.accessExpiresAt, undefined);
});

Deno.test("completeSignIn() waits for whoever changes the sign-in", async () => {
  const { host, world } = open();
  await world.host().files.tryLock(paths.refreshLock, { create: true });
  const error = await assertRejects(
    () => completeSignIn(host, paths, signInOf()),
    KnownError,
  );
  assertEquals(error.code, "lock_busy");
});

Deno.test("switchWorkspace() changes the workspace and asks nobody", async () => {
  const { host, asked, world } = open({
    "/api/v1/me": me("acme", "beta", "gamma"),
  });
  await completeSignIn(host, paths, signInOf({ workspace: "acme" }));
  world.web.requests.length = 0;
  const switched = await switchWorkspace(host, paths, "id-beta");
  assert(switched.kind === "switched");
  assertEquals(
    [switched.session.workspace, switched.session.generation],
    ["beta", 2],
  );
  const unknown = await switchWorkspace(host, paths, "zeta");
  assertEquals(unknown, {
    kind: "unknown",
    choices: ["acme", "beta", "gamma"],
  });
  assertEquals(asked(), []);
});

Deno.test("switchWorkspace() needs somebody who is signed in", async () => {
  const { host } = open();
  assertEquals(await switchWorkspace(host, paths, "acme"), {
    kind: "signed_out",
  });
});

Deno.test("auditSignIn() says how it ended", async () => {
  const { host, world } = open();
  await auditSignIn(host, paths, signInOf(), { outcome: "denied" });
  const line = JSON.parse(world.disk.textOf(paths.authAudit) ?? "");
  assertEquals(
    [line.action, line.method, line.outcome, line.user_id],
    ["login", "browser", "denied", null],
  );
});
