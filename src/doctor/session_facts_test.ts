import { assert, assertEquals } from "@std/assert";
import type { Session } from "../auth/session.ts";
import { toSessionRecord, toSummary } from "../auth/session_record.ts";
import { statePaths } from "../state/paths.ts";
import { readSessionFacts } from "./session_facts.ts";
import { FakeWorld } from "#support/fake_host.ts";

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
  issuedAt: 0,
  generation: 3,
};

function open(text: string | undefined) {
  const world = new FakeWorld();
  world.disk.putDirectory(paths.auth, 0o700);
  if (text !== undefined) world.disk.put(paths.session, text);
  return world;
}

Deno.test("readSessionFacts() of nobody is nothing", async () => {
  const world = open(undefined);
  assertEquals(await readSessionFacts(world.host(), paths), undefined);
});

Deno.test("readSessionFacts() holds no token", async () => {
  const world = open(JSON.stringify(toSessionRecord(session)));
  const env = { REEVE_TOKEN: "env-canary" };
  const facts = await readSessionFacts(world.host({ env }), paths);
  assertEquals(facts, {
    state: "active",
    hasEnvToken: true,
    summary: toSummary(session),
  });
  assert(!JSON.stringify(facts).includes("canary"));
});

Deno.test("readSessionFacts() says why a session cannot be used", async () => {
  const facts = await readSessionFacts(open("{").host(), paths);
  assertEquals([facts?.state, facts?.problem?.kind], ["unreadable", "damaged"]);
});

Deno.test("readSessionFacts() knows a token of the environment alone", async () => {
  const host = open(undefined).host({ env: { REEVE_TOKEN: "t" } });
  assertEquals(await readSessionFacts(host, paths), {
    state: "none",
    hasEnvToken: true,
  });
});
