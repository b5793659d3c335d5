import { assert, assertEquals } from "@std/assert";
import type { QueueCounts } from "../queue/counts.ts";
import { STOP_REASONS } from "../sync/stop_text.ts";
import { deliveryFindings, hasFailed } from "./sync_delivery_findings.ts";
import type { SyncFacts } from "./sync_facts.ts";
import type { HolderFacts, OpenQueueFacts } from "./sync_queue_facts.ts";
import {
  COUNTS,
  FACTS,
  NOW,
  QUEUE,
  SESSION,
  SETTINGS,
  TARGET,
} from "#support/sync_facts.ts";

const HOUR = 3_600_000;
const waiting = { ...COUNTS, ready: 2 };

function open(change: Partial<OpenQueueFacts>): Partial<SyncFacts> {
  return { queue: { ...QUEUE, ...change } };
}

function since(
  ageMs: number,
  counts: Partial<QueueCounts> = { ready: 2 },
): Partial<SyncFacts> {
  return open({
    oldestWaitingAt: NOW - ageMs,
    counts: { ...COUNTS, ...counts },
  });
}

function toward(
  change: Readonly<Record<string, string | number | null>>,
  counts: QueueCounts = waiting,
): Partial<SyncFacts> {
  return open({ counts, target: { ...TARGET, ...change } });
}

function after(reason: OpenQueueFacts["lastPass"]): Partial<SyncFacts> {
  return open({ lastPass: reason });
}

function held(holder: Partial<HolderFacts>): Partial<SyncFacts> {
  return open({
    counts: { ...COUNTS, inflight: 1 },
    holder: {
      pid: 7,
      role: "daemon",
      isFresh: true,
      isAlive: true,
      ...holder,
    },
  });
}

const paused = {
  "paused_reason": "not_admitted",
  "paused_detail": "",
  "paused_at": NOW - HOUR,
};
const broken = {
  circuit: "open",
  failures: 3,
  "last_error_code": "gateway",
  "last_error": "HTTP 503",
  "next_attempt_at": NOW + 90_000,
  "last_success_at": NOW - 2 * HOUR,
};
const failed = { at: NOW - HOUR, detail: "" };

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
    change: toward(paused),
    is: ["S-051 error reeve auth whoami"],
  },
  {
    name: "a paused target and no events",
    change: toward(paused, COUNTS),
    is: ["S-051 warn reeve auth whoami"],
  },
  {
    name: "a target that speaks another protocol",
    change: toward({ ...paused, "paused_reason": "protocol" }),
    is: ["S-051 error reeve server check https://sync.example"],
  },
  {
    name: "an open circuit",
    change: toward(broken),
    is: ["S-052 error reeve sync now"],
  },
  {
    name: "an open circuit and the pass that opened it",
    change: open({
      counts: waiting,
      target: { ...TARGET, ...broken },
      lastPass: { ...failed, reason: "gateway" },
    }),
    is: ["S-052 error reeve sync now"],
  },
  {
    name: "a pass that failed",
    change: after({ ...failed, reason: "bisect_budget" }),
    is: ["S-053 error reeve sync now"],
  },
  {
    name: "a pass without a sign-in",
    change: {
      ...after({ ...failed, reason: "auth_required" }),
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
    change: after({ ...failed, reason: "auth_required" }),
    is: ["S-053 error reeve sync now"],
  },
  {
    name: "a pass that was interrupted",
    change: after({ ...failed, reason: "interrupted" }),
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

Deno.test.each<
  { readonly change: Partial<SyncFacts>; readonly says: string }
>([
  {
    change: since(35 * 24 * HOUR, { ready: 320, pendingRemote: 1 }),
    says: "321 events wait, the oldest for 35 d.",
  },
  {
    change: since(25 * HOUR, { retry: 1 }),
    says: "1 event waits, the oldest for 1 d.",
  },
  {
    change: toward(paused),
    says: "Delivery has been paused for 1 h: the server has not admitted the " +
      "project.",
  },
  {
    change: toward(broken),
    says: "Delivery has failed 3 times since the last good pass 2 h ago: the " +
      "server is unavailable; your events are safe (HTTP 503); it is tried " +
      "again in 1 min.",
  },
  {
    change: toward({ ...broken, failures: 1, "last_success_at": null }),
    says: "Delivery has failed once: the server is unavailable; your events " +
      "are safe (HTTP 503); it is tried again in 1 min.",
  },
])("deliveryFindings() says: $says", ({ change, says }) => {
  assertEquals(deliveryFindings({ ...FACTS, ...change })[0]?.summary, says);
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

Deno.test("deliveryFindings() never sends anybody back to the doctor", () => {
  for (const reason of STOP_REASONS) {
    const changes = [
      after({ ...failed, reason }),
      toward({ ...paused, "paused_reason": reason }),
      toward({ ...broken, "last_error_code": reason }),
    ];
    for (const change of changes) {
      for (const { remediation } of deliveryFindings({ ...FACTS, ...change })) {
        assert(!remediation.command?.startsWith("reeve sync doctor"), reason);
      }
    }
  }
});
