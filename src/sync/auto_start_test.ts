import { assertEquals } from "@std/assert";
import { type AutoStartFacts, decideAutoStart } from "./auto_start.ts";

/** What is denied by every row of the table. */
const DENIED: AutoStartFacts = {
  isDisabled: true,
  intent: "local_only",
  hasProject: false,
  configFault: "/x/.reeve line 2: broken",
  autoStart: false,
  hasConsent: false,
};

// Each row takes one more obstacle away; all later ones are still there.
Deno.test.each([
  { change: {}, reason: "env_disabled" },
  { change: { isDisabled: false }, reason: "intent_local_only" },
  { change: { intent: "remote" as const }, reason: "no_project" },
  { change: { hasProject: true }, reason: "config_fault" },
  { change: { configFault: undefined }, reason: "config_off" },
  { change: { autoStart: undefined }, reason: "no_consent" },
].map(({ reason }, at, rows) => ({
  reason,
  facts: rows.slice(0, at + 1).reduce(
    (facts, { change }) => ({ ...facts, ...change }),
    DENIED,
  ),
})))("decideAutoStart() denies for $reason first", ({ facts, reason }) => {
  const { isAllowed, reason: given, detail } = decideAutoStart(facts);
  assertEquals<unknown>([isAllowed, given], [false, reason]);
  if (reason === "config_fault") assertEquals(detail, DENIED.configFault);
});

const ALLOWED: AutoStartFacts = {
  isDisabled: false,
  intent: "remote",
  hasProject: true,
  configFault: undefined,
  autoStart: undefined,
  hasConsent: true,
};

Deno.test.each([
  { name: "with consent", change: {}, reason: "default_on" },
  {
    name: "that says so",
    change: { autoStart: true },
    reason: "config_on",
  },
  {
    name: "that says so without consent",
    change: { autoStart: true, hasConsent: false },
    reason: "config_on",
  },
])("decideAutoStart() allows a project $name", ({ change, reason }) => {
  const { isAllowed, reason: given } = decideAutoStart({
    ...ALLOWED,
    ...change,
  });
  assertEquals<unknown>([isAllowed, given], [true, reason]);
});

Deno.test.each([
  { change: { isDisabled: true }, reason: "env_disabled" },
  { change: { intent: "local_only" as const }, reason: "intent_local_only" },
  { change: { hasProject: false }, reason: "no_project" },
  { change: { configFault: "broken" }, reason: "config_fault" },
])("decideAutoStart() denies for $reason whatever is set", (row) => {
  const facts = { ...ALLOWED, autoStart: true, ...row.change };
  const { isAllowed, reason } = decideAutoStart(facts);
  assertEquals<unknown>([isAllowed, reason], [false, row.reason]);
});
