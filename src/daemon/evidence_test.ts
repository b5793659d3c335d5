import { assert, assertEquals } from "@std/assert";
import type { Candidate, Viewpoint } from "./candidate.ts";
import { collectEvidence, type Evidence } from "./evidence.ts";
import { SYNC_PORTS } from "./family.ts";

const stale: Candidate = {
  port: 9401,
  pid: 5001,
  process: {
    startStamp: "77",
    startedAt: Date.UTC(2026, 0, 1),
    executable: "/bin/reeve",
    state: "running",
  },
  spawn: {
    shape: "marked",
    product: "reeve",
    family: "sync",
    isProofWithoutMarker: false,
    scope: "/own",
    argv: [],
  },
  health: {
    responded: true,
    outcome: "ok",
    status: "ok",
    daemonFamily: "sync",
    protocolVersion: 1,
    packageVersion: "0.1.0",
    ownerPid: 5001,
    ownerPort: 9401,
    hasOwner: true,
    isDashboardShaped: false,
  },
  credentials: { ownerBlock: "not_read" },
  ownerPresent: true,
};
const from: Viewpoint = {
  takenAt: Date.UTC(2026, 0, 3),
  family: "sync",
  ports: SYNC_PORTS,
  scopes: {
    reeve: { scope: "/own", stateWrittenAt: Date.UTC(2026, 0, 2) },
    "spec-kitty": {},
  },
};
const silent = {
  responded: false,
  outcome: "no_answer",
  hasOwner: false,
  isDashboardShaped: false,
};
const unread: Candidate = {
  port: 9401,
  ownerProblem: "several",
  spawn: { shape: "unknown", isProofWithoutMarker: false, argv: [] },
  health: silent,
  credentials: { ownerBlock: "absent" },
  ownerPresent: false,
};

function factOf(
  candidate: Candidate,
  fact: string,
  view: Viewpoint = from,
): Evidence {
  const found = collectEvidence(candidate, view)
    .filter((row) => row.fact === fact);
  const [row] = found;
  assert(row !== undefined && found.length === 1, `${fact} is there once`);
  return row;
}

Deno.test.each([
  { fact: "port_in_range", value: 9401, role: "gate", supports: true },
  { fact: "listener_pid", value: 5001, role: "gate", supports: true },
  { fact: "start_stamp", value: "77", role: "gate", supports: true },
  {
    fact: "spawn_shape",
    value: "reeve/sync marked",
    role: "gate",
    supports: true,
  },
  { fact: "scope_marker", value: "/own", role: "authority", supports: true },
  { fact: "own_scope", value: "/own", role: "authority", supports: null },
  {
    fact: "named_by_state_file",
    value: "no",
    role: "exclusion",
    supports: true,
  },
  { fact: "health_answer", value: "ok", role: "gate", supports: true },
  { fact: "daemon_family", value: "sync", role: "gate", supports: null },
  {
    fact: "self_report",
    value: "pid 5001 port 9401",
    role: "gate",
    supports: true,
  },
  {
    fact: "package_version",
    value: "0.1.0",
    role: "evidence",
    supports: null,
  },
  { fact: "protocol_version", value: 1, role: "evidence", supports: null },
  {
    fact: "executable",
    value: "/bin/reeve",
    role: "evidence",
    supports: null,
  },
  { fact: "owner_record", value: true, role: "report", supports: null },
  { fact: "owner_block", value: "not_read", role: "report", supports: null },
])("collectEvidence() shows $fact as $role", (row) => {
  const { value, role, supports } = factOf(stale, row.fact);
  assertEquals<unknown>([value, role, supports], [
    row.value,
    row.role,
    row.supports,
  ]);
});

Deno.test.each([
  {
    name: "no pid",
    candidate: unread,
    fact: "listener_pid",
    value: "several",
    supports: false,
  },
  {
    name: "unread argv",
    candidate: unread,
    fact: "spawn_shape",
    value: "unknown",
    supports: false,
  },
  {
    name: "no process",
    candidate: unread,
    fact: "start_stamp",
    value: null,
    supports: false,
  },
  {
    name: "two unknown scopes",
    candidate: unread,
    fact: "scope_marker",
    value: null,
    supports: false,
  },
  {
    name: "another scope",
    candidate: { ...stale, spawn: { ...stale.spawn, scope: "/other" } },
    fact: "scope_marker",
    value: "/other",
    supports: false,
  },
  {
    name: "a port out of range",
    candidate: { ...stale, port: 9450 },
    fact: "port_in_range",
    value: 9450,
    supports: false,
  },
  {
    name: "the first port of the range",
    candidate: { ...stale, port: 9400 },
    fact: "port_in_range",
    value: 9400,
    supports: true,
  },
  {
    name: "silence",
    candidate: { ...stale, health: silent },
    fact: "health_answer",
    value: "no_answer",
    supports: false,
  },
  {
    name: "no report",
    candidate: { ...stale, health: silent },
    fact: "self_report",
    value: null,
    supports: false,
  },
  {
    name: "half a report",
    candidate: { ...stale, health: { ...silent, ownerPort: 9401 } },
    fact: "self_report",
    value: "pid ? port 9401",
    supports: false,
  },
  {
    name: "a dashboard",
    candidate: { ...stale, health: { ...silent, isDashboardShaped: true } },
    fact: "daemon_family",
    value: "dashboard",
    supports: null,
  },
])("collectEvidence() of $name tells $fact", (row) => {
  const { value, supports } = factOf(row.candidate, row.fact);
  assertEquals<unknown>([value, supports], [row.value, row.supports]);
});

Deno.test.each([
  { name: "its", singleton: { port: 9401, pid: 5001 }, value: "same" },
  { name: "another", singleton: { port: 9401, pid: 6002 }, value: "in_part" },
])("collectEvidence() of a state file with $name pid: $value", (row) => {
  const reeve = { scope: "/own", singleton: row.singleton };
  const view = { ...from, scopes: { ...from.scopes, reeve } };
  const { value, supports } = factOf(stale, "named_by_state_file", view);
  assertEquals<unknown>([value, supports], [row.value, false]);
});

Deno.test("collectEvidence() of unread argv looks at every state file", () => {
  const reeve = { scope: "/own", singleton: { port: 9401 } };
  const view = { ...from, scopes: { ...from.scopes, reeve } };
  const { value, supports } = factOf(unread, "named_by_state_file", view);
  assertEquals<unknown>([value, supports], ["same", false]);
});

Deno.test.each([
  { fact: "spawn_shape", since: "2026-01-01T00:00:00.000Z" },
  { fact: "executable", since: "2026-01-01T00:00:00.000Z" },
  { fact: "named_by_state_file", since: "2026-01-02T00:00:00.000Z" },
  { fact: "health_answer", since: null },
  { fact: "port_in_range", since: null },
])("collectEvidence() knows since when $fact holds", ({ fact, since }) => {
  const row = factOf(stale, fact);
  assertEquals<unknown>([row.read_at, row.since], [
    "2026-01-03T00:00:00.000Z",
    since,
  ]);
});
