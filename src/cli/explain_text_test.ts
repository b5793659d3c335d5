import { assert, assertEquals } from "@std/assert";
import type { Candidate, Viewpoint } from "../daemon/candidate.ts";
import { SYNC_PORTS } from "../daemon/family.ts";
import { findFlips } from "../daemon/flip.ts";
import { toRecord } from "../daemon/identity_record.ts";
import { formatExplanation } from "./explain_text.ts";

const stale: Candidate = {
  port: 9401,
  pid: 5001,
  process: { startStamp: "77", startedAt: 0, state: "running" },
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
    packageVersion: "0.1.0\u001b[31m",
    ownerPid: 5001,
    ownerPort: 9401,
    hasOwner: true,
    isDashboardShaped: false,
  },
  credentials: { ownerBlock: "not_read" },
  ownerPresent: true,
};
const from: Viewpoint = {
  takenAt: 3_600_000,
  family: "sync",
  ports: SYNC_PORTS,
  scopes: { reeve: { scope: "/own" }, "spec-kitty": {} },
};

function explain(candidate: Candidate, columns = 200): string {
  return formatExplanation(
    toRecord(candidate, from),
    findFlips(candidate, from),
    { columns, now: 7_200_000 },
  );
}

Deno.test("formatExplanation() shows verdict, facts, flips, next step", () => {
  const lines = explain(stale).split("\n");
  assertEquals(lines[0], "Port 9401, pid 5001: safe_auto (row 9)");
  const at = lines.findIndex((line) => line.includes("spawn_shape"));
  assertEquals(lines[at]?.trim(), "+ spawn_shape         reeve/sync marked");
  assertEquals(
    lines[at + 1]?.trim(),
    "gate, argv of the listener's process, 2 h old",
  );
  const port = lines.findIndex((line) => line.includes("port_in_range"));
  // Without a start, the time of reading counts.
  assertEquals(lines[port + 1]?.trim(), "gate, scan, 1 h old");
  assert(
    lines.includes(
      "  if its marker named another scope: operator_required/cross_root",
    ),
  );
  assertEquals(lines.at(-1), "Next: reeve auth doctor --reset");
});

Deno.test("formatExplanation() shows what is unknown as unknown", () => {
  const { pid: _, process: __, ...rest } = stale;
  const text = explain(rest);
  assert(text.startsWith(
    "Port 9401, an unknown process: operator_required/missing_pid (row 4)\n",
  ));
  assert(/- start_stamp +\(unknown\)\n +gate/.test(text), text);
});

Deno.test("formatExplanation() has nothing to do for a stranger", () => {
  const stranger = { ...stale, port: 9450 };
  const lines = explain(stranger).split("\n");
  assertEquals(
    lines[0],
    "Port 9450, pid 5001: never_touch/out_of_range (row 1)",
  );
  assertEquals(lines.at(-1), "Nothing to do: it is left alone.");
});

Deno.test("formatExplanation() lets no fact move the cursor", () => {
  const text = explain(stale);
  assert(!text.includes("\u001b") && text.includes("0.1.0?[31m"));
});
