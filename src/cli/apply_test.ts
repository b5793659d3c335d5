import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { actorOf, mayApply } from "./apply.ts";

interface Case {
  readonly name: string;
  readonly apply?: boolean;
  readonly yes?: boolean;
  readonly isJson?: boolean;
  readonly isInteractive?: boolean;
  readonly amount?: number;
  readonly answer?: boolean;
  readonly is: string;
  readonly asked?: number;
}

Deno.test.each<Case>([
  { name: "without --apply", apply: false, is: "only_show" },
  { name: "a yes", answer: true, is: "apply", asked: 1 },
  { name: "a no", answer: false, is: "declined", asked: 1 },
  { name: "--yes", yes: true, is: "apply" },
  { name: "--json", isJson: true, is: "apply" },
  { name: "no terminal", isInteractive: false, is: "apply" },
  { name: "nothing to do", amount: 0, is: "apply" },
])("mayApply() with $name gives $is", async (row) => {
  const { apply = true, yes = false, isJson = false, amount = 1 } = row;
  const { isInteractive = true, answer = false } = row;
  const host = createFakeHost({
    terminal: { isInteractive, answers: [answer] },
  });
  const consent = await mayApply({ host, isJson }, { apply, yes }, {
    amount,
    question: "Do it?",
  });
  assertEquals<string>(consent, row.is);
  assertEquals(host.terminal.questions.length, row.asked ?? 0);
});

Deno.test.each([
  { env: { USER: "ada" }, is: "ada" },
  { env: { USERNAME: "ada" }, is: "ada" },
  { env: {}, is: "unknown" },
])("actorOf() is $is", ({ env, is }) => {
  assertEquals(actorOf({ host: createFakeHost({ env }) }), is);
});
