/**
 * Every value of the facts that the classifier of daemons looks at.
 *
 * @module
 */

import type {
  CredentialFacts,
  HealthFacts,
  ScopeView,
  SpawnFacts,
  Viewpoint,
} from "../../src/daemon/candidate.ts";
import { SYNC_PORTS } from "../../src/daemon/family.ts";

/** One value of a kind of facts, and how it differs from a plain stranger. */
export interface Value<T> {
  /** What is so, in words; nothing for what a plain stranger has. */
  readonly words: readonly string[];
  /** The facts. */
  readonly facts: T;
}

/** Port of the listener that is judged. */
export const PORT = 9401;
/** Its pid. */
export const PID = 5001;
/** A port that is out of the range. */
export const BEHIND = SYNC_PORTS.end;

/** One of some possible parts, each as words and facts. */
export function axis<T extends object>(
  ...rows: readonly (readonly [string, Partial<T>])[]
): readonly Value<Partial<T>>[] {
  return rows.map(([word, facts]) => ({
    words: word === "" ? [] : [word],
    facts,
  }));
}

/** All combinations of the values of some axes, put together. */
export function combine<T extends object>(
  axes: readonly (readonly Value<Partial<T>>[])[],
): readonly Value<Partial<T>>[] {
  let all: readonly Value<Partial<T>>[] = [{ words: [], facts: {} }];
  for (const rows of axes) {
    all = all.flatMap((one) =>
      rows.map(({ words, facts }) => ({
        words: [...one.words, ...words],
        facts: { ...one.facts, ...facts },
      }))
    );
  }
  return all;
}

const SILENT: HealthFacts = {
  responded: false,
  outcome: "timeout",
  hasOwner: false,
  isDashboardShaped: false,
};

/** Health answers. */
export function healths(isFull: boolean): readonly Value<HealthFacts>[] {
  const more = <T>(rows: readonly T[]): readonly T[] => isFull ? rows : [];
  const answers = combine<HealthFacts>([
    axis<HealthFacts>(
      ["status ok", { status: "ok" }],
      ["status bad", { status: "bad" }],
      ...more([["", {}]] as const),
    ),
    axis<HealthFacts>(
      ["", {}],
      ["answers as reeve", { product: "reeve" }],
      ...more([["answers as spec-kitty", { product: "spec-kitty" }]] as const),
    ),
    axis<HealthFacts>(
      ["", {}],
      ["says family sync", { daemonFamily: "sync" }],
      ["says family dashboard", { daemonFamily: "dashboard" }],
      ...isFull ? [] : [
        [
          "has a dashboard's keys",
          { isDashboardShaped: true },
        ] as const,
      ],
    ),
    axis<HealthFacts>(
      ["", {}],
      ...more(
        [[
          "has a dashboard's keys",
          { isDashboardShaped: true },
        ]] as const,
      ),
    ),
    axis<HealthFacts>(["", {}], ["has a protocol version", {
      protocolVersion: 1,
    }]),
    axis<HealthFacts>(
      ["", {}],
      ["says another scope", { scope: "/other" }],
      ...more([["says our scope", { scope: "/own" }]] as const),
    ),
    axis<HealthFacts>(
      ["", {}],
      ["reports this pid and port", { ownerPid: PID, ownerPort: PORT }],
      ["reports another pid", { ownerPid: 6002, ownerPort: PORT }],
      ...more(
        [["reports another port", {
          ownerPid: PID,
          ownerPort: 9402,
        }]] as const,
      ),
    ),
  ]);
  return [
    { words: [], facts: SILENT },
    ...answers.map(({ words, facts }) => ({
      words: ["it answers", ...words],
      facts: { ...SILENT, responded: true, outcome: "ok", ...facts },
    })),
  ];
}

/** Argument vectors. */
export function spawns(): readonly Value<SpawnFacts>[] {
  const none: SpawnFacts = {
    shape: "none",
    isProofWithoutMarker: false,
    argv: [],
  };
  const daemons = combine<SpawnFacts>([
    axis<SpawnFacts>(
      ["a daemon's arguments", { shape: "unmarked" }],
      ["a daemon's arguments with a marker", { shape: "marked" }],
    ),
    axis<SpawnFacts>(["", {}], [
      "of a shape that is proof alone",
      { isProofWithoutMarker: true },
    ]),
    axis<SpawnFacts>(
      ["of reeve", { product: "reeve" }],
      ["of spec-kitty", { product: "spec-kitty" }],
    ),
    axis<SpawnFacts>(
      ["", { family: "sync" }],
      ["of a dashboard", { family: "dashboard" }],
    ),
    axis<SpawnFacts>(["", {}], ["marker of our scope", { scope: "/own" }], [
      "marker of another scope",
      { scope: "/other" },
    ]),
    axis<SpawnFacts>(["", {}], ["names this port", { port: PORT }]),
  ]);
  return [
    { words: [], facts: none },
    { words: ["unreadable arguments"], facts: { ...none, shape: "unknown" } },
    ...daemons.map(({ words, facts }) => ({
      words,
      facts: { ...none, ...facts },
    })),
  ];
}

/** Comparisons of secrets. */
export function credentials(
  isFull: boolean,
): readonly Value<CredentialFacts>[] {
  return combine<CredentialFacts>([
    axis<CredentialFacts>(
      ["", { ownerBlock: "not_on_disk" }],
      ["no owner block", { ownerBlock: "absent" }],
      ...isFull
        ? [
          ["the owner block is on disk", { ownerBlock: "is_on_disk" }] as const,
        ]
        : [],
    ),
    axis<CredentialFacts>(["", {}], [
      "the token of its arguments answers",
      { argvTokenIsHealthToken: true },
    ]),
    axis<CredentialFacts>(["", {}], [
      "the token of the state file answers",
      { stateTokenIsHealthToken: true },
    ]),
  ]).map(({ words, facts }) => ({
    words,
    facts: { ownerBlock: "not_on_disk", ...facts },
  }));
}

/** Viewpoints. */
export function views(isFull: boolean): readonly Value<Viewpoint>[] {
  return combine<ScopeView>([
    axis<ScopeView>(
      ["", { scope: "/own" }],
      ...isFull ? [["our scope is unknown", {}] as const] : [],
    ),
    axis<ScopeView>(
      ["", {}],
      ["the state file names it", { singleton: { port: PORT, pid: PID } }],
      ["the state file names its port", { singleton: { port: PORT } }],
      ["the state file names its port, and another pid", {
        singleton: { port: PORT, pid: 6002 },
      }],
      ["the state file names its pid, and another port", {
        singleton: { port: 9402, pid: PID },
      }],
      ["the state file names another daemon", {
        singleton: { port: 9402, pid: 6002 },
      }],
      ["the state file cannot be read", { stateProblem: "damaged" }],
    ),
  ]).map(({ words, facts }) => ({
    words,
    facts: {
      takenAt: 0,
      family: "sync",
      ports: SYNC_PORTS,
      scopes: { reeve: facts, "spec-kitty": facts },
    },
  }));
}
