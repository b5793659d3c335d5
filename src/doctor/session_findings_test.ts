import { assert, assertEquals } from "@std/assert";
import type { Session } from "../auth/session.ts";
import type { SessionCheck } from "../auth/session_check.ts";
import { toSummary } from "../auth/session_record.ts";
import { SYNC_PORTS } from "../daemon/family.ts";
import { KnownError } from "../errors.ts";
import type { DoctorFacts } from "./doctor_facts.ts";
import type { SessionFacts } from "./session_facts.ts";
import { sessionFindings } from "./session_findings.ts";

const SERVER = "https://sync.example";
const session: Session = {
  accessToken: "access-canary",
  accessExpiresAt: undefined,
  refreshToken: "refresh-canary",
  refreshExpiresAt: undefined,
  sessionId: "s1",
  userId: "u1",
  email: "",
  name: "",
  workspaces: [],
  workspace: "acme",
  server: SERVER,
  method: "browser",
  issuedAt: 0,
  generation: 3,
};
const active: SessionFacts = {
  state: "active",
  summary: toSummary(session),
  hasEnvToken: false,
};
const facts: DoctorFacts = {
  generatedAt: 0,
  host: "moon",
  authRoot: "/r/auth",
  scope: "/r",
  version: "0.2.0",
  refreshLock: { isStuck: false },
  stuckThresholdSeconds: 60,
  current: { kind: "none", read: { kind: "missing" } },
  scan: {
    machine: { host: "moon", bootId: "b", pidNamespace: undefined },
    viewpoint: {
      takenAt: 0,
      family: "sync",
      ports: SYNC_PORTS,
      scopes: { reeve: {}, "spec-kitty": {} },
    },
    candidates: [],
  },
  settings: { policy: "auto", serverUrl: undefined, warnings: [] },
  isRolloutEnabled: false,
  looseModes: [],
  strangeRecords: [],
};
const damaged: SessionFacts = {
  state: "unreadable",
  problem: { kind: "damaged", reason: "it is damaged", fix: "Sign in again." },
  hasEnvToken: false,
};
const checked: SessionCheck = {
  isActive: true,
  sessionId: "s1",
  problem: undefined,
  isRejected: false,
  clockAheadMs: 0,
  unsaved: undefined,
};

function at(serverUrl: string): Partial<DoctorFacts> {
  return { settings: { policy: "auto", serverUrl, warnings: [] } };
}

function withSummary(change: Partial<Session>): SessionFacts {
  return { ...active, summary: toSummary({ ...session, ...change }) };
}

const mine = {
  id: "w1",
  slug: "acme",
  name: "",
  role: "",
  isPrivate: true,
  isDefault: true,
};

Deno.test.each<{
  name: string;
  change: Partial<DoctorFacts>;
  is: readonly string[];
}>([
  { name: "nobody and no server", change: {}, is: ["F-001 info -"] },
  {
    name: "nobody and a server",
    change: at(SERVER),
    is: ["F-001 critical reeve auth login"],
  },
  {
    name: "nobody and settings with a fault",
    change: { settings: { fault: new KnownError("damaged_file", "Bad") } },
    is: [],
  },
  { name: "a good session", change: { session: active }, is: [] },
  {
    name: "a good session of the server",
    change: { session: active, ...at(SERVER) },
    is: [],
  },
  {
    name: "a session of another server",
    change: { session: active, ...at("https://b.example") },
    is: ["F-015 critical reeve auth login"],
  },
  {
    name: "a session that is due for a refresh",
    change: { session: { ...active, state: "refreshable" } },
    is: ["F-013 info reeve auth doctor --server"],
  },
  {
    name: "an ended session and no server",
    change: { session: { ...active, state: "expired" } },
    is: ["F-013 warn reeve auth login"],
  },
  {
    name: "an ended session and a server",
    change: { session: { ...active, state: "expired" }, ...at(SERVER) },
    is: ["F-013 critical reeve auth login"],
  },
  {
    name: "a damaged session and a server",
    change: { session: damaged, ...at(SERVER) },
    is: ["F-014 critical -"],
  },
  {
    name: "a damaged session and no server",
    change: { session: damaged },
    is: ["F-014 warn -"],
  },
  {
    name: "no workspace chosen",
    change: {
      session: withSummary({ workspace: undefined, workspaces: [mine] }),
    },
    is: ["F-016 warn reeve auth login --workspace SLUG"],
  },
  {
    name: "no workspace at all",
    change: { session: withSummary({ workspace: undefined }) },
    is: ["F-016 warn -"],
  },
  {
    name: "a token of the environment alone",
    change: { session: { state: "none", hasEnvToken: true }, ...at(SERVER) },
    is: [],
  },
  {
    name: "a token of the environment before an ended session",
    change: {
      session: { ...active, state: "expired", hasEnvToken: true },
      ...at(SERVER),
    },
    is: ["F-010 warn -"],
  },
  {
    name: "a server that knows the session",
    change: { session: active, server: checked },
    is: [],
  },
  {
    name: "a server that does not know the session",
    change: { session: active, server: { ...checked, isRejected: true } },
    is: ["F-017 critical reeve auth login --force"],
  },
  {
    name: "a refreshed session that was not stored",
    change: { session: active, server: { ...checked, unsaved: "It was not" } },
    is: ["F-006 critical -"],
  },
  {
    name: "a clock that is 60 s ahead",
    change: { session: active, server: { ...checked, clockAheadMs: 60_000 } },
    is: [],
  },
  {
    name: "a clock that is more than 60 s ahead",
    change: { session: active, server: { ...checked, clockAheadMs: 60_001 } },
    is: ["F-008 warn -"],
  },
  {
    name: "a clock that is behind",
    change: { session: active, server: { ...checked, clockAheadMs: -61_000 } },
    is: ["F-008 warn -"],
  },
])("sessionFindings() with $name: $is", ({ change, is }) => {
  const found = sessionFindings({ ...facts, ...change });
  assertEquals(
    found.map(({ id, severity, remediation }) =>
      `${id} ${severity} ${remediation?.command ?? "-"}`
    ),
    [...is],
  );
  for (const { summary } of found) assert(summary.endsWith("."), summary);
  assert(!JSON.stringify(found).includes("canary"));
});

Deno.test("sessionFindings() tells which way the clock is off", () => {
  const summaryOf = (clockAheadMs: number) =>
    sessionFindings({
      ...facts,
      session: active,
      server: { ...checked, clockAheadMs },
    })[0]?.summary;
  assertEquals(
    [summaryOf(90_400), summaryOf(-90_400)],
    [
      "The clock is 90 s ahead of that of the server.",
      "The clock is 90 s behind that of the server.",
    ],
  );
});
