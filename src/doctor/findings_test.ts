import { assert, assertEquals } from "@std/assert";
import type { HealthFacts } from "../daemon/candidate.ts";
import type { CurrentDaemon } from "../daemon/current.ts";
import { SYNC_PORTS } from "../daemon/family.ts";
import {
  type DaemonIdentityRecord,
  toRecord,
} from "../daemon/identity_record.ts";
import { KnownError } from "../errors.ts";
import type { DoctorFacts } from "./doctor_facts.ts";
import { findFindings } from "./findings.ts";

const health: HealthFacts = {
  responded: true,
  outcome: "ok",
  packageVersion: "0.2.0",
  hasOwner: true,
  isDashboardShaped: false,
};
const state = {
  url: "http://localhost:9400",
  port: 9400,
  token: "36aeeaca1c580397e4a535a311ab974f",
  pid: 42,
};
const read = { kind: "found", state } as const;
const none: CurrentDaemon = { kind: "none", read: { kind: "missing" } };
const takenAt = Date.UTC(2026, 0, 1);

const fine: DoctorFacts = {
  generatedAt: takenAt,
  host: "moon",
  authRoot: "/r/auth",
  scope: "/r",
  version: "0.2.0",
  refreshLock: { isStuck: false },
  stuckThresholdSeconds: 60,
  current: { kind: "healthy", read, state, health },
  scan: {
    machine: { host: "moon", bootId: "b", pidNamespace: undefined },
    viewpoint: {
      takenAt,
      family: "sync",
      ports: SYNC_PORTS,
      scopes: { reeve: {}, "spec-kitty": {} },
    },
    candidates: [],
  },
  settings: { policy: "auto", serverUrl: undefined, warnings: [] },
  isRolloutEnabled: true,
  looseModes: [],
  strangeRecords: [],
};

function running(version?: string): CurrentDaemon {
  const { packageVersion: _, ...rest } = health;
  return {
    kind: "healthy",
    read,
    state,
    health: version === undefined ? rest : { ...rest, packageVersion: version },
  };
}

function lockOf(isStuck: boolean, host: string): DoctorFacts["refreshLock"] {
  const record = {
    "schema_version": 1,
    host,
    "pid": 7,
    "started_at": "2026-01-01T00:00:00.000Z",
    "version": "0.2.0",
  };
  return { record, ageSeconds: 61.4, isStuck };
}

const damaged: CurrentDaemon = {
  kind: "none",
  read: { kind: "damaged", reason: "it is empty" },
};
const sick: CurrentDaemon = {
  kind: "unhealthy",
  read,
  state,
  reason: "it does not know its token",
  isSilent: false,
  isStopping: false,
};
const STUCK = true;
const FRESH = false;

const rows: readonly {
  readonly name: string;
  readonly change: Partial<DoctorFacts>;
  readonly is: readonly string[];
}[] = [
  { name: "nothing wrong", change: {}, is: ["F-001 info -"] },
  {
    name: "a server and no sign-in",
    change: {
      settings: {
        policy: "auto",
        serverUrl: "https://sync.example",
        warnings: [],
      },
    },
    is: ["F-001 critical reeve auth login"],
  },
  {
    name: "settings that cannot be used",
    change: { settings: { fault: new KnownError("damaged_file", "Bad") } },
    is: ["F-012 warn -"],
  },
  {
    name: "a doubtful setting",
    change: {
      settings: { policy: "auto", serverUrl: undefined, warnings: ["Odd"] },
    },
    is: ["F-001 info -", "F-012 warn -"],
  },
  {
    name: "a stuck lock",
    change: { refreshLock: lockOf(STUCK, "moon") },
    is: ["F-001 info -", "F-003 critical reeve auth doctor --unstick-lock"],
  },
  {
    name: "a held lock",
    change: { refreshLock: lockOf(FRESH, "moon") },
    is: ["F-001 info -"],
  },
  {
    name: "a lock of another host",
    change: { refreshLock: lockOf(FRESH, "sun") },
    is: ["F-001 info -", "F-007 warn -"],
  },
  {
    name: "an older daemon",
    change: { current: running("0.1.9") },
    is: ["F-001 info -", "F-004 warn reeve daemon restart"],
  },
  {
    name: "a daemon without version",
    change: { current: running() },
    is: ["F-001 info -", "F-004 warn reeve daemon restart"],
  },
  {
    name: "a newer daemon",
    change: { current: running("0.10.0") },
    is: ["F-001 info -", "F-004 warn reeve daemon restart --force"],
  },
  {
    name: "no daemon",
    change: { current: none },
    is: ["F-001 info -", "F-005 info reeve daemon start"],
  },
  {
    name: "no daemon and no rollout",
    change: { current: none, isRolloutEnabled: false },
    is: ["F-001 info -"],
  },
  {
    name: "a damaged state file and no rollout",
    change: { current: damaged, isRolloutEnabled: false },
    is: ["F-001 info -", "F-005 info reeve daemon start"],
  },
  {
    name: "an unhealthy daemon",
    change: { current: sick },
    is: ["F-001 info -", "F-005 info reeve daemon restart"],
  },
  {
    name: "a loose mode",
    change: { looseModes: [{ path: "/it's", mode: 0o755, expected: 0o700 }] },
    is: ["F-001 info -", "F-009 warn chmod 700 '/it'\\''s'"],
  },
  {
    name: "a strange record",
    change: { strangeRecords: [{ path: "/o.json", status: "other_host" }] },
    is: ["F-001 info -", "F-011 info -"],
  },
];

