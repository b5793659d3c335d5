import { assertEquals, assertThrows } from "@std/assert";
import { helpText, readGiven, type Usage } from "./run_script.ts";

const USAGE: Usage = {
  run: "deno task bake",
  does: "Bakes what was asked for, one after the other, and says of each of " +
    "them how it went.",
  words: { takes: "CAKE", does: "Only these." },
  flags: {
    "heat": { takes: "DEGREES", does: "How hot." },
    "soon": { does: "Bakes badly." },
  },
};
const { words: _, ...WITHOUT_WORDS } = USAGE;

Deno.test.each([
  { args: [], words: [], heat: [], soon: false },
  { args: ["--soon", "a"], words: ["a"], heat: [], soon: true },
  {
    args: ["a", "--heat", "1", "b", "--heat=2"],
    words: ["a", "b"],
    heat: ["1", "2"],
    soon: false,
  },
])("readGiven() of $args", ({ args, words, heat, soon }) => {
  const given = readGiven(args, USAGE);
  assertEquals(
    [given.words, given.all("heat"), given.last("heat"), given.has("soon")],
    [words, heat, heat.at(-1), soon],
  );
});

Deno.test.each([
  { args: ["--nonsense"], usage: USAGE, says: "--nonsense" },
  { args: ["--so"], usage: USAGE, says: "--so" },
  { args: ["-s"], usage: USAGE, says: "-s" },
  { args: ["--heat"], usage: USAGE, says: "--heat" },
  { args: ["--heat", "--soon"], usage: USAGE, says: "--heat" },
  { args: ["--soon=yes"], usage: USAGE, says: "--soon" },
  { args: ["word"], usage: WITHOUT_WORDS, says: "word" },
])("readGiven() refuses $args", ({ args, usage, says }) => {
  assertThrows(() => readGiven(args, usage), TypeError, says);
});

Deno.test("helpText() tells all that a script takes, in 80 columns", () => {
  assertEquals(
    helpText(USAGE),
    `Usage: deno task bake [CAKE…] [flags]

Bakes what was asked for, one after the other, and says of each of them how it
went.

  CAKE            Only these.
  --heat DEGREES  How hot.
  --soon          Bakes badly.
  --help          Prints this.
`,
  );
});
