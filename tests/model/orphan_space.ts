/**
 * Every combination of the facts that the classifier of left-over units looks
 * at, and what must never come out of them.
 *
 * @module
 */

import {
  classifyOrphan,
  type OrphanFacts,
} from "../../src/environment/orphan_class.ts";
import { combine, type Value } from "./classifier_facts.ts";
import type { SpaceReport } from "./classifier_space.ts";

type Facts = Value<Partial<OrphanFacts>>;

function flag(words: string, facts: Partial<OrphanFacts>): readonly Facts[] {
  const off = Object.keys(facts).map((key) => [key, false]);
  return [
    { words: [], facts: Object.fromEntries(off) },
    { words: [words], facts },
  ];
}

function words<K extends keyof OrphanFacts>(
  key: K,
  rows: readonly (readonly [string, OrphanFacts[K]])[],
): readonly Facts[] {
  return rows.map(([text, value]) => ({
    words: text === "" ? [] : [text],
    facts: { [key]: value },
  }));
}

const AXES: readonly (readonly Facts[])[] = [
  flag("this command or where it came from", { isOwnLineage: true }),
  words("user", [["", "own"], ["another user's", "other"], [
    "nobody knows whose",
    "unknown",
  ]]),
  flag("says to be a daemon", { isDaemon: true }),
  words("marker", [["", "none"], ["marker of a unit", "of_a_unit"], [
    "marker of another family",
    "of_another_family",
  ]]),
  words("scope", [["", undefined], ["of our scope", "ours"], [
    "of a living scope",
    "living",
  ], ["of a scope that is gone", "gone"]]),
  words("unit", [
    ["", undefined],
    ["unit unknown", "unknown"],
    [
      "unit active",
      "active",
    ],
    ["unit starting", "starting"],
    ["unit intended", "intended"],
    [
      "unit stale",
      "stale",
    ],
  ]),
  flag("in the unit's session", { isInSession: true }),
  flag("recorded", { isRecorded: true }),
  flag("has our port", { hasOurPort: true }),
  flag("part of a unit that is up", { isPartOfActive: true }),
  flag("a server inside the repository", { isServerInside: true }),
];

/** Identity facts, without all of which nothing is ended unasked. */
const IDENTITY: readonly (readonly [
  string,
  (facts: OrphanFacts) => boolean,
])[] = [
  ["it is not of this command", ({ isOwnLineage }) => !isOwnLineage],
  ["it is our user's", ({ user }) => user === "own"],
  ["it is no daemon", ({ isDaemon }) => !isDaemon],
  ["it has a unit's marker", ({ marker }) => marker === "of_a_unit"],
  ["its scope is ours", ({ scope }) => scope === "ours"],
  [
    "its unit is over",
    ({ unit }) => unit === "stale" || unit === "intended",
  ],
  ["it is in the unit's session", ({ isInSession }) => isInSession],
];

/** Goes through all of it. */
export function checkOrphans(): SpaceReport {
  const witnesses = new Map<string, readonly string[]>();
  const faults = new Set<string>();
  let combinations = 0;
  let unasked = 0;
  for (const { words, facts } of combine<OrphanFacts>(AXES)) {
    combinations++;
    // The axes have every key of the facts.
    const whole = facts as OrphanFacts;
    const { orphanClass, reason } = classifyOrphan(whole);
    const name = `${orphanClass} ${reason}`;
    const known = witnesses.get(name);
    if (known === undefined || words.length < known.length) {
      witnesses.set(name, words);
    }
    if (orphanClass !== "safe_auto") continue;
    unasked++;
    for (const [text, holds] of IDENTITY) {
      if (!holds(whole)) faults.add(`not: ${text}`);
    }
  }
  return { combinations, unasked, witnesses, faults: [...faults] };
}
