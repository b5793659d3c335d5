import { assert, assertEquals } from "@std/assert";
import {
  canRefresh,
  isExpiring,
  isNewer,
  isSameSignIn,
  type Session,
  sessionState,
} from "./session.ts";

const NOW = Date.UTC(2026, 0, 2);
const session: Session = {
  accessToken: "a1",
  accessExpiresAt: NOW + 60_000,
  refreshToken: "r1",
  refreshExpiresAt: NOW + 600_000,
  sessionId: "s1",
  userId: "u1",
  email: "ada@example.com",
  name: "Ada",
  workspaces: [],
  workspace: "acme",
  server: "https://sync.example",
  method: "browser",
  issuedAt: NOW - 60_000,
  generation: 3,
};

Deno.test.each(
  [
    { name: "a fresh one", change: {}, is: "active" },
    {
      name: "an end that nobody knows",
      change: { accessExpiresAt: undefined },
      is: "active",
    },
    {
      name: "its last millisecond",
      change: { accessExpiresAt: NOW + 1 },
      is: "active",
    },
    {
      name: "an ended access token",
      change: { accessExpiresAt: NOW },
      is: "refreshable",
    },
    {
      name: "a refresh token of unknown end",
      change: { accessExpiresAt: NOW, refreshExpiresAt: undefined },
      is: "refreshable",
    },
    {
      name: "an ended refresh token",
      change: { accessExpiresAt: NOW, refreshExpiresAt: NOW },
      is: "expired",
    },
    {
      name: "no refresh token",
      change: { accessExpiresAt: NOW, refreshToken: undefined },
      is: "expired",
    },
  ] as const,
)("sessionState() of $name is $is", ({ change, is }) => {
  const stored = { kind: "found", session: { ...session, ...change } } as const;
  assertEquals<string>(sessionState(stored, NOW), is);
});

Deno.test("sessionState() of nothing and of rubbish is no session", () => {
  assertEquals(sessionState({ kind: "missing" }, NOW), "none");
  const rubbish = {
    kind: "unreadable",
    problem: "damaged",
    reason: "r",
    fix: "f",
  } as const;
  assertEquals(sessionState(rubbish, NOW), "unreadable");
});

Deno.test.each([
  { left: 5001, is: false },
  { left: 5000, is: true },
  { left: -1, is: true },
  { left: undefined, is: false },
])("isExpiring() with $left ms left is $is", ({ left, is }) => {
  const accessExpiresAt = left === undefined ? undefined : NOW + left;
  assertEquals(isExpiring({ ...session, accessExpiresAt }, NOW), is);
});

Deno.test("canRefresh() needs a refresh token that has not ended", () => {
  assert(canRefresh(session, NOW));
  assert(!canRefresh({ ...session, refreshToken: undefined }, NOW));
  assert(!canRefresh({ ...session, refreshExpiresAt: NOW }, NOW));
});

Deno.test.each([
  { name: "the same", change: {}, newer: false, same: true },
  {
    name: "the next generation",
    change: { generation: 4 },
    newer: true,
    same: true,
  },
  {
    name: "an older generation",
    change: { generation: 2 },
    newer: false,
    same: true,
  },
  {
    name: "another session",
    change: { sessionId: "s2", generation: 1 },
    newer: true,
    same: false,
  },
  {
    name: "another sign-in without session id",
    change: { issuedAt: NOW, generation: 1 },
    newer: true,
    same: false,
  },
])("isNewer() of $name is $newer", ({ change, newer, same }) => {
  assertEquals(isNewer({ ...session, ...change }, session), newer);
  assertEquals(isSameSignIn({ ...session, ...change }, session), same);
});
