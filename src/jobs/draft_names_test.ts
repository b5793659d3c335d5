import { assertEquals } from "@std/assert";
import { refuse } from "#support/draft_checks.ts";

Deno.test.each([
  {
    draft: { data: 1, options: { prioritty: 1 } },
    hint: "Did you mean priority?",
  },
  {
    draft: { data: 1, options: { delay_ms: 1 } },
    hint: "Did you mean delayMs?",
  },
  {
    draft: { data: 1, options: { backoff: { base: 1 } } },
    hint: "Did you mean baseMs?",
  },
  {
    draft: { data: 1, options: { dedupe: { kye: "k" } } },
    hint: "Did you mean key?",
  },
  { draft: { data: 1, option: {} }, hint: "Did you mean options?" },
  {
    draft: { data: 1, options: { whatever: 1 } },
    hint: "Leave it out, or see the options of a job.",
  },
])("checkDraft() refuses a name that it does not know: $hint", (row) => {
  assertEquals(refuse(row.draft).hint, row.hint);
});

Deno.test("checkDraft() says which names it knows", () => {
  const { message } = refuse({ data: 1, options: { backoff: { cap: 1 } } });
  assertEquals(
    message,
    'Cannot add the job to mail: backoff has "cap", not one of type, baseMs, ' +
      "capMs, jitter",
  );
});
