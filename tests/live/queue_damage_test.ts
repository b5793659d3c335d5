/** Files that are damaged, or that are not ours. */

import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { makeRoot, RealQueue } from "#support/real_queue.ts";
import { PROJECT_ID } from "#support/tasks.ts";
import { optIn } from "../../src/queue/consent.ts";
import { installIdPath } from "../../src/state/project_paths.ts";

const INSTALL_ID = "0123456789abcdef0123456789abcdef";
const OTHER_ID = "11111111-2222-4333-8444-555555555555";

/** Numbers that are the same in each run. */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * limit);
  };
}

/** The bytes of a queue with events in several states, closed in order. */
async function sampleQueue(): Promise<Uint8Array<ArrayBuffer>> {
  await using root = await makeRoot();
  await Deno.writeTextFile(
    installIdPath({ root: root.path }),
    `${INSTALL_ID}\n`,
  );
  const queue = new RealQueue(root.path, { durability: "relaxed" });
  const say = (n: number) =>
    queue.emitter.emit("TaskChanged", {
      aggregateId: `t${n % 7}`,
      payload: { n, text: "x".repeat(300) },
      dedupeKey: `k${n}`,
    });
  for (let n = 0; n < 20; n++) say(n);
  optIn(queue.store, "ada", 1);
  for (let n = 20; n < 80; n++) say(n);
  queue.emitter.emit("NoSuchType", { aggregateId: "t", payload: {} });
  const lease = queue.takeLease();
  const batch = queue.claim(lease, 20);
  assert(batch !== undefined);
  queue.settle(lease, batch, { kind: "delivered" });
  queue.claim(lease, 5);
  queue[Symbol.dispose]();
  assertEquals(queue.files.filter((name) => name.startsWith("queue.db")), [
    "queue.db",
  ]);
  return await Deno.readFile(queue.paths.queue);
}

type Damage = (
  bytes: Uint8Array<ArrayBuffer>,
  next: (limit: number) => number,
) => Uint8Array<ArrayBuffer>;

const DAMAGES: readonly { readonly name: string; readonly damage: Damage }[] = [
  {
    name: "cut off",
    damage: (bytes, next) => bytes.slice(0, 1 + next(bytes.length - 1)),
  },
  {
    name: "wrong in a few bits",
    damage: (bytes, next) => {
      for (let n = 0; n <= next(3); n++) {
        flip(bytes, next(bytes.length), 1 << next(8));
      }
      return bytes;
    },
  },
  {
    name: "wrong in many bytes",
    damage: (bytes, next) => {
      for (let n = 0; n < 200; n++) {
        flip(bytes, next(bytes.length), 1 + next(255));
      }
      return bytes;
    },
  },
  {
    name: "overwritten in a page",
    damage: (bytes, next) => {
      const from = next(bytes.length / 4096) * 4096;
      return bytes.fill(next(256), from, from + 4096);
    },
  },
];

function flip(bytes: Uint8Array, at: number, bits: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ bits;
}

function asideIn({ files }: RealQueue): readonly string[] {
  return files.filter((name) => /^queue\.corrupt-.*\.db$/.test(name));
}

/** A queue whose file has these bytes. */
async function queueOf(root: string, bytes: Uint8Array): Promise<RealQueue> {
  const queue = new RealQueue(root, { durability: "relaxed" });
  await Deno.mkdir(queue.paths.directory, { recursive: true });
  await Deno.writeFile(queue.paths.queue, bytes);
  // As if it had been made here.
  await Deno.writeTextFile(installIdPath({ root }), `${INSTALL_ID}\n`);
  return queue;
}

const event = { aggregateId: "t", payload: {} };

/** Large contents are compared without showing them. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, at) => byte === other[at]);
}

/** Emits, and tells whether the file had to be put aside. */
async function survive(bytes: Uint8Array): Promise<"aside" | "in_place"> {
  await using root = await makeRoot();
  using queue = await queueOf(root.path, bytes);
  const kept = [1, 2, 3].map(() => {
    const outcome = queue.emitter.emit("TaskChanged", event);
    assert(outcome.kind === "captured", JSON.stringify(outcome));
    return outcome.eventId;
  });
  const stored = queue.store.db.all<{ id: string; epoch: number }>(
    `SELECT event_id AS id, clock_epoch AS epoch FROM events
      ORDER BY seq DESC LIMIT 3`,
  );
  assertEquals(stored.map(({ id }) => id).toReversed(), kept);
  const [aside, ...more] = asideIn(queue);
  assertEquals(more, []);
  if (aside === undefined) return "in_place";
  const whole = await Deno.readFile(`${queue.paths.directory}/${aside}`);
  assert(isSame(whole, bytes), "the damaged file is not what it was");
  assert((stored[0]?.epoch ?? 0) > 1);
  return "aside";
}

