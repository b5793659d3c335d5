/**
 * What may be done with a process that might be left over from a unit: the
 * decision table, as rows of which the first match wins.
 *
 * A marker is inherited by every descendant. It proves where a process comes
 * from and not what it is: a person's shell may carry it too. So nothing is
 * ended without a question unless it also is the unit itself, or in its
 * session.
 *
 * @module
 */

/** What may be done with a process. */
export type OrphanClass = "never_touch" | "operator_required" | "safe_auto";

/** Why, in a word. */
export type OrphanReason =
  | "active"
  | "inside_repository"
  | "not_ours"
  | "orphan_intent"
  | "other_family"
  | "other_scope"
  | "outside_session"
  | "recorded_unmarked"
  | "scope_gone"
  | "self"
  | "stale_same_scope"
  | "starting"
  | "suspicious"
  | "third_party"
  | "unknown_token"
  | "unreadable";

/** What is known of the unit that a marker of our scope names. */
export type UnitKnowledge =
  /** It belongs to the active run and is recorded as it is. */
  | "active"
  /** Another command is starting it right now. */
  | "starting"
  /** It was started, or was going to be, and nobody has finished that. */
  | "intended"
  /** Its run has ended, or the unit was replaced. */
  | "stale"
  /** No run and no intent of this scope has such a token. */
  | "unknown";

/** The facts about one process that the table judges. */
export interface OrphanFacts {
  /** Whether it is this command, or one that it was started from. */
  readonly isOwnLineage: boolean;
  /** Whose it is. */
  readonly user: "other" | "own" | "unknown";
  /** Whether it says to be a daemon, of any product. */
  readonly isDaemon: boolean;
  /** What its marker is. */
  readonly marker: "none" | "of_a_unit" | "of_another_family";
  /** Repository of its marker. */
  readonly scope: "gone" | "living" | "ours" | undefined;
  /** The unit that its marker names, when the scope is ours. */
  readonly unit: UnitKnowledge | undefined;
  /** Whether it is that unit itself, or a member of its session. */
  readonly isInSession: boolean;
  /** Whether it is, by pid, start and boot, a process that we recorded. */
  readonly isRecorded: boolean;
  /** Whether it listens on a port that we have given to a unit. */
  readonly hasOurPort: boolean;
  /** Whether it is a member of the tree of a unit that is up. */
  readonly isPartOfActive: boolean;
  /** Whether it listens on some port and works inside the repository. */
  readonly isServerInside: boolean;
}

/** The verdict on one process. */
export interface OrphanVerdict {
  /** What may be done with it. */
  readonly orphanClass: OrphanClass;
  /** Why, in a word. */
  readonly reason: OrphanReason;
}

interface Rule {
  readonly matches: (facts: OrphanFacts) => boolean;
  readonly orphanClass: OrphanClass;
  readonly reason: OrphanReason;
}

const isOurs = ({ marker, scope }: OrphanFacts) =>
  marker === "of_a_unit" && scope === "ours";

function rule(
  orphanClass: OrphanClass,
  reason: OrphanReason,
  matches: Rule["matches"],
): Rule {
  return { matches, orphanClass, reason };
}

/** The table; the last row matches everything. */
const RULES: readonly Rule[] = [
  rule("never_touch", "self", (facts) => facts.isOwnLineage),
  rule("never_touch", "not_ours", (facts) => facts.user === "other"),
  rule("never_touch", "unreadable", (facts) => facts.user === "unknown"),
  rule(
    "never_touch",
    "other_family",
    (facts) => facts.isDaemon || facts.marker === "of_another_family",
  ),
  rule(
    "never_touch",
    "active",
    (facts) => isOurs(facts) && facts.unit === "active",
  ),
  rule(
    "never_touch",
    "starting",
    (facts) => isOurs(facts) && facts.unit === "starting",
  ),
  rule(
    "operator_required",
    "unknown_token",
    (facts) => isOurs(facts) && (facts.unit ?? "unknown") === "unknown",
  ),
  rule(
    "operator_required",
    "outside_session",
    (facts) => isOurs(facts) && !facts.isInSession,
  ),
  rule(
    "safe_auto",
    "stale_same_scope",
    (facts) => isOurs(facts) && facts.unit === "stale",
  ),
  rule("safe_auto", "orphan_intent", isOurs),
  rule(
    "operator_required",
    "scope_gone",
    (facts) => facts.marker === "of_a_unit" && facts.scope === "gone",
  ),
  rule(
    "never_touch",
    "other_scope",
    (facts) => facts.marker === "of_a_unit",
  ),
  rule("never_touch", "active", (facts) => facts.isPartOfActive),
  rule("operator_required", "recorded_unmarked", (facts) => facts.isRecorded),
  rule("operator_required", "suspicious", (facts) => facts.hasOurPort),
  rule(
    "operator_required",
    "inside_repository",
    (facts) => facts.isServerInside,
  ),
  rule("never_touch", "third_party", () => true),
];

/** Judges one process. */
export function classifyOrphan(facts: OrphanFacts): OrphanVerdict {
  const found = RULES.find(({ matches }) => matches(facts));
  return found === undefined
    ? { orphanClass: "never_touch", reason: "third_party" }
    : { orphanClass: found.orphanClass, reason: found.reason };
}

const TEXTS: Readonly<Record<OrphanReason, string>> = {
  "active": "It is a unit that is up.",
  "inside_repository":
    "It is a server that works inside the repository, and no unit.",
  "not_ours": "It belongs to another user.",
  "orphan_intent": "A command began to start it and never finished.",
  "other_family": "It is a daemon, which other commands look after.",
  "other_scope": "It belongs to another repository.",
  "outside_session":
    "It was started from a unit, but it may be something else by now.",
  "recorded_unmarked": "It is recorded as a unit, but carries no marker.",
  "scope_gone": "It belongs to a repository that is not there any more.",
  "self": "It is this command, or what this command was started from.",
  "stale_same_scope": "It is left over from an earlier run.",
  "starting": "Another command is starting it right now.",
  "suspicious": "It has a port that was given to a unit.",
  "third_party": "It has nothing to do with this repository.",
  "unknown_token":
    "Its marker is of this repository, but nobody wrote it down.",
  "unreadable": "Nobody can tell whose it is.",
};

/** A verdict in words. */
export function explainOrphan({ reason }: OrphanVerdict): string {
  return TEXTS[reason];
}
