import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import {
  classifyOrphan,
  explainOrphan,
  type OrphanFacts,
} from "./orphan_class.ts";

/** A stranger that has nothing to do with us. */
const STRANGER: OrphanFacts = {
  isOwnLineage: false,
  user: "own",
  isDaemon: false,
  marker: "none",
  scope: undefined,
  unit: undefined,
  isInSession: false,
  isRecorded: false,
  hasOurPort: false,
  isPartOfActive: false,
  isServerInside: false,
};

/** What is left of a unit of an earlier run. */
const STALE: OrphanFacts = {
  ...STRANGER,
  marker: "of_a_unit",
  scope: "ours",
  unit: "stale",
  isInSession: true,
};

const rows: readonly {
  readonly is: string;
  readonly facts: OrphanFacts;
}[] = [
  { is: "never_touch self", facts: { ...STALE, isOwnLineage: true } },
  { is: "never_touch not_ours", facts: { ...STALE, user: "other" } },
  { is: "never_touch unreadable", facts: { ...STALE, user: "unknown" } },
  { is: "never_touch other_family", facts: { ...STALE, isDaemon: true } },
  {
    is: "never_touch other_family",
    facts: { ...STRANGER, marker: "of_another_family", hasOurPort: true },
  },
  { is: "never_touch active", facts: { ...STALE, unit: "active" } },
  {
    is: "never_touch active",
    facts: { ...STALE, unit: "active", isInSession: false },
  },
  { is: "never_touch starting", facts: { ...STALE, unit: "starting" } },
  { is: "safe_auto stale_same_scope", facts: STALE },
  { is: "safe_auto orphan_intent", facts: { ...STALE, unit: "intended" } },
  {
    is: "operator_required outside_session",
    facts: { ...STALE, isInSession: false },
  },
  {
    is: "operator_required outside_session",
    facts: { ...STALE, unit: "intended", isInSession: false },
  },
  {
    is: "operator_required unknown_token",
    facts: { ...STALE, unit: "unknown" },
  },
  {
    is: "operator_required unknown_token",
    facts: { ...STALE, unit: undefined },
  },
  { is: "operator_required scope_gone", facts: { ...STALE, scope: "gone" } },
  { is: "never_touch other_scope", facts: { ...STALE, scope: "living" } },
  { is: "never_touch other_scope", facts: { ...STALE, scope: undefined } },
  {
    is: "never_touch other_scope",
    facts: { ...STALE, scope: "living", isRecorded: true, hasOurPort: true },
  },
  {
    is: "operator_required recorded_unmarked",
    facts: { ...STRANGER, isRecorded: true, hasOurPort: true },
  },
  {
    is: "operator_required suspicious",
    facts: { ...STRANGER, hasOurPort: true },
  },
  {
    is: "operator_required inside_repository",
    facts: { ...STRANGER, isServerInside: true },
  },
  {
    is: "never_touch active",
    facts: {
      ...STRANGER,
      isPartOfActive: true,
      isRecorded: true,
      hasOurPort: true,
      isServerInside: true,
    },
  },
  {
    is: "never_touch not_ours",
    facts: { ...STRANGER, user: "other", isServerInside: true },
  },
  { is: "never_touch third_party", facts: STRANGER },
  { is: "never_touch third_party", facts: { ...STALE, marker: "none" } },
  {
    is: "never_touch third_party",
    facts: { ...STALE, marker: "none", scope: "gone" },
  },
];

Deno.test.each(rows)("classifyOrphan() is $is", ({ is, facts }) => {
  const verdict = classifyOrphan(facts);
  assertEquals(`${verdict.orphanClass} ${verdict.reason}`, is);
  assertMatch(explainOrphan(verdict), /^[A-Z].*\.$/);
});

Deno.test("only a proved part of a dead unit of ours is ended unasked", () => {
  const anything = fc.record<OrphanFacts>({
    isOwnLineage: fc.boolean(),
    user: fc.constantFrom("other", "own", "unknown"),
    isDaemon: fc.boolean(),
    marker: fc.constantFrom("none", "of_a_unit", "of_another_family"),
    scope: fc.constantFrom("gone", "living", "ours", undefined),
    unit: fc.constantFrom(
      "active",
      "intended",
      "stale",
      "starting",
      "unknown",
      undefined,
    ),
    isInSession: fc.boolean(),
    isRecorded: fc.boolean(),
    hasOurPort: fc.boolean(),
    isPartOfActive: fc.boolean(),
    isServerInside: fc.boolean(),
  });
  fc.assert(
    fc.property(anything, (facts) => {
      if (classifyOrphan(facts).orphanClass !== "safe_auto") return;
      assert(facts.user === "own" && facts.isInSession && !facts.isDaemon);
      assert(!facts.isOwnLineage && facts.scope === "ours");
      assert(facts.marker === "of_a_unit");
      assert(facts.unit === "stale" || facts.unit === "intended");
    }),
    { numRuns: 2000 },
  );
});
