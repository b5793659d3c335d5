import { assert, assertEquals } from "@std/assert";
import type { Session } from "./session.ts";
import {
  fromSessionRecord,
  toSessionRecord,
  toSummary,
} from "./session_record.ts";
import { sessionSchema, sessionSummarySchema } from "./session_schema.ts";

const session: Session = {
  accessToken: "access-canary",
  accessExpiresAt: Date.UTC(2026, 0, 2),
  refreshToken: "refresh-canary",
  refreshExpiresAt: undefined,
  sessionId: "s1",
  userId: "u1",
  email: "ada@example.com",
  name: "Ada",
  workspaces: [{
    id: "w1",
    slug: "acme",
    name: "Acme",
    role: "owner",
    isPrivate: true,
    isDefault: false,
  }],
  workspace: "acme",
  server: "https://sync.example/base",
  method: "browser",
  issuedAt: Date.UTC(2026, 0, 1),
  generation: 3,
};
const bare: Session = {
  ...session,
  accessExpiresAt: undefined,
  refreshToken: undefined,
  sessionId: undefined,
  workspaces: [],
  workspace: undefined,
  method: "token",
};

Deno.test.each([
  { name: "a full session", given: session },
  { name: "a bare token", given: bare },
])("toSessionRecord() keeps all of $name", ({ given }) => {
  const text = JSON.stringify(toSessionRecord(given));
  const parsed = sessionSchema.safeParse(JSON.parse(text));
  assert(parsed.success);
  assertEquals(fromSessionRecord(parsed.data), given);
});

Deno.test("toSummary() holds no token and passes its own check", () => {
  const text = JSON.stringify(toSummary(session));
  assert(!text.includes("canary"), text);
  assert(sessionSummarySchema.safeParse(JSON.parse(text)).success);
  assert(toSummary(session).can_refresh);
  assert(!toSummary(bare).can_refresh);
});

Deno.test.each([
  { name: "plain http elsewhere", change: { "server": "http://x.example" } },
  { name: "no address", change: { "server": "x" } },
  { name: "an unknown method", change: { "method": "magic" } },
])("fromSessionRecord() refuses $name", ({ change }) => {
  const record = { ...toSessionRecord(session), ...change };
  assertEquals(fromSessionRecord(record), undefined);
});

Deno.test.each([
  { name: "a token with a line break", change: { "access_token": "a\r\nb" } },
  { name: "an empty token", change: { "access_token": "" } },
  { name: "a date that is none", change: { "issued_at": "soon" } },
  { name: "generation 0", change: { "generation": 0 } },
  { name: "a slug with a space", change: { "workspace": "a b" } },
])("sessionSchema refuses $name", ({ change }) => {
  const record = { ...toSessionRecord(session), ...change };
  assert(!sessionSchema.safeParse(record).success);
});
