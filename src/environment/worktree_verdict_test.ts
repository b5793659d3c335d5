import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import type {
  KnownWorktree,
  Occupant,
  WorktreeFacts,
} from "./worktree_facts.ts";
import { parseWorktrees } from "./worktree_facts.ts";
import {
  type ExistingRule,
  judgeWorktree,
  MAKING,
  whyKeep,
  type WorktreeWork,
} from "./worktree_verdict.ts";

const PATH = "/r/trees/shop/1";
const known: KnownWorktree = { path: PATH, branch: "shop-1", lock: undefined };

function facts(of: Partial<WorktreeFacts>): WorktreeFacts {
  return {
    path: PATH,
    branch: "shop-1",
    occupant: { kind: "nothing" },
    known: undefined,
    tip: undefined,
    branchAt: undefined,
    ...of,
  };
}

const worktree: Occupant = { kind: "worktree", branch: "shop-1" };
const stray = (...names: string[]): Occupant => ({
  kind: "stray",
  names,
  isCheckout: names.includes(".git"),
});

interface Row {
  readonly text: string;
  readonly of: Partial<WorktreeFacts>;
  readonly rule?: ExistingRule;
  readonly is: string | RegExp;
}

const ROWS: readonly Row[] = [
  { text: "nothing", of: {}, is: "create new" },
  {
    text: "an empty directory",
    of: { occupant: { kind: "empty_directory" } },
    is: "create new",
  },
  { text: "a branch alone", of: { tip: "c0ffee" }, is: "create" },
  {
    text: "one whose directory is gone",
    of: { known, tip: "c0ffee" },
    is: "create forgotten",
  },
  {
    text: "a locked one whose directory is gone",
    of: { known: { ...known, lock: "usb" }, tip: "c0ffee" },
    is: /locked, .*: usb$/,
  },
  {
    text: "one that somebody else is making",
    of: { known: { ...known, lock: MAKING } },
    is: /locked, .*: initializing$/,
  },
  {
    text: "a branch that is checked out elsewhere",
    of: { tip: "c0ffee", branchAt: "/r/trees/x" },
    is: /^The branch shop-1 is checked out in \/r\/trees\/x$/,
  },
  { text: "a file", of: { occupant: { kind: "file" } }, is: /is a file$/ },
  {
    text: "a link",
    of: { occupant: { kind: "link", to: "/elsewhere" } },
    is: /leads to \/elsewhere$/,
  },
  {
    text: "a directory of somebody",
    of: { occupant: stray("a", "b", "c", "d", "e", "f", "g") },
    is: /holds a, b, c, d, e and 2 more$/,
  },
  {
    text: "a directory whose Git link is gone",
    of: { known, occupant: stray("a") },
    is: /is a directory that is no worktree/,
  },
  {
    text: "a checkout of somebody",
    of: { occupant: stray(".git", "a") },
    is: /is a checkout, but no worktree/,
  },
  { text: "it, with reuse", of: { known, occupant: worktree }, is: "reuse" },
  {
    text: "it on another branch, with reuse",
    of: { known, occupant: { kind: "worktree", branch: "other" } },
    is: "reuse",
  },
  {
    text: "it, half made",
    of: { known: { ...known, lock: MAKING }, occupant: worktree },
    is: /is being made by another git/,
  },
  {
    text: "it, locked by a person, with reuse",
    of: { known: { ...known, lock: "mine" }, occupant: worktree },
    is: "reuse",
  },
  {
    text: "it, with recreate",
    of: { known, occupant: worktree },
    rule: "recreate",
    is: "recreate",
  },
  {
    text: "it, with recreate, and its branch elsewhere",
    of: { known, occupant: worktree, branchAt: "/r/x" },
    rule: "recreate",
    is: /checked out in \/r\/x$/,
  },
  {
    text: "it, without a word about it",
    of: { known, occupant: worktree },
    rule: "refuse",
    is: /There is a worktree at .* already$/,
  },
];

Deno.test.each(ROWS)("judgeWorktree() of $text", ({ of, rule, is }) => {
  const verdict = judgeWorktree(facts(of), rule ?? "reuse");
  if (typeof is !== "string") {
    assert(verdict.kind === "refuse");
    assertMatch(verdict.message, is);
    assert(verdict.hint.length > 0);
    return;
  }
  const words = [
    verdict.kind,
    ...verdict.kind === "create" && verdict.isNewBranch ? ["new"] : [],
    ...verdict.kind === "create" && verdict.isForgotten ? ["forgotten"] : [],
  ];
  assertEquals(words.join(" "), is);
});

const occupants = fc.constantFrom<Occupant>(
  { kind: "nothing" },
  { kind: "empty_directory" },
  { kind: "file" },
  { kind: "link", to: "/x" },
  stray("a"),
  worktree,
);

Deno.test("judgeWorktree() makes nothing where something is, and no branch twice", () => {
  fc.assert(
    fc.property(
      fc.record({
        occupant: occupants,
        known: fc.constantFrom(undefined, known, { ...known, lock: "x" }),
        tip: fc.constantFrom(undefined, "c0ffee"),
        branchAt: fc.constantFrom(undefined, "/r/x"),
      }),
      fc.constantFrom<ExistingRule>("recreate", "refuse", "reuse"),
      (of, rule) => {
        const verdict = judgeWorktree(facts(of), rule);
        if (verdict.kind === "create") {
          assert(/nothing|empty/.test(of.occupant.kind));
          assertEquals(verdict.isNewBranch, of.tip === undefined);
          assertEquals(of.branchAt, undefined);
        }
        if (verdict.kind === "recreate") assertEquals(rule, "recreate");
        if (verdict.kind === "reuse") assertEquals(rule, "reuse");
      },
    ),
  );
});

const IDLE: WorktreeWork = {
  dirty: [],
  unfinished: [],
  unpushed: 0,
  running: [],
  lock: undefined,
};

Deno.test.each<
  { work: Partial<WorktreeWork>; plain: number; forced: number }
>([
  { work: {}, plain: 0, forced: 0 },
  { work: { dirty: ["a"] }, plain: 1, forced: 0 },
  { work: { unpushed: 2 }, plain: 1, forced: 0 },
  { work: { running: ["shop-1 Api"] }, plain: 1, forced: 1 },
  { work: { unfinished: ["a merge"] }, plain: 1, forced: 1 },
  { work: { lock: "" }, plain: 1, forced: 1 },
  { work: { dirty: ["a"], lock: "", unpushed: 1 }, plain: 3, forced: 1 },
])("whyKeep() of $work", ({ forced, plain, work }) => {
  const of = { ...IDLE, ...work };
  assertEquals(whyKeep(of, { isForced: false }).length, plain);
  assertEquals(whyKeep(of, { isForced: true }).length, forced);
});

Deno.test("parseWorktrees() reads branches, locks and paths with blanks", () => {
  const text = [
    "worktree /r",
    "HEAD c0ffee",
    "branch refs/heads/feature/x",
    "",
    "worktree /r/my tree",
    "HEAD c0ffee",
    "detached",
    "locked on a stick",
    "",
    "worktree /r/other",
    "HEAD c0ffee",
    "branch refs/heads/y",
    "locked",
    "",
  ].join("\n");
  assertEquals(parseWorktrees(text), [
    { path: "/r", branch: "feature/x", lock: undefined },
    { path: "/r/my tree", branch: undefined, lock: "on a stick" },
    { path: "/r/other", branch: "y", lock: "" },
  ]);
});
