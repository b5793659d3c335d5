import { assert, assertEquals } from "@std/assert";
import { ENVIRONMENT_BRIEFS } from "../src/cli/environment_words.ts";
import { helpPages } from "./command_help.ts";
import { escapeRoff, manPage } from "./man.ts";

Deno.test.each([
  { text: "--json", roff: "\\-\\-json" },
  { text: "a\n.b", roff: "a\n\\&.b" },
  { text: "it's \\d", roff: "it\\(aqs \\ed" },
])("escapeRoff() of $text", ({ text, roff }) => {
  assertEquals(escapeRoff(text), roff);
});

Deno.test("manPage() has a section for every command", () => {
  const page = manPage();
  const names = helpPages().map(({ name }) => name);
  for (const name of names) {
    assert(page.includes(`.SS ${escapeRoff(name)}\n`), name);
  }
  for (const name of Object.keys(ENVIRONMENT_BRIEFS)) {
    assert(names.includes(`reeve ${name}`), name);
  }
});

Deno.test("manPage() has no request that roff does not know", () => {
  const known = /^\.(TH|SH|SS|TP|B|I|nf|fi)\b/;
  const requests = manPage().split("\n").filter((line) => /^[.']/.test(line));
  assertEquals(requests.filter((line) => !known.test(line)), []);
});
