import { assert, assertEquals } from "@std/assert";
import type {
  Candidate,
  CredentialFacts,
  HealthFacts,
  ScopeView,
  SpawnFacts,
  Viewpoint,
} from "./candidate.ts";
import {
  classify,
  hasSpawnShape,
  matchSingleton,
  selfReportMatches,
  type Verdict,
} from "./classify.ts";
import { SYNC_PORTS } from "./family.ts";

const PORT = 9401;
const PID = 5001;
const YES = true;
const NO = false;

interface Case {
  readonly candidate: Candidate;
  readonly from: Viewpoint;
}
type Edit = (before: Case) => Case;

const start: Case = {
  candidate: {
    port: PORT,
    pid: PID,
    spawn: { shape: "unknown", isProofWithoutMarker: NO, argv: [] },
    health: {
      responded: NO,
      outcome: "no_answer",
      hasOwner: NO,
      isDashboardShaped: NO,
    },
    credentials: { ownerBlock: "not_read" },
    ownerPresent: NO,
  },
  from: {
    takenAt: 0,
    family: "sync",
    ports: SYNC_PORTS,
    scopes: { reeve: {}, "spec-kitty": {} },
  },
};

function editCandidate(change: (c: Candidate) => Candidate): Edit {
  return ({ candidate, from }) => ({ candidate: change(candidate), from });
}

function argv(change: Partial<SpawnFacts>): Edit {
  return editCandidate((c) => ({ ...c, spawn: { ...c.spawn, ...change } }));
}

function answer(change: Partial<HealthFacts>): Edit {
  return editCandidate((c) => ({ ...c, health: { ...c.health, ...change } }));
}

function compared(change: Partial<CredentialFacts>): Edit {
  return editCandidate((c) => ({
    ...c,
    credentials: { ...c.credentials, ...change },
  }));
}

function view(change: ScopeView): Edit {
  return ({ candidate, from }) => ({
    candidate,
    from: {
      ...from,
      scopes: {
        ...from.scopes,
        reeve: { ...from.scopes.reeve, ...change },
      },
    },
  });
}

const noPid: Edit = editCandidate(({ pid: _, ...rest }) => rest);
const asIs: Edit = (before) => before;

const owner = { hasOwner: YES, ownerPid: PID, ownerPort: PORT };
const old: HealthFacts = {
  responded: YES,
  outcome: "ok",
  status: "ok",
  product: "reeve",
  protocolVersion: 1,
  packageVersion: "3.2.2",
  isDashboardShaped: NO,
  ...owner,
};
const full: HealthFacts = { ...old, daemonFamily: "sync", scope: "/own" };
const { ownerPid: _, ...noOwnerPid } = full;
const { protocolVersion: __, ...noProtocol } = full;
const { product: ___, ...noProduct } = full;

/** One list for each fact; every combination of their values is judged. */
const AXES: readonly (readonly Edit[])[] = [
  [9399, PORT, 9450].map((port) => editCandidate((c) => ({ ...c, port }))),
  [asIs, noPid],
  [
    argv({ shape: "marked" }),
    argv({ shape: "marked", isProofWithoutMarker: YES }),
    argv({ shape: "unmarked" }),
    argv({ shape: "unmarked", isProofWithoutMarker: YES }),
    argv({ shape: "none" }),
    argv({ shape: "unknown" }),
  ],
  [
    argv({ product: "reeve", family: "sync" }),
    argv({ product: "reeve", family: "dashboard" }),
  ],
  [asIs, argv({ scope: "/own" }), argv({ scope: "/other" })],
  [argv({ port: PORT }), argv({ port: 9402 })],
  [asIs, view({ scope: "/own" })],
  [
    asIs,
    answer(full),
    answer(old),
    answer({ ...full, ownerPid: 6002 }),
    answer({ ...full, ownerPort: 9402 }),
    answer({ ...old, ownerPid: 6002 }),
    answer({ ...full, scope: "/other" }),
    answer({ ...full, status: "bad" }),
    answer({ ...full, daemonFamily: "queue" }),
    answer({ ...full, isDashboardShaped: YES }),
    answer(noOwnerPid),
    answer(noProtocol),
    answer(noProduct),
  ],
  [asIs, compared({ argvTokenIsHealthToken: YES })],
  [asIs, compared({ stateTokenIsHealthToken: YES })],
  [
    compared({ ownerBlock: "absent" }),
    compared({ ownerBlock: "is_on_disk" }),
    compared({ ownerBlock: "not_on_disk" }),
  ],
  [
    asIs,
    view({ singleton: { port: PORT, pid: PID } }),
    view({ singleton: { port: PORT } }),
    view({ singleton: { port: PORT, pid: 6002 } }),
    view({ singleton: { port: 9402, pid: PID } }),
  ],
];

