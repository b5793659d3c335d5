import { assertEquals } from "@std/assert";
import {
  decideStartGate,
  isTruthy,
  type StartGateFacts,
} from "./start_gate.ts";

const open: StartGateFacts = {
  intent: "remote_required",
  isExplicit: false,
  syncDisable: undefined,
  syncMinimalImport: undefined,
  enableSaasSync: "1",
  policy: "auto",
};

const rows: {
  name: string;
  change: Partial<StartGateFacts>;
  result: string;
}[] = [
  { name: "everything allows it", change: {}, result: "open" },
  {
    name: "sync is disabled",
    change: { syncDisable: "yes" },
    result: "REEVE_SYNC_DISABLE is set",
  },
  {
    name: "imports are minimal",
    change: { syncMinimalImport: " ON " },
    result: "REEVE_SYNC_MINIMAL_IMPORT is set",
  },
  {
    name: "both are set",
    change: { syncDisable: "1", syncMinimalImport: "1" },
    result: "REEVE_SYNC_DISABLE is set",
  },
  {
    name: "a person asked although disabled",
    change: { syncDisable: "1", isExplicit: true },
    result: "open",
  },
  {
    name: "a falsy word disables nothing",
    change: { syncDisable: "0" },
    result: "open",
  },
  {
    name: "no rollout",
    change: { enableSaasSync: undefined },
    result: "rollout_disabled",
  },
  {
    name: "no rollout although explicit",
    change: { enableSaasSync: "no", isExplicit: true },
    result: "rollout_disabled",
  },
  {
    name: "no rollout before intent",
    change: { enableSaasSync: undefined, intent: "local_only" },
    result: "rollout_disabled",
  },
  {
    name: "only local work",
    change: { intent: "local_only" },
    result: "intent_local_only",
  },
  {
    name: "local before policy",
    change: { intent: "local_only", policy: "manual" },
    result: "intent_local_only",
  },
  {
    name: "manual policy",
    change: { policy: "manual" },
    result: "policy_manual",
  },
  { name: "policy off", change: { policy: "off" }, result: "policy_off" },
];

Deno.test.each(rows)("decideStartGate() when $name: $result", (row) => {
  const gate = decideStartGate({ ...open, ...row.change });
  assertEquals(
    gate,
    row.result === "open"
      ? { kind: "open" }
      : { kind: "closed", reason: row.result },
  );
});

Deno.test.each([
  { text: "1", is: true },
  { text: " Yes\n", is: true },
  { text: "y", is: true },
  { text: "TRUE", is: true },
  { text: "on", is: true },
  { text: "", is: false },
  { text: "0", is: false },
  { text: "off", is: false },
  { text: "one", is: false },
  { text: "1 or 0", is: false },
  { text: "not 1", is: false },
  { text: undefined, is: false },
])("isTruthy() of $text is $is", ({ text, is }) => {
  assertEquals(isTruthy(text), is);
});
