import { assert, assertEquals } from "@std/assert";
import type { Candidate, Viewpoint } from "./candidate.ts";
import { SYNC_PORTS } from "./family.ts";
import { toRecord } from "./identity_record.ts";
import { redactArgv } from "./spawn_facts.ts";

const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const stale: Candidate = {
  port: 9401,
  pid: 5001,
  process: {
    startStamp: "77",
    startedAt: Date.UTC(2026, 0, 1),
    executable: "/usr/bin/python3",
    state: "running",
  },
  spawn: {
    shape: "marked",
    product: "spec-kitty",
    family: "sync",
    isProofWithoutMarker: true,
    scope: "/own",
    port: 9401,
    argv: redactArgv(["python3", "-c", `run_sync_daemon(9401, '${TOKEN}')`]),
  },
  health: {
    responded: true,
    outcome: "ok",
    status: "ok",
    daemonFamily: "sync",
    protocolVersion: 1,
    packageVersion: "3.2.4",
    ownerPid: 5001,
    ownerPort: 9401,
    hasOwner: true,
    queueDbPath: "/own/queues/q.db",
    authScope: "abc",
    serverUrl: "https://sync.example",
    startedAt: "2025-12-31T00:00:00+00:00",
    isDashboardShaped: false,
  },
  credentials: { argvTokenIsHealthToken: true, ownerBlock: "is_on_disk" },
  ownerPresent: true,
};
const from: Viewpoint = {
  takenAt: Date.UTC(2026, 0, 3),
  family: "sync",
  ports: SYNC_PORTS,
  scopes: { reeve: {}, "spec-kitty": { scope: "/own" } },
};
const unread: Candidate = {
  port: 9402,
  spawn: { shape: "unknown", isProofWithoutMarker: false, argv: [] },
  health: {
    responded: false,
    outcome: "no_answer",
    hasOwner: false,
    isDashboardShaped: false,
  },
  credentials: { ownerBlock: "absent" },
  ownerPresent: false,
};

const CONTRACT_KEYS = [
  "daemon_family",
  "pid",
  "port",
  "protocol_version",
  "package_version",
  "singleton_scope_id",
  "daemon_root",
  "queue_db_path",
  "auth_scope",
  "server_url",
  "owner_present",
  "identity_source",
  "executable_summary",
  "spawn_shape_ok",
  "self_report_matches_listener",
  "is_recorded_singleton",
  "cleanup_class",
  "skip_reason",
];
const OWN_KEYS = [
  "product",
  "evidence",
  "remediation",
  "started_at",
  "row",
  "explanation",
];

Deno.test.each([
  { name: "a full candidate", candidate: stale },
  { name: "an unreadable one", candidate: unread },
])("toRecord() of $name has exactly its keys", ({ candidate }) => {
  const record = toRecord(candidate, from);
  assertEquals(
    Object.keys(record).toSorted(),
    [...CONTRACT_KEYS, ...OWN_KEYS].toSorted(),
  );
  assert(!Object.values(record).includes(undefined), "null, never undefined");
  assertEquals<unknown>(JSON.parse(JSON.stringify(record)), record);
});

Deno.test("toRecord() tells the facts and the verdict", () => {
  const { evidence: _, remediation, explanation, ...rest } = toRecord(
    stale,
    from,
  );
  assertEquals(rest, {
    "daemon_family": "sync",
    "pid": 5001,
    "port": 9401,
    "protocol_version": 1,
    "package_version": "3.2.4",
    "singleton_scope_id": "/own",
    "daemon_root": "/own",
    "queue_db_path": "/own/queues/q.db",
    "auth_scope": "abc",
    "server_url": "https://sync.example",
    "owner_present": true,
    "identity_source": "health_self_report",
    "executable_summary": "/usr/bin/python3",
    "spawn_shape_ok": true,
    "self_report_matches_listener": true,
    "is_recorded_singleton": false,
    "cleanup_class": "safe_auto",
    "skip_reason": null,
    "product": "spec-kitty",
    "started_at": "2026-01-01T00:00:00.000Z",
    "row": "9",
  });
  assertEquals(remediation.command, "reeve auth doctor --reset");
  assert(explanation.endsWith("."));
});

Deno.test("toRecord() never invents what nobody could read", () => {
  const record = toRecord(unread, from);
  const empty = CONTRACT_KEYS.filter((key) =>
    Object.entries(record).some(([name, value]) =>
      name === key && value === null
    )
  );
  assertEquals(empty, [
    "pid",
    "protocol_version",
    "package_version",
    "singleton_scope_id",
    "daemon_root",
    "queue_db_path",
    "auth_scope",
    "server_url",
    "executable_summary",
  ]);
  assertEquals([record.daemon_family, record.started_at, record.product], [
    "sync",
    null,
    null,
  ]);
});

Deno.test("toRecord() holds no secret of the command line", () => {
  const { process: _, ...noProcess } = stale;
  for (const candidate of [stale, noProcess]) {
    const text = JSON.stringify(toRecord(candidate, from));
    assert(!text.includes(TOKEN) && !text.includes("token ="), text);
  }
  assertEquals(toRecord(noProcess, from).executable_summary, "python3");
});

Deno.test("toRecord() without a process takes the start from health", () => {
  const { process: _, ...noProcess } = stale;
  assertEquals(
    toRecord(noProcess, from).started_at,
    "2025-12-31T00:00:00+00:00",
  );
});

Deno.test.each(
  [
    { name: "health", health: "dashboard", argv: "sync", family: "dashboard" },
    { name: "argv", health: undefined, argv: "dashboard", family: "dashboard" },
    {
      name: "the viewpoint",
      health: undefined,
      argv: undefined,
      family: "sync",
    },
  ] as const,
)("toRecord() takes the family from $name", (row) => {
  const { daemonFamily: _, ...health } = stale.health;
  const { family: __, ...spawn } = stale.spawn;
  const record = toRecord({
    ...stale,
    health: row.health ? { ...health, daemonFamily: row.health } : health,
    spawn: row.argv ? { ...spawn, family: row.argv } : spawn,
  }, from);
  assertEquals<string>(record.daemon_family, row.family);
});

Deno.test("toRecord() flags the daemon that the state file names", () => {
  const singleton = { port: 9401, pid: 5001 };
  const scopes = { reeve: {}, "spec-kitty": { scope: "/own", singleton } };
  const record = toRecord(stale, { ...from, scopes });
  assertEquals([record.is_recorded_singleton, record.cleanup_class], [
    true,
    "never_touch",
  ]);
});

Deno.test("toRecord() flags no daemon that is named only in part", () => {
  const singleton = { port: 9401, pid: 6002 };
  const scopes = { reeve: {}, "spec-kitty": { scope: "/own", singleton } };
  const record = toRecord(stale, { ...from, scopes });
  assertEquals([record.is_recorded_singleton, record.skip_reason], [
    false,
    "pid_port_mismatch",
  ]);
});

Deno.test("toRecord() flags that daemon although its argv is unread", () => {
  const singleton = { port: 9402, pid: 5002 };
  const scopes = { reeve: { scope: "/own", singleton }, "spec-kitty": {} };
  const record = toRecord({ ...unread, pid: 5002 }, { ...from, scopes });
  assertEquals([record.is_recorded_singleton, record.skip_reason], [
    true,
    "is_recorded_singleton",
  ]);
});