function visit(
  check: (now: Case, verdict: Verdict) => void,
  axes = AXES,
  now = start,
): void {
  const [edits, ...rest] = axes;
  if (edits === undefined) check(now, classify(now.candidate, now.from));
  else for (const edit of edits) visit(check, rest, edit(now));
}

/** Fails with the case that broke a rule: thousands of others kept it. */
function demand(kept: boolean, { candidate, from }: Case): void {
  if (!kept) assert(kept, JSON.stringify({ candidate, scopes: from.scopes }));
}

/** The exception for old daemons, written down once more. */
function isExplained({ spawn, health, credentials, port }: Candidate): boolean {
  const { argvTokenIsHealthToken, ownerBlock } = credentials;
  return health.daemonFamily === undefined && health.scope === undefined &&
    spawn.isProofWithoutMarker &&
    spawn.port === port && argvTokenIsHealthToken === true &&
    ["absent", "is_on_disk"].includes(ownerBlock);
}

Deno.test("classify() is safe_auto only with every proof", () => {
  let safe = 0;
  visit((now, verdict) => {
    if (verdict.cleanupClass !== "safe_auto") return;
    safe++;
    const { candidate, from } = now;
    const { port, pid, spawn, health } = candidate;
    const { scope } = from.scopes.reeve;
    demand(port >= 9400 && port < 9450, now);
    demand(hasSpawnShape(candidate) && spawn.family === "sync", now);
    demand(pid !== undefined, now);
    demand(spawn.scope !== undefined && spawn.scope === scope, now);
    demand(health.responded && health.status === "ok", now);
    demand(selfReportMatches(candidate) || isExplained(candidate), now);
    demand(matchSingleton(candidate, from.scopes.reeve) === "no", now);
    demand(!health.isDashboardShaped, now);
    demand([undefined, "sync"].includes(health.daemonFamily), now);
  });
  assert(safe > 100, "some combinations must be safe");
});

Deno.test("classify() gives a reason exactly when it is not safe_auto", () => {
  visit((now, { cleanupClass, skipReason }) =>
    demand((skipReason === null) === (cleanupClass === "safe_auto"), now)
  );
});

Deno.test("classify() reaches every row of its table", () => {
  const rows = new Set<string>();
  visit((_, verdict) => rows.add(verdict.row));
  assertEquals(
    [...rows].toSorted(),
    ["1", "1a", "2a", "2b", "2c", "3", "4", "5", "6", "7", "8", "8a", "9"],
  );
});

/** Without the axis of ports, where these rules could say nothing new. */
const IN_RANGE = AXES.slice(1);

const EVIDENCE: readonly Edit[] = [
  editCandidate((c) => ({ ...c, ownerPresent: !c.ownerPresent })),
  answer({ packageVersion: "9.9.9" }),
  answer({ protocolVersion: 7 }),
  editCandidate((c) => ({
    ...c,
    process: { startStamp: "1", state: "running", executable: "/old/python" },
  })),
];

Deno.test("classify() never decides a daemon's fate by evidence", () => {
  visit((now, verdict) => {
    if (!hasSpawnShape(now.candidate)) return;
    for (const edit of EVIDENCE) {
      const { candidate, from } = edit(now);
      demand(classify(candidate, from).row === verdict.row, now);
    }
  }, IN_RANGE);
});

/** Each takes one fact away that speaks for cleaning. */
const LOSSES: readonly Edit[] = [
  noPid,
  editCandidate((c) => ({ ...c, port: 9450 })),
  argv({ shape: "none" }),
  argv({ shape: "unknown" }),
  argv({ isProofWithoutMarker: NO }),
  editCandidate((c) => {
    const { scope: _, ...spawn } = c.spawn;
    return { ...c, spawn };
  }),
  editCandidate((c) => ({ ...c, health: start.candidate.health })),
  editCandidate((c) => {
    const { ownerPid: _, ...health } = c.health;
    return { ...c, health };
  }),
  editCandidate((c) => {
    const { ownerPort: _, ...health } = c.health;
    return { ...c, health };
  }),
  compared({ argvTokenIsHealthToken: NO }),
  compared({ ownerBlock: "not_on_disk" }),
  ({ candidate, from }) => ({
    candidate,
    from: { ...from, scopes: start.from.scopes },
  }),
];

Deno.test("classify() never becomes safe_auto by losing a proof", () => {
  visit((now, verdict) => {
    if (verdict.cleanupClass === "safe_auto") return;
    for (const lose of LOSSES) {
      const { candidate, from } = lose(now);
      demand(classify(candidate, from).cleanupClass !== "safe_auto", now);
    }
  }, IN_RANGE);
});