Deno.test.each(rows)("findFindings() with $name: $is", ({ change, is }) => {
  const found = findFindings({ ...fine, ...change }, []);
  assertEquals(
    found.map(({ id, severity, remediation }) =>
      `${id} ${severity} ${remediation?.command ?? "-"}`
    ),
    [...is],
  );
  for (const { summary, remediation } of found) {
    assert(summary.endsWith("."), summary);
    if (remediation) assert(remediation.description !== undefined);
    assert(!summary.includes(state.token));
  }
});

function orphan(port: number, change: Partial<DaemonIdentityRecord>) {
  const record = toRecord({
    port,
    spawn: { shape: "unknown", isProofWithoutMarker: false, argv: [] },
    health,
    credentials: { ownerBlock: "absent" },
    ownerPresent: false,
  }, fine.scan.viewpoint);
  return { ...record, ...change };
}
const safe = { "cleanup_class": "safe_auto", "skip_reason": null } as const;
const unclear = {
  "cleanup_class": "operator_required",
  "skip_reason": "cross_root",
} as const;
const unseen = { ...unclear, "skip_reason": "missing_pid" } as const;

Deno.test.each([
  {
    name: "one stale daemon",
    orphans: [safe],
    summary: "1 orphan daemon on port 9401.",
    command: "reeve auth doctor --reset",
    description: "Stops 1 stale daemon of this state root.",
  },
  {
    name: "stale and unclear ones",
    orphans: [safe, unclear, safe],
    summary: "3 orphan daemons on ports 9401, 9402, 9403.",
    command: "reeve auth doctor --reset",
    description: "Stops 2 stale daemons of this state root. " +
      "The other 1 also need --force.",
  },
  {
    name: "unclear ones only",
    orphans: [unclear, unclear],
    summary: "2 orphan daemons on ports 9401, 9402.",
    command: "reeve auth doctor --reset --force",
    description: "Stops 2 daemons whose state only you can judge.",
  },
  {
    name: "one that nobody can see",
    orphans: [unseen],
    summary: "1 orphan daemon on port 9401.",
    command: null,
    description: "Look again as the user that they belong to, or as root.",
  },
])("findFindings() of $name names ports and next step", (row) => {
  const orphans = row.orphans.map((change, at) => orphan(9401 + at, change));
  const found = findFindings(fine, orphans).find(({ id }) => id === "F-002");
  assertEquals([found?.severity, found?.summary], ["warn", row.summary]);
  assertEquals(found?.remediation, {
    command: row.command,
    description: row.description,
  });
});

Deno.test("findFindings() sorts by id", () => {
  const ids = findFindings({
    ...fine,
    current: sick,
    looseModes: [{ path: "/r", mode: 0o755, expected: 0o700 }],
    refreshLock: lockOf(STUCK, "sun"),
  }, [orphan(9401, safe)]).map(({ id }) => id);
  assertEquals(ids, ["F-001", "F-002", "F-003", "F-005", "F-007", "F-009"]);
});
