import { assertEquals, assertThrows } from "@std/assert";
import type { Mutant } from "./instrument.ts";
import { mutantsPart, replacePart } from "./proofs_page.ts";
import type { Fate } from "./run_mutants.ts";
import { judge, type Reason } from "./score.ts";

function mutant(id: string, change: Partial<Mutant> = {}): Mutant {
  return {
    id,
    path: "/r/src/a.ts",
    mutator: "BooleanLiteral",
    line: 7,
    text: "return true;",
    original: "true",
    replacement: "false",
    ...change,
  };
}

const REASON: Reason = {
  module: "a",
  mutator: "BooleanLiteral",
  text: "return true;",
  original: "true",
  replacement: "false",
  reason: "Nobody reads it.",
};

const many = Array.from({ length: 40 }, (_, at) => mutant(`${at}`));
const killed = Object.fromEntries(
  many.map(({ id }): [string, Fate] => [id, "killed"]),
);

function judged(
  fates: Readonly<Record<string, Fate>>,
  reasons: readonly Reason[],
  problem?: string,
) {
  const result = {
    name: "a",
    ms: 1,
    fates: { ...killed, ...fates },
    ...problem === undefined ? {} : { problem },
  };
  return judge({ name: "a", file: "a.ts", mutants: many }, result, reasons);
}

Deno.test.each<{
  name: string;
  fates: Readonly<Record<string, Fate>>;
  reasons: readonly Reason[];
  faults: readonly string[];
}>([
  { name: "all killed", fates: {}, reasons: [], faults: [] },
  {
    name: "one that never ends",
    fates: { 3: "timed_out" },
    reasons: [],
    faults: [],
  },
  {
    name: "a survivor with a reason",
    fates: { 3: "survived" },
    reasons: [REASON],
    faults: [],
  },
  {
    name: "a survivor without one",
    fates: { 3: "not_reached" },
    reasons: [],
    faults: [
      "a: no reason: a.ts:7 BooleanLiteral (not_reached): true → false",
    ],
  },
  {
    name: "two survivors with one reason",
    fates: { 3: "survived", 4: "survived" },
    reasons: [REASON],
    faults: ["a: no reason: a.ts:7 BooleanLiteral (survived): true → false"],
  },
  {
    name: "a reason without its survivor",
    fates: {},
    reasons: [REASON],
    faults: [
      "a: a reason without a survivor: BooleanLiteral true → false in: " +
      "return true;",
    ],
  },
  {
    name: "three survivors of forty",
    fates: { 3: "survived", 4: "survived", 5: "survived" },
    reasons: [REASON, REASON, REASON],
    faults: ["a: 92.5 % is below 95 %"],
  },
])("judge() of $name", ({ fates, reasons, faults }) => {
  assertEquals(judged(fates, reasons).faults, [...faults]);
});

Deno.test("judge() of tests that fail by themselves says so and no more", () => {
  assertEquals(judged({}, [REASON], "broken").faults, ["a: broken"]);
});

Deno.test("replacePart() leaves the rest of the page as it is", () => {
  const page = "before\n<!-- x: begin -->\nold\n<!-- x: end -->\nafter\n";
  assertEquals(
    replacePart(page, "x", " new\n"),
    "before\n<!-- x: begin -->\n\nnew\n\n<!-- x: end -->\nafter\n",
  );
  assertThrows(() => replacePart(page, "y", "new"), Error, "the part y");
});

Deno.test("mutantsPart() lists survivors with their reasons", () => {
  const text = mutantsPart([judged({ 3: "survived" }, [REASON])]);
  assertEquals(text.split("\n").slice(2), [
    "| a | `src/a.ts` | 40 | 39 | 97.5 % | 95 % |",
    "| all |  | 40 | 39 | 97.5 % | |",
    "",
    "### Mutants that survive: 1",
    "",
    "- `a.ts:7`: `true` → `false`. Nobody reads it.",
  ]);
});
