import { assert, assertEquals } from "@std/assert";
import {
  after,
  BROKEN,
  FAILED,
  held,
  HOUR,
  open,
  PAUSED,
  since,
  toward,
  WAITING,
} from "#support/delivery_changes.ts";
import {
  COUNTS,
  FACTS,
  NOW,
  SESSION,
  SETTINGS,
  TARGET,
} from "#support/sync_facts.ts";
import { STOP_REASONS } from "../sync/stop_text.ts";
import { deliveryFindings, hasFailed } from "./sync_delivery_findings.ts";
import type { SyncFacts } from "./sync_facts.ts";

Deno.test.each<
  {
    readonly name: string;
    readonly change: Partial<SyncFacts>;
    readonly is: readonly string[];
  }
>([
  { name: "all well", change: {}, is: [] },
  { name: "no queue", change: { queue: { kind: "missing" } }, is: [] },
  { name: "events of an hour", change: since(HOUR), is: [] },
  {
    name: "events of more than an hour",
    change: since(HOUR + 1),
    is: ["S-050 warn reeve sync now"],
  },
  {
    name: "events of more than an hour that are not worth a word",
    change: {
      ...since(2 * HOUR),
      settings: { ...SETTINGS, stallWarningMs: 0 },
    },
    is: [],
  },
  {
    name: "events of a day",
    change: since(24 * HOUR),
    is: ["S-050 warn reeve sync now"],
  },
  {
    name: "events of more than a day",
    change: since(24 * HOUR + 1),
    is: ["S-050 error reeve sync now"],
  },
  {
    name: "events of more than a day whatever the settings say",
    change: {
      ...since(24 * HOUR + 1),
      settings: { ...SETTINGS, stallWarningMs: 0 },
    },
    is: ["S-050 error reeve sync now"],
  },
  {
    name: "a paused target and events",
    change: toward(PAUSED),
    is: ["S-051 error reeve auth whoami"],
  },
  {
    name: "a paused target and no events",
    change: toward(PAUSED, COUNTS),
    is: ["S-051 warn reeve auth whoami"],
  },
  {
    name: "a target that speaks another protocol",
    change: toward({ ...PAUSED, "paused_reason": "protocol" }),
    is: ["S-051 error reeve server check https://sync.example"],
  },
  {
    name: "an open circuit",
    change: toward(BROKEN),
    is: ["S-052 error reeve sync now"],
  },
  {
    name: "an open circuit and the pass that opened it",
    change: open({
      counts: WAITING,
      target: { ...TARGET, ...BROKEN },
      lastPass: { ...FAILED, reason: "gateway" },
    }),
    is: ["S-052 error reeve sync now"],
  },
  {
    name: "a pass that failed",
    change: after({ ...FAILED, reason: "bisect_budget" }),
    is: ["S-053 error reeve sync now"],
  },
  {
    name: "a pass without a sign-in",
    change: {
      ...after({ ...FAILED, reason: "auth_required" }),
      signIn: {
        session: { ...SESSION, state: "expired" },
        isEnvDamaged: false,
        externalVariable: null,
        hasExternalToken: false,
      },
    },
    is: ["S-053 error reeve auth login"],
  },
  {
    name: "a pass before the sign-in",
    change: after({ ...FAILED, reason: "auth_required" }),
    is: ["S-053 error reeve sync now"],
  },
  {
    name: "a pass that was interrupted",
    change: after({ ...FAILED, reason: "interrupted" }),
    is: [],
  },
  { name: "no pass yet", change: after(undefined), is: [] },
  {
    name: "parked events",
    change: open({
      counts: { ...COUNTS, parked: { forbidden: 1 } },
      oldestParkedAt: NOW - 24 * HOUR,
    }),
    is: ["S-054 warn reeve sync now"],
  },
  {
    name: "events parked for more than a day",
    change: open({
      counts: { ...COUNTS, parked: { forbidden: 1 } },
      oldestParkedAt: NOW - 24 * HOUR - 1,
    }),
    is: ["S-054 error reeve sync now"],
  },
  {
    name: "somebody who delivers",
    change: held({}),
    is: ["S-055 info reeve sync status"],
  },
  {
    name: "somebody who cannot be seen",
    change: held({ isAlive: undefined }),
    is: ["S-055 info reeve sync status"],
  },
  {
    name: "somebody who ended",
    change: held({ isAlive: false }),
    is: ["S-055 warn reeve sync now"],
  },
  {
    name: "somebody who fell silent",
    change: held({ isFresh: false }),
    is: ["S-055 warn reeve sync now"],
  },
  {
    name: "somebody who ended and left nothing",
    change: open({
      holder: { pid: 7, role: "command", isFresh: true, isAlive: false },
    }),
    is: [],
  },
  {
    name: "an unhealthy daemon",
    change: { daemon: { kind: "unhealthy", reason: "it is silent" } },
    is: ["S-060 warn reeve daemon restart"],
  },
  {
    name: "no daemon",
    change: { daemon: { kind: "none" } },
    is: ["S-061 info reeve daemon start"],
  },
  {
    name: "no daemon that is wanted",
    change: { daemon: { kind: "none" }, daemonPolicy: "off" },
    is: ["S-061 info reeve daemon start"],
  },
  {
    name: "no daemon that is needed",
    change: { daemon: { kind: "none" }, queue: { kind: "missing" } },
    is: [],
  },
  {
    name: "a daemon that cannot be known",
    change: { daemon: { unknown: "no right" } },
    is: [],
  },
])("deliveryFindings() with $name: $is", ({ change, is }) => {
  const found = deliveryFindings({ ...FACTS, ...change });
  assertEquals(
    found.map(({ id, severity, remediation }) =>
      `${id} ${severity} ${remediation.command}`
    ),
    [...is],
  );
  for (const { summary } of found) assert(summary.endsWith("."), summary);
});

Deno.test("hasFailed() knows every end of a pass", () => {
  const good = STOP_REASONS.filter((reason) =>
    !hasFailed({ at: NOW, reason, detail: "" })
  );
  assertEquals(good.toSorted(), [
    "busy",
    "deadline",
    "done",
    "interrupted",
    "lease_lost",
    "limit",
    "no_consent",
  ]);
});
