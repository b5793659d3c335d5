import { assert, assertEquals } from "@std/assert";
import type { Candidate } from "../daemon/candidate.ts";
import { SYNC_PORTS } from "../daemon/family.ts";
import type { DoctorFacts } from "../doctor/doctor_facts.ts";
import { buildReport } from "../doctor/report.ts";
import { formatReport, resetLines } from "./doctor_text.ts";

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
    packageVersion: "0.0.9\u001b[2J",
    ownerPid: 5001,
    ownerPort: 9401,
    hasOwner: true,
    isDashboardShaped: false,
  },
  credentials: { ownerBlock: "not_read" },
  ownerPresent: true,
};
const { packageVersion: _, ...unversioned } = stale.health;
const unseen: Candidate = {
  port: 9402,
  spawn: { shape: "unknown", isProofWithoutMarker: false, argv: [] },
  health: { ...unversioned, protocolVersion: 1 },
  credentials: { ownerBlock: "absent" },
  ownerPresent: false,
};
const facts: DoctorFacts = {
  generatedAt: 0,
  host: "moon",
  authRoot: "/r/auth",
  scope: "/r",
  version: "0.1.0",
  refreshLock: { isStuck: false },
  stuckThresholdSeconds: 60,
  current: { kind: "none", read: { kind: "missing" } },
  scan: {
    machine: { host: "moon", bootId: "b", pidNamespace: undefined },
    viewpoint: {
      takenAt: 0,
      family: "sync",
      ports: SYNC_PORTS,
      scopes: { reeve: { scope: "/r" }, "spec-kitty": {} },
    },
    candidates: [],
  },
  settings: { policy: "auto", serverUrl: undefined, warnings: [] },
  isRolloutEnabled: false,
  looseModes: [],
  strangeRecords: [],
};
const plain = { columns: 80, hasColor: false };
const TITLES = [
  "Identity",
  "Tokens",
  "Storage",
  "Refresh lock",
  "Daemon",
  "Orphans",
  "Findings",
];

function titlesOf(text: string): readonly string[] {
  return text.split("\n\n").map((section) => section.split("\n")[0] ?? "");
}

function sectionOf(text: string, title: string): readonly string[] {
  const found = text.split("\n\n").find((part) => part.startsWith(title));
  return found?.split("\n").slice(1) ?? [];
}

function format(change: Partial<DoctorFacts>, layout = plain): string {
  return formatReport(buildReport({ ...facts, ...change }), layout);
}

function scanOf(...candidates: Candidate[]): Partial<DoctorFacts> {
  return { scan: { ...facts.scan, candidates } };
}

Deno.test("formatReport() shows its sections in order", () => {
  assertEquals(titlesOf(format({})), [
    ...TITLES,
    "To ask the server too: reeve auth doctor --server",
  ]);
});

Deno.test("formatReport() adds a section for what was done", () => {
  const report = buildReport(facts, {
    resetResult: { "swept": [], "skipped": [], "failed": [] },
    serverSession: { "active": false, "session_id": null, "error": "no" },
  });
  const text = formatReport(report, plain);
  assertEquals(titlesOf(text), [...TITLES, "Reset", "Server"]);
  assertEquals(sectionOf(text, "Server"), ["  no"]);
});

Deno.test("formatReport() lists orphans with class and reason", () => {
  const lines = sectionOf(format(scanOf(stale, unseen)), "Orphans");
  assertEquals(lines, [
    "        PID  PORT  VERSION    CLASS              REASON       PRODUCT",
    "       5001  9401  0.0.9?[2J  safe_auto                       reeve",
    "  (unknown)  9402  (unknown)  operator_required  missing_pid  (unknown)",
  ]);
});

Deno.test("formatReport() has nothing to say about no orphans", () => {
  assertEquals(sectionOf(format({}), "Orphans"), ["  (none)"]);
  const scan = { ...facts.scan, tableProblem: "denied" };
  assertEquals(sectionOf(format({ scan }), "Orphans"), [
    "  (none)",
    "  The listener table could not be read: denied",
  ]);
});