for (const [n, { name, damage }] of DAMAGES.entries()) {
  Deno.test(`a queue that is ${name} never stops capturing and is kept byte for byte`, async () => {
    const sample = await sampleQueue();
    const next = numbersFrom(n + 1);
    let aside = 0;
    for (let variant = 0; variant < 50; variant++) {
      const bytes = damage(sample.slice(), next);
      if (await survive(bytes) === "aside") aside++;
    }
    assert(aside > 0);
  });
}

Deno.test("an empty file and a file of text are no obstacle", async () => {
  assertEquals(await survive(new Uint8Array()), "in_place");
  const text = new TextEncoder().encode("some notes\n".repeat(500));
  assertEquals(await survive(text), "aside");
});

Deno.test("a queue that is damaged again and again gets a higher epoch each time", async () => {
  await using root = await makeRoot();
  const epochs: number[] = [];
  for (let round = 0; round < 5; round++) {
    using queue = await queueOf(
      root.path,
      new TextEncoder().encode(`no ${round}`),
    );
    assertEquals(queue.emitter.emit("TaskChanged", event).kind, "captured");
    const meta = queue.store.db.get<{ n: number }>(
      "SELECT clock_epoch AS n FROM meta",
    );
    epochs.push(meta?.n ?? 0);
    assertEquals(asideIn(queue).length, round + 1);
  }
  assertEquals(epochs.toSorted((a, b) => a - b), epochs);
  assertEquals(new Set(epochs).size, 5);
});

/** A file of another program that uses SQLite too. */
async function foreignBytes(version: number): Promise<Uint8Array> {
  await using root = await makeRoot();
  const db = new DatabaseSync(`${root.path}/other.db`);
  db.exec(`CREATE TABLE meta (key TEXT, value TEXT); CREATE TABLE events (n);
    INSERT INTO events VALUES (1), (2); PRAGMA user_version = ${version};`);
  db.close();
  return await Deno.readFile(`${root.path}/other.db`);
}

Deno.test.each([{ version: 0 }, { version: 1 }])(
  "a database of another program with version $version is put aside as it is",
  async ({ version }) => {
    assertEquals(await survive(await foreignBytes(version)), "aside");
  },
);

Deno.test("a queue of another project is refused and stays as it is", async () => {
  await using root = await makeRoot();
  const bytes = await sampleQueue();
  using queue = new RealQueue(root.path, { projectId: OTHER_ID });
  await Deno.mkdir(queue.paths.directory, { recursive: true });
  await Deno.writeFile(queue.paths.queue, bytes);
  const outcome = queue.emitter.emit("TaskChanged", event);
  assertEquals(outcome, {
    kind: "failed",
    reason: "owner_mismatch",
    detail: `the queue belongs to project ${PROJECT_ID}`,
  });
  assert(isSame(await Deno.readFile(queue.paths.queue), bytes));
  assertEquals(queue.files, ["queue.db"]);
  assertEquals(queue.warnings.length, 1);
});

Deno.test("a queue of a newer version stays as it is while events wait beside it", async () => {
  await using root = await makeRoot();
  const before = await sampleQueue();
  // The version stands in four bytes of the header, and nothing checks them.
  before.set([0, 0, 0, 99], 60);
  using queue = await queueOf(root.path, before);
  const kept = [1, 2, 3].map(() => {
    const outcome = queue.emitter.emit("TaskChanged", event);
    assert(outcome.kind === "spilled" && outcome.reason === "newer_schema");
    return outcome.eventId;
  });
  assert(isSame(await Deno.readFile(queue.paths.queue), before));
  assertEquals(queue.spilled, kept);
  before.set([0, 0, 0, 1], 60);
  await Deno.writeFile(queue.paths.queue, before);
  assertEquals(queue.importOverflow(), {
    imported: 3,
    duplicates: 0,
    damaged: 0,
  });
});
