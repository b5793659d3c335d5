import { assertEquals } from "@std/assert";
import type { Candidate, Viewpoint } from "./candidate.ts";
import { collectEvidence } from "./evidence.ts";

const silent = {
  responded: false,
  outcome: "no_answer",
  hasOwner: false,
  isDashboardShaped: false,
};
const candidate: Candidate = {
  port: 9401,
  pid: 5001,
  spawn: { shape: "none", isProofWithoutMarker: false, argv: [] },
  health: silent,
  credentials: { ownerBlock: "absent" },
  ownerPresent: false,
};
const from: Viewpoint = {
  takenAt: 0,
  family: "sync",
  ports: { first: 9400, end: 9450 },
  scopes: { reeve: {}, "spec-kitty": {} },
};

Deno.test("collectEvidence() says where each fact was read", () => {
  const rows = collectEvidence(candidate, from);
  assertEquals(
    rows.map(({ fact, source }) => `${fact}: ${source}`),
    [
      "port_in_range: scan",
      "listener_pid: system listener table",
      "start_stamp: system process table",
      "spawn_shape: argv of the listener's process",
      "scope_marker: argv of the listener's process",
      "own_scope: environment",
      "named_by_state_file: state file",
      "health_answer: GET /api/health",
      "daemon_family: GET /api/health",
      "self_report: GET /api/health owner",
      "package_version: health",
      "protocol_version: health",
      "executable: system process table",
      "owner_record: owner record on disk",
      "owner_block: health owner",
    ],
  );
});

Deno.test.each([
  { name: "a port below the range", change: { port: 9399 }, says: "false" },
  { name: "the first port", change: { port: 9400 }, says: "true" },
  { name: "the last port", change: { port: 9449 }, says: "true" },
  { name: "the port behind the range", change: { port: 9450 }, says: "false" },
])("collectEvidence() of $name: $says", ({ change, says }) => {
  const [row] = collectEvidence({ ...candidate, ...change }, from);
  assertEquals(`${row?.supports}`, says);
});

Deno.test("collectEvidence() tells a report that names no port", () => {
  const health = { ...silent, ownerPid: 5001 };
  const row = collectEvidence({ ...candidate, health }, from)
    .find(({ fact }) => fact === "self_report");
  assertEquals(row?.value, "pid 5001 port ?");
});
