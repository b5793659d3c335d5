import { assert, assertEquals } from "@std/assert";
import type { QueueCounts } from "../queue/counts.ts";
import type { SyncFacts } from "./sync_facts.ts";
import type { OpenQueueFacts } from "./sync_queue_facts.ts";
import { queueFindings } from "./sync_queue_findings.ts";
import { COUNTS, FACTS, QUEUE } from "#support/sync_facts.ts";

const EMIT = "reeve event emit NoteRecorded --text hello";
const RECOVER = "sqlite3 '/r/projects/p/queue.db' .recover > " +
  "'/r/projects/p/queue.db.sql'";

function open(change: Partial<OpenQueueFacts>): Partial<SyncFacts> {
  return { queue: { ...QUEUE, ...change } };
}

function counting(
  change: Partial<QueueCounts>,
  fill: number = QUEUE.fill,
): Partial<SyncFacts> {
  return open({ fill, counts: { ...COUNTS, ...change } });
}

const byBytes = { liveRows: 1, liveBytes: 256 * 1024 ** 2 };
const byRows = { liveRows: 100_000, liveBytes: 9 };

Deno.test.each<
  {
    readonly name: string;
    readonly change: Partial<SyncFacts>;
    readonly is: readonly string[];
  }
>([
  { name: "all well", change: {}, is: [] },
  { name: "no project", change: { queue: { kind: "none" } }, is: [] },
  { name: "a busy queue", change: { queue: { kind: "busy" } }, is: [] },
  {
    name: "no queue yet",
    change: { queue: { kind: "missing" } },
    is: [`S-030 info ${EMIT}`],
  },
  {
    name: "a damaged queue",
    change: { queue: { kind: "damaged" } },
    is: [`S-031 error ${RECOVER}`],
  },
  {
    name: "a queue of a newer reeve",
    change: { queue: { kind: "newer", version: 9 } },
    is: ["S-032 error reeve --version"],
  },
  {
    name: "a queue of another project",
    change: { queue: { kind: "owner_mismatch", owner: "q" } },
    is: [
      "S-033 error mv '/r/projects/p' '/r/projects/p.other'",
    ],
  },
  {
    name: "a queue that may not be opened",
    change: { queue: { kind: "refused", reason: "permission denied" } },
    is: ["S-034 error ls -ld '/r/projects/p/queue.db'"],
  },
  {
    name: "a queue that is damaged inside",
    change: open({ integrity: { kind: "broken", text: "row 5 missing" } }),
    is: [`S-035 error ${RECOVER}`],
  },
  {
    name: "a check that could not run",
    change: open({ integrity: { kind: "unknown", reason: "busy" } }),
    is: [],
  },
  { name: "79.9 %", change: counting({}, 0.799), is: [] },
  {
    name: "80 % and something to send",
    change: counting({ ready: 1 }, 0.8),
    is: ["S-036 warn reeve sync now"],
  },
  {
    name: "90 % of the rows",
    change: counting(byRows, 0.9),
    is: ["S-036 warn reeve config set sync.max_rows 200000"],
  },
  {
    name: "95 % of the bytes",
    change: counting(byBytes, 0.95),
    is: ["S-036 warn reeve config set sync.max_bytes 512MiB"],
  },
  {
    name: "100 %",
    change: counting(byRows, 1),
    is: ["S-036 error reeve config set sync.max_rows 200000"],
  },
  {
    name: "100 % that may not leave",
    change: open({
      fill: 1,
      counts: { ...COUNTS, ...byRows, ready: 5 },
      consent: { ...QUEUE.consent, openEpoch: 0 },
    }),
    is: ["S-036 error reeve config set sync.max_rows 200000"],
  },
  {
    name: "an overflow file",
    change: counting({ overflowBytes: 1 }),
    is: ["S-037 warn reeve sync now"],
  },
  {
    name: "refused events",
    change: counting({ refused: 1, ready: 1 }),
    is: ["S-038 error reeve sync now"],
  },
  {
    name: "dropped telemetry",
    change: counting({ dropped: 2, ready: 1 }),
    is: ["S-039 warn reeve sync now"],
  },
  {
    name: "a quarantine",
    change: counting({ quarantined: 1 }),
    is: ["S-040 warn reeve sync diagnose"],
  },
  {
    name: "dead letters",
    change: counting({ dead: { refused: 2, "oversized_event": 1 } }),
    is: ["S-041 error reeve sync dead list"],
  },
])("queueFindings() with $name: $is", ({ change, is }) => {
  const found = queueFindings({ ...FACTS, ...change });
  assertEquals(
    found.map(({ id, severity, remediation }) =>
      `${id} ${severity} ${remediation.command}`
    ),
    [...is],
  );
  for (const { summary } of found) assert(summary.endsWith("."), summary);
});

Deno.test.each([
  [0.8, "soon what was delivered is thrown away early"],
  [0.9, "what was delivered is thrown away early"],
  [0.95, "telemetry is dropped"],
  [1.2, "events go to the overflow file or are refused"],
])("queueFindings() of a queue filled %s says: %s", (fill, text) => {
  const [found] = queueFindings({ ...FACTS, ...counting({}, fill) });
  assertEquals(
    found?.summary,
    `The queue is ${Math.floor(fill * 100)} % full: ${text}.`,
  );
});

Deno.test("queueFindings() counts dead letters by reason", () => {
  const dead = { refused: 1200, "oversized_event": 1 };
  const [found] = queueFindings({ ...FACTS, ...counting({ dead }) });
  assertEquals(
    found?.summary,
    "1,201 events are given up: 1200 refused, 1 oversized event.",
  );
});
