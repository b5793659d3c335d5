import { assertEquals } from "@std/assert";
import { type FakeQueue, fakeQueue, TARGET } from "#support/fake_queue.ts";
import { optIn } from "./consent.ts";
import { bindTarget } from "./target.ts";
import {
  compareWithServer,
  type Lookup,
  type Watermark,
} from "./verify_server.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Two events are delivered, two are not. */
async function withHalf() {
  const queue = await fakeQueue();
  const { store, host } = queue;
  optIn(store, "ada", host.clock.now());
  bindTarget(store, TARGET, host.clock.now());
  for (let at = 1; at <= 4; at++) queue.change(`t${at}`);
  const lease = queue.takeLease();
  const batch = queue.claim(lease, { maxEvents: 2 });
  if (batch !== undefined) queue.settle(lease, batch, { kind: "delivered" });
  return queue;
}

/** A server that has the events at some places, with other hashes if told. */
function serverWith(
  queue: FakeQueue,
  places: readonly number[],
  changed: readonly number[] = [],
): Lookup {
  const rows = queue.rows<{ seq: number; id: string; sha256: string }>(
    "SELECT seq, event_id AS id, sha256 FROM events",
  );
  const stored = new Map(
    rows.filter(({ seq }) => places.includes(seq)).map(({ seq, id, sha256 }) =>
      [id, changed.includes(seq) ? "other" : sha256] as const
    ),
  );
  return (ids) =>
    Promise.resolve(
      new Map(ids.flatMap((id) => {
        const hash = stored.get(id);
        return hash === undefined ? [] : [[id, hash] as const];
      })),
    );
}

interface Case {
  readonly name: string;
  readonly has: readonly number[];
  readonly changed?: readonly number[];
  readonly mark?: Watermark;
  readonly ageDays?: number;
  readonly broken: readonly string[];
  readonly duplicates?: number;
}

const MARK: Watermark = { maxLamport: 2, eventCount: 2 };

Deno.test.each<Case>([
  { name: "nothing wrong", has: [1, 2], broken: [] },
  { name: "a delivered event missing", has: [1], broken: ["V-101"] },
  {
    name: "a delivered one changed",
    has: [1, 2],
    changed: [2],
    broken: ["V-101"],
  },
  {
    name: "a delivered one forgotten after 90 days",
    has: [1],
    ageDays: 91,
    broken: [],
  },
  { name: "an open one there", has: [1, 2, 3], broken: [], duplicates: 1 },
  {
    name: "an open one there with other content",
    has: [1, 2, 3],
    changed: [3],
    broken: ["V-102"],
  },
  {
    name: "a clock behind what it has taken",
    has: [1, 2],
    mark: { maxLamport: 1, eventCount: 2 },
    broken: ["V-103"],
  },
  {
    name: "fewer events than it has",
    has: [1, 2],
    mark: { maxLamport: 2, eventCount: 1 },
    broken: ["V-103"],
  },
  {
    name: "a clock ahead of ours",
    has: [1, 2],
    mark: { maxLamport: 9, eventCount: 2 },
    broken: ["V-103"],
  },
])("compareWithServer() finds $name", async (row) => {
  const queue = await withHalf();
  const nowMs = queue.host.clock.now() + (row.ageDays ?? 0) * DAY_MS;
  const { checks, willBeDuplicates } = await compareWithServer(
    serverWith(queue, row.has, row.changed),
    queue.store,
    { watermark: row.mark ?? MARK, nowMs },
  );
  const broken = checks.filter(({ verdict }) => verdict !== "ok");
  assertEquals(broken.map(({ id }) => id), row.broken);
  assertEquals(willBeDuplicates.length, row.duplicates ?? 0);
});

Deno.test("compareWithServer() leaves what went to a former server", async () => {
  const queue = await withHalf();
  const nowMs = queue.host.clock.now() + 1000;
  bindTarget(queue.store, { ...TARGET, url: "https://new.example" }, nowMs);
  const report = await compareWithServer(serverWith(queue, []), queue.store, {
    watermark: undefined,
    nowMs,
  });
  const [first] = report.checks;
  assertEquals(report.checks.map(({ verdict }) => verdict), ["ok", "ok", "ok"]);
  assertEquals(first?.details, "0 are there; 2 went to a server before");
});

Deno.test("compareWithServer() asks about a thousand at once", async () => {
  const queue = await fakeQueue();
  for (let at = 1; at <= 1001; at++) queue.change(`t${at}`);
  const asked: number[] = [];
  const done: number[] = [];
  await compareWithServer(
    (ids) => {
      asked.push(ids.length);
      return Promise.resolve(new Map());
    },
    queue.store,
    {
      watermark: undefined,
      nowMs: 0,
      onProgress: (count) => void done.push(count),
    },
  );
  assertEquals([asked, done], [[1000, 1], [1000, 1]]);
});
