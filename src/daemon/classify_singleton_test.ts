import { assert, assertEquals } from "@std/assert";
import type {
  Candidate,
  CredentialFacts,
  HealthFacts,
  ScopeView,
  Singleton,
  SpawnFacts,
  Viewpoint,
} from "./candidate.ts";
import { classify, matchSingleton, selfReportMatches } from "./classify.ts";
import { SYNC_PORTS } from "./family.ts";

/** Row, class, reason and identity source, as one text. */
const SPOOF = "2c never_touch third_party none";
const CURRENT = "3 never_touch is_recorded_singleton cmdline_marker";
const BARE_CURRENT = "3 never_touch is_recorded_singleton none";
const NO_PID = "4 operator_required missing_pid none";
const UNMARKED = "5 operator_required pre_marker none";
const OTHER_ROOT = "6 operator_required cross_root cmdline_marker";
const IN_PART = "8a operator_required pid_port_mismatch health_self_report";
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
const stale: Candidate = {
  port: 9401,
  pid: 5001,
  spawn,
  health,
  credentials: { ownerBlock: "not_read" },
  ownerPresent: true,
};
/** An old daemon whose health shows what another one wrote to disk. */
const legacy: Candidate = {
  ...stale,
  spawn: {
    ...spawn,
    product: "spec-kitty",
    isProofWithoutMarker: true,
    port: 9401,
  },
  health: {
    ...without(health, "daemonFamily", "product", "scope"),
    packageVersion: "3.2.2",
    ownerPid: 6002,
    ownerPort: 9402,
  },
  credentials: { argvTokenIsHealthToken: true, ownerBlock: "is_on_disk" },
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
const script = argv(
  { shape: "unmarked", isProofWithoutMarker: true },
  noMarker,
);
const stranger = argv({ shape: "none" });
const unseen: Candidate = {
  ...stale,
  spawn: { shape: "unknown", isProofWithoutMarker: false, argv: [] },
};
const mute: Candidate = {
  ...stale,
  health: {
    responded: false,
    outcome: "no_answer",
    hasOwner: false,
    isDashboardShaped: false,
  },
};
function viewFrom(view: ScopeView): Viewpoint {
  return {
    takenAt: 0,
    family: "sync",
    ports: SYNC_PORTS,
    scopes: { reeve: view, "spec-kitty": view },
  };
}
const SYNC = viewFrom({ scope: "/own" });
const HERE = { port: 9401, pid: 5001 };

function judge(candidate: Candidate, from: Viewpoint): string {
  const verdict = classify(candidate, from);
  return `${verdict.row} ${verdict.cleanupClass} ${verdict.skipReason} ` +
    verdict.identitySource;
}

const sameToken = compared({ stateTokenIsHealthToken: true });
const singletons: readonly {
  readonly names: string;
  readonly singleton: Singleton;
  readonly candidate?: Candidate;
  readonly is: string;
}[] = [
  { names: "pid and port", singleton: HERE, is: CURRENT },
  { names: "the port and no pid", singleton: { port: 9401 }, is: CURRENT },
  {
    names: "the port and no pid, with another token",
    singleton: { port: 9401 },
    candidate: compared({ stateTokenIsHealthToken: false }),
    is: CURRENT,
  },
  {
    names: "the port, the token and a launcher",
    singleton: { ...HERE, pid: 6002 },
    candidate: sameToken,
    is: CURRENT,
  },
  {
    names: "the highest port",
    singleton: { ...HERE, port: 9449 },
    candidate: { ...stale, port: 9449 },
    is: CURRENT,
  },
  {
    names: "a script without marker",
    singleton: HERE,
    candidate: script,
    is: BARE_CURRENT,
  },
  {
    names: "a silent daemon",
    singleton: HERE,
    candidate: mute,
    is: CURRENT,
  },
  {
    names: "a spoof",
    singleton: HERE,
    candidate: stranger,
    is: SPOOF,
  },
  {
    names: "unread argv",
    singleton: HERE,
    candidate: unseen,
    is: BARE_CURRENT,
  },
  {
    names: "only the port",
    singleton: { ...HERE, pid: 6002 },
    is: IN_PART,
  },
  {
    names: "only the port, with another token",
    singleton: { ...HERE, pid: 6002 },
    candidate: compared({ stateTokenIsHealthToken: false }),
    is: IN_PART,
  },
  {
    names: "only the port of unread argv",
    singleton: { ...HERE, pid: 6002 },
    candidate: unseen,
    is: NO_PID,
  },
  { names: "only the pid", singleton: { ...HERE, port: 9402 }, is: IN_PART },
  { names: "the pid and no port", singleton: { pid: 5001 }, is: IN_PART },
  {
    names: "only the token",
    singleton: { port: 9402, pid: 6002 },
    candidate: sameToken,
    is: IN_PART,
  },
  { names: "nothing", singleton: {}, is: SAFE },
  { names: "another", singleton: { port: 9402, pid: 6002 }, is: SAFE },
  {
    names: "no pid and another port, for no pid",
    singleton: { port: 9402 },
    candidate: without(stale, "pid"),
    is: NO_PID,
  },
];

Deno.test.each(singletons)(
  "classify() when the state file names $names: $is",
  ({ singleton, candidate, is }) =>
    assertEquals(
      judge(candidate ?? stale, viewFrom({ scope: "/own", singleton })),
      is,
    ),
);

/** Each verdict with the listeners that get it, one changed fact each. */
type Table = Readonly<Record<string, Readonly<Record<string, Candidate>>>>;

function rowsOf(table: Table) {
  return Object.entries(table).flatMap(([is, cases]) =>
    Object.entries(cases).map(([name, candidate]) => ({ name, candidate, is }))
  );
}

const legacies: Table = {
  [SAFE]: {
    "is explained by the shared record": legacy,
    "has no owner block": compared({ ownerBlock: "absent" }, legacy),
  },
  [MISMATCH]: {
    "states a family": answer({ daemonFamily: "sync" }, legacy),
    "is no script": argv({ isProofWithoutMarker: false }, legacy),
    "has another port in argv": argv({ port: 9402 }, legacy),
    "has no port in argv": {
      ...legacy,
      spawn: without(legacy.spawn, "port"),
    },
    "has another token in argv": compared(
      { argvTokenIsHealthToken: false },
      legacy,
    ),
    "has no token in argv": {
      ...legacy,
      credentials: { ownerBlock: "is_on_disk" },
    },
    "reports what is not on disk": compared(
      { ownerBlock: "not_on_disk" },
      legacy,
    ),
    "reports what was not read": compared({ ownerBlock: "not_read" }, legacy),
    "reports its own scope": answer({ scope: "/own" }, legacy),
    "reports another scope": answer({ scope: "/other" }, legacy),
  },
  [OTHER_ROOT]: { "has another scope": argv({ scope: "/other" }, legacy) },
  [NO_PID]: { "has no pid": without(legacy, "pid") },
};

Deno.test.each(rowsOf(legacies))(
  "classify() of an old daemon that $name: $is",
  ({ candidate, is }) => assertEquals(judge(candidate, SYNC), is),
);

Deno.test("classify() never takes two unknown scopes for one", () => {
  assertEquals(judge(noMarker, viewFrom({})), UNMARKED);
  assertEquals(judge(stale, viewFrom({})), OTHER_ROOT);
});

Deno.test("classify() compares with the scope of the same product", () => {
  const scopes = {
    reeve: { scope: "/own" },
    "spec-kitty": { singleton: HERE },
  };
  const from = { ...SYNC, scopes };
  assertEquals(judge(stale, from), SAFE);
  assertEquals(judge(argv({ product: "spec-kitty" }), from), CURRENT);
});

Deno.test("matchSingleton() never takes two unknown pids for one", () => {
  const match = matchSingleton(without(stale, "pid"), {
    singleton: { port: 9402 },
  });
  assertEquals(match, "no");
});

Deno.test("selfReportMatches() never takes two unknown pids for one", () => {
  const nobody = { ...stale, health: without(health, "ownerPid") };
  assert(!selfReportMatches(without(nobody, "pid")));
});
