import { assert, assertEquals } from "@std/assert";
import type { Candidate } from "../daemon/candidate.ts";
import { SYNC_PORTS } from "../daemon/family.ts";
import type { DoctorFacts } from "./doctor_facts.ts";
import { buildReport, isCritical, orphansOf } from "./report.ts";

const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const stale: Candidate = {
  port: 9401,
  pid: 5001,
  spawn: {
    shape: "marked",
    product: "reeve",
    family: "sync",
    isProofWithoutMarker: false,
    scope: "/r",
    argv: [],
  },
  health: {
    responded: true,
    outcome: "ok",
    packageVersion: "0.1.0",
    protocolVersion: 1,
    ownerPid: 5001,
    ownerPort: 9401,
    hasOwner: true,
    isDashboardShaped: false,
  },
  credentials: { ownerBlock: "not_read" },
  ownerPresent: true,
};
const stranger: Candidate = {
  ...stale,
  port: 9403,
  spawn: { shape: "none", isProofWithoutMarker: false, argv: ["nginx"] },
};
const other: Candidate = {
  ...stale,
  port: 9402,
  spawn: { ...stale.spawn, scope: "/other" },
};
const state = {
  url: "http://localhost:9400",
  port: 9400,
  token: TOKEN,
  pid: 42,
};
const read = { kind: "found", state } as const;

const facts: DoctorFacts = {
  generatedAt: Date.UTC(2026, 0, 1, 2, 3, 4, 5),
  host: "moon",
  authRoot: "/r/auth",
  scope: "/r",
  version: "0.1.0",
  refreshLock: { isStuck: false },
  stuckThresholdSeconds: 60,
  current: { kind: "healthy", read, state, health: stale.health },
  scan: {
    machine: { host: "moon", bootId: "b", pidNamespace: undefined },
    viewpoint: {
      takenAt: 0,
      family: "sync",
      ports: SYNC_PORTS,
      scopes: {
        reeve: { scope: "/r", singleton: { port: 9400, pid: 42 } },
        "spec-kitty": {},
      },
    },
    candidates: [{ ...stale, port: 9400, pid: 42 }, stale, other, stranger],
  },
  settings: { policy: "auto", serverUrl: undefined, warnings: [] },
  isRolloutEnabled: true,
  looseModes: [],
  strangeRecords: [],
};

Deno.test("buildReport() has the keys of schema version 2", () => {
  const report = buildReport(facts);
  assertEquals(Object.keys(report).toSorted(), [
    "auth_root",
    "daemon",
    "findings",
    "foreign_records",
    "generated_at",
    "messages",
    "orphans",
    "package_version",
    "refresh_lock",
    "scan",
    "schema",
    "schema_version",
    "session",
    "singleton_scope_id",
  ]);
  assertEquals([report.schema, report.schema_version], ["auth_doctor", 2]);
  assertEquals(report.generated_at, "2026-01-01T02:03:04.005000+00:00");
  assertEquals(report.session, null);
});

Deno.test("buildReport() shows no token", () => {
  assert(!JSON.stringify(buildReport(facts)).includes(TOKEN));
});

Deno.test("buildReport() adds what was done, only when it was", () => {
  const nothing = { "swept": [], "skipped": [], "failed": [] };
  const session = { "active": false, "session_id": null, "error": "x" };
  const report = buildReport(facts, {
    resetResult: nothing,
    serverSession: session,
    messages: ["Done."],
  });
  assertEquals(report.reset_result, nothing);
  assertEquals(report.server_session, session);
  assertEquals(report.messages, ["Done."]);
  assertEquals(buildReport(facts).messages, []);
});

Deno.test("orphansOf() leaves out the current daemon and strangers", () => {
  assertEquals(
    orphansOf(facts.scan).map((row) => `${row.port} ${row.cleanup_class}`),
    ["9401 safe_auto", "9402 operator_required"],
  );
});

Deno.test("buildReport() counts what it leaves out", () => {
  assertEquals(buildReport(facts).scan, {
    "first_port": 9400,
    "last_port": 9449,
    "listeners": 4,
    "never_touched": 2,
    "table_problem": null,
  });
  const scan = { ...facts.scan, tableProblem: "denied" };
  const report = buildReport({ ...facts, scan });
  assertEquals(report.scan.table_problem, "denied");
});

Deno.test.each([
  {
    name: "healthy",
    current: facts.current,
    is: {
      "active": true,
      "pid": 42,
      "port": 9400,
      "package_version": "0.1.0",
      "protocol_version": 1,
      "problem": null,
    },
  },
  {
    name: "unhealthy",
    current: {
      kind: "unhealthy",
      read,
      state: { url: "http://localhost:9400", port: 9400 },
      reason: "it is silent",
      isSilent: true,
      isStopping: false,
    } as const,
    is: {
      "active": false,
      "pid": null,
      "port": 9400,
      "package_version": null,
      "protocol_version": null,
      "problem": "it is silent",
    },
  },
  {
    name: "recorded in a damaged file",
    current: {
      kind: "none",
      read: { kind: "damaged", reason: "it is empty" },
    } as const,
    is: {
      "active": false,
      "pid": null,
      "port": null,
      "package_version": null,
      "protocol_version": null,
      "problem": "it is empty",
    },
  },
  {
    name: "not recorded",
    current: { kind: "none", read: { kind: "missing" } } as const,
    is: null,
  },
])("buildReport() of a daemon that is $name", ({ current, is }) => {
  assertEquals<unknown>(buildReport({ ...facts, current }).daemon, is);
});

Deno.test("buildReport() shows the refresh lock, free or held", () => {
  assertEquals(buildReport(facts).refresh_lock, {
    "held": false,
    "holder_pid": null,
    "started_at": null,
    "age_s": null,
    "stuck": false,
    "stuck_threshold_s": 60,
    "holder_host": null,
  });
  const record = {
    "schema_version": 1,
    "host": "moon",
    "pid": 7,
    "started_at": "2026-01-01T00:00:00.000Z",
    "version": "0.1.0",
  };
  const refreshLock = { record, ageSeconds: 61, isStuck: true };
  assertEquals(buildReport({ ...facts, refreshLock }).refresh_lock, {
    "held": true,
    "holder_pid": 7,
    "started_at": "2026-01-01T00:00:00.000Z",
    "age_s": 61,
    "stuck": true,
    "stuck_threshold_s": 60,
    "holder_host": "moon",
  });
});

Deno.test("isCritical() looks at the severity alone", () => {
  const report = buildReport(facts);
  assert(report.findings.some(({ severity }) => severity === "warn"));
  assert(!isCritical(report));
  const settings = {
    policy: "auto",
    serverUrl: "https://sync.example",
    warnings: [],
  } as const;
  assert(isCritical(buildReport({ ...facts, settings })));
});