Deno.test("formatReport() shows colours only where they are seen", () => {
  const colored = format(scanOf(stale), { ...plain, hasColor: true });
  assert(colored.includes("\u001b[1mOrphans\u001b[0m"));
  assert(colored.includes("\u001b[33mwarn"));
  assert(!colored.includes("\u001b[2J"), "a daemon sends no escapes");
  assert(!format(scanOf(stale)).includes("\u001b"));
});

Deno.test("formatReport() puts the next command below its finding", () => {
  assertEquals(sectionOf(format(scanOf(stale)), "Findings"), [
    "  F-001 info     Not signed in; no sync server is configured.",
    "  F-002 warn     1 orphan daemon on port 9401.",
    "                 reeve auth doctor --reset",
  ]);
});

Deno.test.each([
  { columns: 80 },
  { columns: 60 },
])("formatReport() keeps to $columns columns", ({ columns }) => {
  const orphans = [...Array(18).keys()].map((at) => ({
    ...stale,
    port: 9401 + at,
    health: { ...stale.health, ownerPort: 9401 + at },
  }));
  const text = format(scanOf(...orphans), { ...plain, columns });
  for (const line of text.split("\n")) {
    assert(line.length <= columns, `${line.length}: ${line}`);
  }
});

const record = {
  "schema_version": 1,
  "host": "moon",
  "pid": 7,
  "started_at": "1970-01-01T00:00:00.000Z",
  "version": "0.1.0",
};

Deno.test.each([
  { name: "free", lock: { isStuck: false }, is: "(free)" },
  {
    name: "held",
    lock: { record, ageSeconds: 5.2, isStuck: false },
    is: "Held by process 7 on moon, 5 s",
  },
  {
    name: "stuck",
    lock: { record, ageSeconds: 61, isStuck: true },
    is: "Held by process 7 on moon, 61 s, stuck",
  },
  {
    name: "of no known age",
    lock: { record, isStuck: false },
    is: "Held by process 7 on moon",
  },
])("formatReport() of a lock that is $name", ({ lock, is }) => {
  const text = format({ refreshLock: lock });
  assertEquals(sectionOf(text, "Refresh lock"), [`  ${is}`]);
});

Deno.test("resetLines() has totals and one line for each entry", () => {
  const skipped = {
    "pid": 6002,
    "port": 9403,
    "cleanup_class": "operator_required",
    "skip_reason": "cross_root",
    "detail": "It serves another state root.",
    "command": "reeve auth doctor --reset --force",
  } as const;
  const swept = {
    "pid": 5001,
    "port": 9401,
    "product": "reeve",
    "package_version": "3.2.2",
    "protocol_version": 1,
    "cleanup_path": "http_shutdown",
    "reason": "safe_auto stale-version",
  } as const;
  const lines = resetLines({
    "swept": [swept, {
      ...swept,
      "port": 9402,
      "package_version": null,
      "cleanup_path": null,
    }],
    "skipped": [
      skipped,
      {
        ...skipped,
        "pid": null,
        "port": 9404,
        "skip_reason": "missing_pid",
        "command": null,
      },
    ],
    "failed": [{
      "pid": 5005,
      "port": 9405,
      "failure_reason": "still_alive_after_kill",
      "detail": "It lives.",
    }],
  }, { "messages": ["Done."] });
  assertEquals(lines, [
    "swept: 2 · skipped: 2 (1 operator_required) · failed: 1",
    "swept   9401 pid 5001 3.2.2 via http_shutdown",
    "swept   9402 pid 5001 (unknown) had ended by itself",
    "skipped 9403 pid 6002 cross_root: It serves another state root.",
    "skipped 9404 pid (unknown) missing_pid: It serves another state root.",
    "failed  9405 pid 5005 still_alive_after_kill: It lives.",
    "Done.",
    "To stop the 1 as well: reeve auth doctor --reset --force",
  ]);
});

Deno.test("resetLines() of nothing is one line", () => {
  const nothing = { "swept": [], "skipped": [], "failed": [] };
  assertEquals(resetLines(nothing, { "messages": [] }), [
    "swept: 0 · skipped: 0 · failed: 0",
  ]);
});
