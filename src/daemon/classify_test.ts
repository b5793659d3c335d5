import { assertEquals } from "@std/assert";
import type {
  Candidate,
  CredentialFacts,
  HealthFacts,
  SpawnFacts,
  Viewpoint,
} from "./candidate.ts";
import { classify } from "./classify.ts";
import { DASHBOARD_PORTS, SYNC_PORTS } from "./family.ts";

/** Row, class, reason and identity source, as one text. */
const OUT = "1 never_touch out_of_range none";
const DASHBOARD = "1a never_touch dashboard_family none";
const FAMILY = "1a never_touch third_party none";
const FOREIGN = "2a never_touch third_party none";
const STRANGER = "2b never_touch not_spec_kitty none";
const SPOOF = "2c never_touch third_party none";
const NO_PID = "4 operator_required missing_pid none";
const UNMARKED = "5 operator_required pre_marker none";
const OTHER_ROOT = "6 operator_required cross_root cmdline_marker";
const SILENT = "7 operator_required unresponsive cmdline_marker";
const MISMATCH = "8 operator_required pid_port_mismatch health_self_report";
const SAFE = "9 safe_auto null health_self_report";

const spawn: SpawnFacts = {
  shape: "marked",
  product: "reeve",
  family: "sync",
  isProofWithoutMarker: false,
  scope: "/own",
  argv: ["reeve", "daemon", "run", "--reeve-daemon-root=/own"],
};
const health: HealthFacts = {
  responded: true,
  outcome: "ok",
  status: "ok",
  product: "reeve",
  daemonFamily: "sync",
  protocolVersion: 1,
  packageVersion: "3.2.4",
  scope: "/own",
  ownerPid: 5001,
  ownerPort: 9401,
  hasOwner: true,
  isDashboardShaped: false,
};
const silent: HealthFacts = {
  responded: false,
  outcome: "no_answer",
  hasOwner: false,
  isDashboardShaped: false,
};
/** An answer that has none of the keys that we know. */
const foreign: HealthFacts = { ...silent, responded: true, outcome: "ok" };

const stale: Candidate = {
  port: 9401,
  pid: 5001,
  spawn,
  health,
  credentials: { ownerBlock: "not_read" },
  ownerPresent: true,
};
function without<T extends object, K extends keyof T>(
  value: T,
  ...keys: readonly K[]
): Omit<T, K> {
  const rest = { ...value };
  for (const key of keys) delete rest[key];
  return rest;
}

function argv(change: Partial<SpawnFacts>, base = stale): Candidate {
  return { ...base, spawn: { ...base.spawn, ...change } };
}

function answer(change: Partial<HealthFacts>, base = stale): Candidate {
  return { ...base, health: { ...base.health, ...change } };
}

function compared(change: Partial<CredentialFacts>, base = stale): Candidate {
  return { ...base, credentials: { ...base.credentials, ...change } };
}

const noMarker: Candidate = { ...stale, spawn: without(spawn, "scope") };
const words: Candidate = argv({ shape: "unmarked" }, noMarker);
const script: Candidate = argv({ isProofWithoutMarker: true }, words);
const stranger = argv({ shape: "none" });
const unread: SpawnFacts = {
  shape: "unknown",
  isProofWithoutMarker: false,
  argv: [],
};
const unseen: Candidate = { ...stale, spawn: unread };

const SYNC: Viewpoint = {
  takenAt: 0,
  family: "sync",
  ports: SYNC_PORTS,
  scopes: { reeve: { scope: "/own" }, "spec-kitty": { scope: "/own" } },
};
const BOARDS: Viewpoint = {
  ...SYNC,
  family: "dashboard",
  ports: DASHBOARD_PORTS,
};

function judge(candidate: Candidate, from: Viewpoint): string {
  const verdict = classify(candidate, from);
  return `${verdict.row} ${verdict.cleanupClass} ${verdict.skipReason} ` +
    verdict.identitySource;
}

function atPort(port: number): Candidate {
  return { ...answer({ ownerPort: port }), port };
}

const board = answer(
  { daemonFamily: "dashboard" },
  argv({
    family: "dashboard",
  }),
);
function boardAt(port: number): Candidate {
  return { ...answer({ ownerPort: port }, board), port };
}

/** Each verdict with the listeners that get it, one changed fact each. */
type Table = Readonly<Record<string, Readonly<Record<string, Candidate>>>>;

function rowsOf(table: Table) {
  return Object.entries(table).flatMap(([is, cases]) =>
    Object.entries(cases).map(([name, candidate]) => ({ name, candidate, is }))
  );
}

