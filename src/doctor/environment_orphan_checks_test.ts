import { assertEquals, assertStringIncludes } from "@std/assert";
import type { OrphanFacts } from "../environment/orphan_class.ts";
import type { OrphanCandidate } from "../environment/orphan_facts.ts";
import type { EnvironmentCheck } from "./environment_check.ts";
import {
  brokenBooksChecks,
  orphanChecks,
  terminalChecks,
  type TerminalFacts,
} from "./environment_orphan_checks.ts";

const STALE: OrphanFacts = {
  isOwnLineage: false,
  user: "own",
  isDaemon: false,
  marker: "of_a_unit",
  scope: "ours",
  unit: "stale",
  isInSession: true,
  isRecorded: false,
  hasOurPort: false,
  isPartOfActive: false,
  isServerInside: false,
};

function candidate(
  pid: number,
  facts: Partial<OrphanFacts> = {},
): OrphanCandidate {
  return {
    row: {
      pid,
      parentPid: 1,
      sessionId: pid,
      processGroup: pid,
      uid: 7,
      startStamp: "1",
      state: "running",
    },
    marker: "m",
    unit: {
      name: "Main api",
      marker: "m",
      identity: undefined,
      knowledge: "stale",
    },
    program: "deno",
    ports: [3000],
    facts: { ...STALE, ...facts },
  };
}

function troublesOf(checks: readonly EnvironmentCheck[]): readonly string[] {
  return checks.filter(({ status }) => status === "warn" || status === "fail")
    .map(({ id, status, remedy }) => `${id} ${status} ${remedy}`);
}

Deno.test("orphanChecks() sorts processes by what may be done with them", () => {
  const checks = orphanChecks({
    kind: "known",
    candidates: [
      candidate(10),
      candidate(11, { isInSession: false }),
      candidate(12, { unit: "active" }),
      candidate(13, { user: "other" }),
    ],
  });
  assertEquals(troublesOf(checks), [
    "orphans.safe_auto warn reeve doctor --reclaim",
    "orphans.operator_required warn reeve doctor --reclaim --force",
  ]);
  const pids = checks.map(({ evidence }) =>
    JSON.stringify(evidence).match(/"pid":\d+/g)?.join() ?? ""
  );
  assertEquals(pids, ['"pid":10', '"pid":11', '"pid":12,"pid":13']);
  assertStringIncludes(checks[0]?.summary ?? "", "10 (Main api) on 3000");
});

Deno.test("orphanChecks() is content without leftovers, and not without sight", () => {
  const none = { kind: "known", candidates: [] } as const;
  assertEquals(troublesOf(orphanChecks(none)), []);
  const unknown = { kind: "unknown", reason: "no /proc" } as const;
  const blind = [
    "orphans.processes fail Processes must be visible, as with /proc on Linux",
  ];
  assertEquals(troublesOf(orphanChecks(unknown)), blind);
  assertEquals(troublesOf(brokenBooksChecks(unknown)), blind);
});

Deno.test("brokenBooksChecks() names only what was started from here", () => {
  const candidates = [
    candidate(10),
    candidate(11, { scope: "living" }),
    candidate(12, { isOwnLineage: true }),
  ];
  const [check] = brokenBooksChecks({ kind: "known", candidates });
  assertEquals(check?.evidence, { pids: [10] });
  assertEquals([check?.status, check?.remedy], [
    "warn",
    "reeve doctor --repair",
  ]);
  const nobody = { kind: "known", candidates: [] } as const;
  assertEquals(troublesOf(brokenBooksChecks(nobody)), []);
});

const TERMINAL: TerminalFacts = {
  isInteractive: true,
  hasColor: true,
  columns: 80,
  rows: 24,
  term: "xterm",
  inputOwners: [],
};

Deno.test.each<{
  readonly name: string;
  readonly facts: TerminalFacts;
  readonly is: readonly string[];
}>([
  { name: "nobody at the terminal", facts: TERMINAL, is: ["info", "pass"] },
  {
    name: "a unit at the terminal",
    facts: { ...TERMINAL, inputOwners: [{ pid: 7, device: "/dev/pts/1" }] },
    is: ["info", "fail"],
  },
  {
    name: "inputs that cannot be seen",
    facts: { ...TERMINAL, inputOwners: undefined },
    is: ["info", "info"],
  },
])("terminalChecks() of $name", ({ facts, is }) => {
  assertEquals(terminalChecks(facts).map(({ status }) => status), [...is]);
});
