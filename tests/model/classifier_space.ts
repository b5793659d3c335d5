/**
 * Every combination of the facts that the classifier of daemons looks at, and
 * what must never come out of them.
 *
 * @module
 */

import type { Candidate, Viewpoint } from "../../src/daemon/candidate.ts";
import { classify, type Verdict } from "../../src/daemon/classify.ts";
import {
  axis,
  BEHIND,
  combine,
  credentials,
  healths,
  PID,
  PORT,
  spawns,
  type Value,
  views,
} from "./classifier_facts.ts";

/** What was found. */
export interface SpaceReport {
  /** Number of combinations. */
  readonly combinations: number;
  /** Number of those that are ended without a question. */
  readonly unasked: number;
  /** For each verdict the shortest combination that leads to it. */
  readonly witnesses: ReadonlyMap<string, readonly string[]>;
  /** What must never be, and is. */
  readonly faults: readonly string[];
}

/** Identity facts, one a row, without all of which nothing is ended unasked. */
const IDENTITY: readonly (readonly [
  string,
  (candidate: Candidate, from: Viewpoint) => boolean,
])[] = [
  ["its port is in the range", ({ port }) => port === PORT],
  ["its pid is proved", ({ pid }) => pid === PID],
  [
    "its arguments are a daemon's",
    ({ spawn }) => spawn.shape === "marked" || spawn.shape === "unmarked",
  ],
  [
    "an unmarked one proves its product",
    ({ spawn, health }) =>
      spawn.shape === "marked" || spawn.isProofWithoutMarker ||
      health.product === spawn.product,
  ],
  [
    "it is of our family",
    ({ spawn, health }) =>
      spawn.family === "sync" && health.daemonFamily !== "dashboard" &&
      !health.isDashboardShaped,
  ],
  [
    "its scope is ours",
    ({ spawn }, from) =>
      spawn.scope === "/own" && from.scopes.reeve.scope === "/own",
  ],
  [
    "it answers and is well",
    ({ health }) => health.responded && health.status !== "bad",
  ],
  ["it says no other scope", ({ health }) => health.scope !== "/other"],
  [
    "it reports itself, or an old one proves its token",
    (one) =>
      (one.health.ownerPid === PID && one.health.ownerPort === PORT) ||
      (one.health.daemonFamily === undefined &&
        one.spawn.isProofWithoutMarker && one.spawn.port === PORT &&
        one.credentials.argvTokenIsHealthToken === true),
  ],
  ["no state file names it", ({ credentials }, { scopes }) => {
    const { singleton, stateProblem } = scopes.reeve;
    return stateProblem === undefined && singleton?.port !== PORT &&
      singleton?.pid !== PID &&
      (singleton === undefined || !credentials.stateTokenIsHealthToken);
  }],
];

type Values = readonly Value<unknown>[];

function lengthOf(values: Values): number {
  return values.reduce((sum, { words }) => sum + words.length, 0);
}

/** What is said of each verdict: the shortest way to it. */
class Witnesses {
  readonly #lengths = new Map<string, number>();
  readonly found = new Map<string, readonly string[]>();

  note(
    { row, cleanupClass, skipReason, identitySource }: Verdict,
    length: number,
    parts: Values,
    view: Value<unknown>,
  ): void {
    const short = row + identitySource;
    const known = this.#lengths.get(short);
    if (known !== undefined && known <= length) return;
    this.#lengths.set(short, length);
    const name = `${row} ${cleanupClass} ${
      skipReason ?? "-"
    } ${identitySource}`;
    this.found.set(name, [...parts, view].flatMap(({ words }) => words));
  }
}

type Place = Pick<Candidate, "pid" | "port">;

/** Goes through all of it; `isFull` for every value of every fact. */
export function checkClassifier(isFull: boolean): SpaceReport {
  const places = combine<Place>([
    axis<Place>(["", { pid: PID }], ["no pid", {}]),
    axis<Place>(["", { port: PORT }], ["port out of range", { port: BEHIND }]),
  ]);
  const spoken = views(isFull);
  const rest = crossed(spawns(), credentials(isFull), healths(isFull));
  const witnesses = new Witnesses();
  const faults = new Set<string>();
  let combinations = 0;
  let unasked = 0;
  for (const place of places) {
    for (const [spawn, credential, answer] of rest()) {
      const parts = [place, spawn, answer, credential];
      const length = lengthOf(parts);
      const candidate: Candidate = {
        port: PORT,
        ...place.facts,
        spawn: spawn.facts,
        health: answer.facts,
        credentials: credential.facts,
        ownerPresent: false,
      };
      for (const view of spoken) {
        combinations++;
        const verdict = classify(candidate, view.facts);
        const total = length + view.words.length;
        witnesses.note(verdict, total, parts, view);
        if (verdict.cleanupClass !== "safe_auto") continue;
        unasked++;
        for (const [text, holds] of IDENTITY) {
          if (!holds(candidate, view.facts)) faults.add(`not: ${text}`);
        }
      }
    }
  }
  return {
    combinations,
    unasked,
    witnesses: witnesses.found,
    faults: [...faults],
  };
}

/** Every triple, one after the other. */
function crossed<A, B, C>(
  first: readonly A[],
  second: readonly B[],
  third: readonly C[],
): () => Generator<readonly [A, B, C]> {
  return function* () {
    for (const a of first) {
      for (const b of second) for (const c of third) yield [a, b, c];
    }
  };
}
