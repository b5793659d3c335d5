import { assert, assertEquals } from "@std/assert";
import { askProfile, askSession, clockAhead } from "./profile.ts";
import { FakeWorld, webReply } from "#support/fake_host.ts";
// Loading a module takes real time, in which a fake clock would run away.
import "./reply_schema.ts";
import "./session_schema.ts";

const TOKEN = { accessToken: "a1", server: "https://sync.example" };
const ME = {
  "user_id": "u1",
  "email": "ada@example.com",
  "name": "Ada",
  "workspaces": [{
    "id": "w1",
    "slug": "acme",
    "name": "Acme",
    "role": "owner",
    "is_private": true,
    "is_default": true,
  }],
};

function answer(status: number, body: Readonly<Record<string, unknown>>) {
  const host = new FakeWorld().host();
  host.world.web.respond = () => webReply(status, body);
  return host;
}

Deno.test("askProfile() gives the person and the workspaces", async () => {
  const asked = await askProfile(answer(200, ME), TOKEN);
  assertEquals(asked, {
    kind: "profile",
    profile: {
      userId: "u1",
      email: "ada@example.com",
      name: "Ada",
      workspaces: [{
        id: "w1",
        slug: "acme",
        name: "Acme",
        role: "owner",
        isPrivate: true,
        isDefault: true,
      }],
    },
  });
});

Deno.test("askProfile() does without what is not needed", async () => {
  const bare = { "user_id": "u1", "workspaces": [{ "id": "w", "slug": "s" }] };
  const asked = await askProfile(answer(200, bare), TOKEN);
  assert(asked.kind === "profile");
  assertEquals([asked.profile.email, asked.profile.name], ["", ""]);
  assert(asked.profile.workspaces[0]?.isPrivate === false);
});

Deno.test.each([
  { status: 401, body: {}, is: "rejected" },
  { status: 403, body: {}, is: "failed" },
  { status: 500, body: {}, is: "failed" },
  { status: 302, body: {}, is: "failed" },
  { status: 200, body: {}, is: "failed" },
  { status: 200, body: { ...ME, "user_id": "" }, is: "failed" },
  {
    status: 200,
    body: { ...ME, "workspaces": [{ "id": "w", "slug": "a\r\nb" }] },
    is: "failed",
  },
])("askProfile() that meets $status $body: $is", async (row) => {
  const asked = await askProfile(answer(row.status, row.body), TOKEN);
  assertEquals<string>(asked.kind, row.is);
});

Deno.test("askSession() tells life, name and clock", async () => {
  const host = new FakeWorld().host();
  const now = host.clock.now();
  const date = new Date(now - 120_000).toUTCString();
  const body = { "status": "active", "session_id": "s1", "expires_in": 60 };
  host.world.web.respond = () => webReply(200, body, { date });
  assertEquals(await askSession(host, TOKEN), {
    answer: {
      kind: "session",
      isActive: true,
      sessionId: "s1",
      accessExpiresAt: now + 60_000,
    },
    clockAheadMs: 119_001,
  });
});

Deno.test("askSession() tells the clock of a server that refuses", async () => {
  const host = new FakeWorld().host();
  const date = new Date(host.clock.now() + 120_000).toUTCString();
  host.world.web.respond = () => webReply(401, {}, { date });
  const { answer, clockAheadMs } = await askSession(host, TOKEN);
  assertEquals([answer.kind, clockAheadMs], ["rejected", -120_000]);
});

Deno.test("askSession() of a server that is not there", async () => {
  const host = new FakeWorld().host();
  const { answer, clockAheadMs } = await askSession(host, TOKEN);
  assertEquals([answer.kind, clockAheadMs], ["failed", undefined]);
});

Deno.test.each([
  { asked: 1000, answered: 1000, server: 1000, is: 0 },
  { asked: 1500, answered: 1500, server: 1000, is: 0 },
  { asked: 1999, answered: 2000, server: 1000, is: 0 },
  { asked: 2000, answered: 2000, server: 1000, is: 1 },
  { asked: 0, answered: 5000, server: 4000, is: 0 },
  { asked: 0, answered: 500, server: 4000, is: -3500 },
])("clockAhead() of $asked to $answered and $server is $is", (row) => {
  assertEquals(clockAhead(row.asked, row.answered, row.server), row.is);
});
