import { assert, assertEquals } from "@std/assert";
import type { SyncFacts } from "./sync_facts.ts";
import { judgeSync } from "./sync_findings.ts";
import type { OpenQueueFacts } from "./sync_queue_facts.ts";
import { COUNTS, FACTS, NOW, QUEUE, SERVER } from "#support/sync_facts.ts";

const DAY = 86_400_000;

function open(change: Partial<OpenQueueFacts>): Partial<SyncFacts> {
  return { queue: { ...QUEUE, ...change } };
}

function statesOf(facts: SyncFacts): Record<string, string> {
  const { checks } = judgeSync(facts);
  return Object.fromEntries(checks.map(({ name, state }) => [name, state]));
}

Deno.test("judgeSync() of a place in which all is well is healthy", () => {
  const { isHealthy, findings } = judgeSync(FACTS);
  assertEquals([isHealthy, findings], [true, []]);
  assertEquals(statesOf(FACTS), {
    project: "ok",
    settings: "ok",
    files: "ok",
    disk: "ok",
    "sign_in": "ok",
    queue: "ok",
    integrity: "ok",
    delivery: "ok",
    daemon: "ok",
    server: "skipped",
    session: "skipped",
    clock: "skipped",
  });
});

Deno.test.each<
  { readonly name: string; readonly change: Partial<SyncFacts> }
>([
  {
    name: "an event is older than a day",
    change: open({
      oldestWaitingAt: NOW - DAY - 1,
      counts: { ...COUNTS, ready: 1 },
    }),
  },
  {
    name: "there are dead letters",
    change: open({ counts: { ...COUNTS, dead: { refused: 1 } } }),
  },
  {
    name: "events were refused",
    change: open({ counts: { ...COUNTS, refused: 1 } }),
  },
  {
    name: "the last pass failed",
    change: open({ lastPass: { at: NOW, reason: "forbidden", detail: "" } }),
  },
])("judgeSync() is not healthy while $name", ({ change }) => {
  const facts = { ...FACTS, ...change };
  assert(!judgeSync(facts).isHealthy);
  assert(Object.values(statesOf(facts)).includes("error"));
});

Deno.test.each<
  {
    readonly name: string;
    readonly change: Partial<SyncFacts>;
    readonly check: string;
    readonly state: string;
    readonly isHealthy: boolean;
  }
>([
  {
    name: "a busy queue",
    change: { queue: { kind: "busy" } },
    check: "delivery",
    state: "unknown",
    isHealthy: false,
  },
  {
    name: "a busy queue",
    change: { queue: { kind: "busy" } },
    check: "queue",
    state: "unknown",
    isHealthy: false,
  },
  {
    name: "a queue of a newer reeve",
    change: { queue: { kind: "newer", version: 9 } },
    check: "integrity",
    state: "unknown",
    isHealthy: false,
  },
  {
    name: "a check that could not run",
    change: open({ integrity: { kind: "unknown", reason: "busy" } }),
    check: "integrity",
    state: "unknown",
    isHealthy: false,
  },
  {
    name: "a sign-in that cannot be known",
    change: { signIn: { unknown: "disk" } },
    check: "sign_in",
    state: "unknown",
    isHealthy: false,
  },
  {
    name: "a disk that cannot be known",
    change: { disk: { ...FACTS.disk, freeBytes: undefined } },
    check: "disk",
    state: "unknown",
    isHealthy: true,
  },
  {
    name: "modes that cannot be known",
    change: { disk: { ...FACTS.disk, modeProblem: "no right" } },
    check: "files",
    state: "unknown",
    isHealthy: true,
  },
  {
    name: "a system without modes",
    change: { os: "windows" },
    check: "files",
    state: "skipped",
    isHealthy: true,
  },
  {
    name: "a daemon that cannot be known",
    change: { daemon: { unknown: "no right" } },
    check: "daemon",
    state: "unknown",
    isHealthy: true,
  },
  {
    name: "no project",
    change: { project: undefined, queue: { kind: "none" } },
    check: "delivery",
    state: "skipped",
    isHealthy: true,
  },
  {
    name: "no queue yet",
    change: { queue: { kind: "missing" } },
    check: "queue",
    state: "info",
    isHealthy: true,
  },
  {
    name: "a mode in which nothing leaves",
    change: { settings: { ...FACTS.settings, mode: "local" } },
    check: "sign_in",
    state: "skipped",
    isHealthy: true,
  },
  {
    name: "a server without a clock",
    change: {
      server: {
        url: SERVER,
        health: { kind: "silent", reason: "timeout" },
        clockAheadMs: undefined,
        session: { kind: "unknown", reason: "timeout" },
      },
    },
    check: "clock",
    state: "unknown",
    isHealthy: false,
  },
  {
    name: "a warning",
    change: { isDisabled: true },
    check: "settings",
    state: "warn",
    isHealthy: true,
  },
])("judgeSync() with $name calls $check $state", (row) => {
  const facts = { ...FACTS, ...row.change };
  assertEquals(
    [statesOf(facts)[row.check], judgeSync(facts).isHealthy],
    [row.state, row.isHealthy],
  );
});

Deno.test("judgeSync() does not let a warning hide what is unknown", () => {
  const disk = { ...FACTS.disk, freeBytes: undefined, isRemote: true };
  const { checks, findings } = judgeSync({ ...FACTS, disk });
  assertEquals(findings.map(({ id }) => id), ["S-012"]);
  assertEquals(checks.find(({ name }) => name === "disk")?.state, "unknown");
});

Deno.test("judgeSync() lists findings in the order of their ids", () => {
  const ids = judgeSync({
    ...FACTS,
    isDisabled: true,
    unassignedBytes: 1,
    warnings: ["w"],
    daemon: { kind: "none" },
    ...open({ counts: { ...COUNTS, dropped: 1, quarantined: 1 } }),
  }).findings.map(({ id }) => id);
  assertEquals(ids, ["S-006", "S-007", "S-016", "S-039", "S-040", "S-061"]);
});
