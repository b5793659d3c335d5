import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseRoute } from "./route.ts";
import { FLAGS } from "./route_flags.ts";
import { arityOf } from "./route_scan.ts";
import {
  ASSIGNMENT_NAMES,
  COMMAND_TOKENS,
  COMMAND_WORDS,
  commandOfToken,
  commandOfWord,
  FLAG_TOKENS,
  isFlagOf,
  modeOfToken,
} from "./route_table.ts";

const commandWord = fc.constantFrom(...COMMAND_WORDS);
const temptation = fc.constantFrom(
  ...COMMAND_WORDS,
  ...ASSIGNMENT_NAMES,
  ...ASSIGNMENT_NAMES.map((name) => `${name}=true`),
  "auth",
  "daemon",
);

Deno.test("no value of any flag ever changes the command", () => {
  for (const word of COMMAND_WORDS) {
    const named = commandOfWord(word);
    for (const row of FLAGS.filter((row) => arityOf(row) === 1)) {
      if (row.kind === "text" && row.key === "command") continue;
      if (!named || !isFlagOf(row, named.row.name)) continue;
      for (const token of row.tokens) {
        for (const value of COMMAND_WORDS) {
          for (
            const line of [
              [token, value, word],
              [word, token, value],
              [word, `${token}=${value}`],
            ]
          ) {
            const route = parseRoute(line, {});
            if (route.kind === "error") {
              // Numbers and modes refuse the word; nothing else happens.
              assertEquals(route.code, "bad_value", line.join(" "));
            } else assertEquals(route.command, named.row.name, line.join(" "));
          }
        }
      }
    }
  }
});

Deno.test("no word after a command ever changes it", () => {
  fc.assert(fc.property(
    commandWord,
    fc.array(temptation, { maxLength: 4 }),
    fc.array(fc.string(), { maxLength: 3 }),
    (word, after, rest) => {
      const route = parseRoute([word, ...after, "--", ...rest], {});
      if (route.kind === "error") return;
      assertEquals(route.command, commandOfWord(word)?.row.name);
      assertEquals(route.passthrough, rest);
    },
  ));
});

Deno.test("every line is understood or refused, never anything else", () => {
  const token = fc.oneof(
    temptation,
    fc.constantFrom(...FLAG_TOKENS, ...COMMAND_TOKENS, "--", "-", "="),
    fc.string(),
    fc.string().map((text) => `--${text}`),
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 8 }), (line) => {
      const route = parseRoute(line, {});
      if (route.kind === "route") {
        assertEquals(parseRoute(line, {}), route);
      } else {
        assert(route.message.length > 0 && route.hint.length > 0);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("an unknown long option never passes", () => {
  fc.assert(fc.property(
    commandWord,
    fc.stringMatching(/^[a-z][a-z-]{0,12}$/),
    (word, name) => {
      const token = `--${name}`;
      if (FLAG_TOKENS.includes(token) || COMMAND_TOKENS.includes(token)) return;
      const route = parseRoute([word, token], {});
      assertEquals(route.kind === "error" && route.code, "unknown_option");
    },
  ));
});

Deno.test("the table has one meaning for each token", () => {
  const aliases = COMMAND_WORDS.filter((word) => word.length > 0);
  assertEquals(new Set(aliases).size, aliases.length);
  for (const token of COMMAND_TOKENS) {
    assert(!FLAG_TOKENS.includes(token), `${token} is a flag too`);
    assert(modeOfToken(token) === undefined, `${token} is a mode too`);
    assert(commandOfToken(token) !== undefined);
  }
  for (const token of FLAG_TOKENS) {
    const rows = FLAGS.filter(({ tokens }) => tokens.includes(token));
    assert(new Set(rows.map(arityOf)).size <= 1, `${token} takes 0 and 1`);
    for (const word of COMMAND_WORDS) {
      const named = commandOfWord(word);
      const known = rows.filter((row) =>
        named !== undefined && isFlagOf(row, named.row.name)
      );
      assert(known.length <= 1, `${token} means two things to ${word}`);
    }
  }
  for (
    const word of "auth daemon sync event server queue completions help".split(
      " ",
    )
  ) {
    assert(commandOfWord(word) === undefined, `${word} is taken`);
  }
});
