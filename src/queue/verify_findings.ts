/**
 * What a queue is checked for, and what was found.
 *
 * @module
 */

/** Every check with what it proves. Ids are never used twice. */
export const QUEUE_CHECKS = {
  "V-001": "The file is a sound database",
  "V-002": "Its tables are those of this version",
  "V-003": "It belongs to this project and one installation",
  "V-004": "Every body has its hash and the one spelling",
  "V-005": "Every body says what its row says",
  "V-006": "Events whose body is gone were delivered",
  "V-007": "The clock grows, and every tick is accounted for",
  "V-008": "Places have no gaps but those of removed events",
  "V-009": "Events with a body, and their bytes, are counted right",
  "V-010": "Every captured event is here, delivered or in the audit",
  "V-011": "Every delivery is in a state that can be",
  "V-012": "What is new is behind the mark, and nothing else is",
  "V-013": "Events leave only under the consent they were captured with",
  "V-014": "Every delivered event has a request that says so",
  "V-015": "The overflow file is sound",
  "V-016": "Audit and quarantine can be read",
  "V-017": "Target and lease can be so",
} as const;

/** What checking against a server asks. */
export const SERVER_CHECKS = {
  "V-101": "The server has every delivered event, unchanged",
  "V-102": "What the server has besides will be duplicates",
  "V-103": "The server's clock for this installation fits",
} as const;

/** Id of a check. */
export type CheckId = keyof typeof QUEUE_CHECKS | keyof typeof SERVER_CHECKS;

/** What a check gave: `unknown` when it could not be carried out. */
export type CheckVerdict = "ok" | "broken" | "unknown";

/** One check and its result. */
export interface Check {
  /** Its id. */
  readonly id: CheckId;
  /** What it proves. */
  readonly title: string;
  /** What it gave. */
  readonly verdict: CheckVerdict;
  /** In words: how many faults, or what was looked at. */
  readonly details: string;
  /** Some of the faults. */
  readonly examples: readonly string[];
}

/** Most examples of one check. */
export const MOST_EXAMPLES = 5;

interface Entry {
  faults: number;
  examples: string[];
  unknown?: string;
  details?: string;
}

/** Gathers what checks find. */
export interface Findings {
  /** Something is wrong. */
  fault(id: CheckId, example: string): void;
  /** A check could not be carried out. */
  unknown(id: CheckId, why: string): void;
  /** What a check has looked at. */
  note(id: CheckId, details: string, examples?: readonly string[]): void;
}

/** Findings, and the checks that come of them. */
export interface OpenFindings extends Findings {
  /** Every check with its result, in the order of the ids. */
  toChecks(): readonly Check[];
}

/** Begins with nothing found in the checks of a table. */
export function openFindings(
  titles: Readonly<Partial<Record<CheckId, string>>>,
): OpenFindings {
  const entries = new Map<CheckId, Entry>();
  const entryOf = (id: CheckId): Entry => {
    const known = entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = { faults: 0, examples: [] };
    entries.set(id, entry);
    return entry;
  };
  return {
    fault(id, example) {
      const entry = entryOf(id);
      entry.faults++;
      if (entry.faults <= MOST_EXAMPLES) entry.examples.push(example);
    },
    unknown: (id, why) => void (entryOf(id).unknown ??= why),
    note(id, details, examples = []) {
      const entry = entryOf(id);
      entry.details = details;
      entry.examples.push(...examples.slice(0, MOST_EXAMPLES));
    },
    toChecks: () =>
      idsOf(titles).map((id) => toCheck(id, titles[id] ?? "", entryOf(id))),
  };
}

function idsOf(
  titles: Readonly<Partial<Record<CheckId, string>>>,
): readonly CheckId[] {
  return Object.keys(titles) as CheckId[];
}

function toCheck(id: CheckId, title: string, entry: Entry): Check {
  const { faults, examples, unknown, details = "" } = entry;
  if (faults > 0) {
    const amount = faults === 1 ? "1 fault" : `${faults} faults`;
    return { id, title, verdict: "broken", details: amount, examples };
  }
  return unknown === undefined
    ? { id, title, verdict: "ok", details, examples }
    : { id, title, verdict: "unknown", details: unknown, examples };
}