const listeners: Table = {
  [OUT]: {
    "port 9399": atPort(9399),
    "port 9450": atPort(9450),
    "port 9237": atPort(9237),
    "port 65535": atPort(65535),
    "a dashboard out of range": { ...board, port: 9300 },
    "a stranger out of range": { ...stranger, port: 9450, health: silent },
  },
  [DASHBOARD]: {
    "health of a dashboard": answer({ daemonFamily: "dashboard" }),
    "dashboard-shaped health": answer({ isDashboardShaped: true }),
    "argv of a dashboard": argv({ family: "dashboard" }),
    "a silent dashboard": { ...board, health: silent },
    "a dashboard that says sync": answer({ daemonFamily: "sync" }, board),
    "a dashboard without shape": {
      ...stranger,
      health: { ...foreign, isDashboardShaped: true },
    },
    "unread argv of a dashboard": answer({ isDashboardShaped: true }, unseen),
  },
  [FAMILY]: {
    "health of another family": answer({ daemonFamily: "queue" }),
  },
  [FOREIGN]: {
    "a foreign answer": { ...stranger, health: foreign },
    "unread argv, foreign answer": { ...unseen, health: foreign },
    "two words, foreign answer": { ...words, health: foreign },
  },
  [STRANGER]: {
    "a silent stranger": { ...stranger, health: silent },
    "a silent stranger with a protocol": {
      ...stranger,
      health: { ...silent, protocolVersion: 1 },
    },
    "unread argv, silence": { ...unseen, health: silent },
    "two words, silence": { ...words, health: silent },
  },
  [SPOOF]: {
    "our health and our marker without shape": stranger,
    "our health without shape and pid": without(stranger, "pid"),
    "two words, another product": answer({ product: "spec-kitty" }, words),
    "two words, no product": { ...words, health: without(health, "product") },
  },
  [NO_PID]: {
    "no pid": without(stale, "pid"),
    "unread argv": unseen,
    "unread argv and no pid": without(unseen, "pid"),
    "no pid and another scope": without(argv({ scope: "/other" }), "pid"),
  },
  [UNMARKED]: {
    "a marker without a scope": noMarker,
    "two words and our product": words,
    "a script": script,
    "a silent script": { ...script, health: silent },
    "a script that reports another pid": answer({ ownerPid: 6002 }, script),
  },
  [OTHER_ROOT]: {
    "another scope": argv({ scope: "/other" }),
    "a marker of no product": { ...stale, spawn: without(spawn, "product") },
    "a scope with one more slash": argv({ scope: "/own/" }),
    "silence in another scope": {
      ...argv({ scope: "/other" }),
      health: silent,
    },
  },
  [SILENT]: {
    "silence": { ...stale, health: silent },
    "a bad status": answer({ status: "degraded" }),
    "a bad status of another pid": answer({ status: "bad", ownerPid: 6002 }),
  },
  [MISMATCH]: {
    "another reported pid": answer({ ownerPid: 6002 }),
    "another reported port": answer({ ownerPort: 9402 }),
    "another reported scope": answer({ scope: "/other" }),
    "no reported pid": { ...stale, health: without(health, "ownerPid") },
    "no reported port": { ...stale, health: without(health, "ownerPort") },
    "a foreign answer behind our marker": { ...stale, health: foreign },
  },
  [SAFE]: {
    "a stale daemon": stale,
    "port 9400": atPort(9400),
    "port 9449": atPort(9449),
    "no stated family": { ...stale, health: without(health, "daemonFamily") },
    "no status": { ...stale, health: without(health, "status") },
    "no protocol": { ...stale, health: without(health, "protocolVersion") },
    "no reported scope": { ...stale, health: without(health, "scope") },
    "an older version": answer({ packageVersion: "3.2.2" }),
    "no owner record": { ...stale, ownerPresent: false },
    "a token that differs": compared({ stateTokenIsHealthToken: false }),
  },
};

Deno.test.each(rowsOf(listeners))(
  "classify() of $name: $is",
  ({ candidate, is }) => assertEquals(judge(candidate, SYNC), is),
);

const dashboards: Table = {
  [OUT]: {
    "port 9236": boardAt(9236),
    "port 9337": boardAt(9337),
    "port 9401": boardAt(9401),
  },
  [FAMILY]: {
    "health of a sync daemon": answer({ daemonFamily: "sync" }, boardAt(9300)),
    "argv of a sync daemon": argv({ family: "sync" }, boardAt(9300)),
  },
  [SPOOF]: {
    "a stranger with our health": argv({ shape: "none" }, boardAt(9300)),
  },
  [OTHER_ROOT]: { "another scope": argv({ scope: "/x" }, boardAt(9300)) },
  [SILENT]: { "silence": { ...boardAt(9300), health: silent } },
  [MISMATCH]: { "another pid": answer({ ownerPid: 6002 }, boardAt(9300)) },
  [SAFE]: {
    "port 9237": boardAt(9237),
    "port 9336": boardAt(9336),
    "dashboard-shaped health": answer(
      { isDashboardShaped: true },
      boardAt(9300),
    ),
  },
};

Deno.test.each(rowsOf(dashboards))(
  "classify() among dashboards of $name: $is",
  ({ candidate, is }) => assertEquals(judge(candidate, BOARDS), is),
);
