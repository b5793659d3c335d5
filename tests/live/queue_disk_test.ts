/** Disks that are full or that nobody may write. */

import { assert, assertEquals } from "@std/assert";
import { makeRoot, RealQueue } from "#support/real_queue.ts";
import { canMount, mountSmallDisk } from "#support/small_disk.ts";
import type { EmitOutcome } from "../../src/queue/event.ts";

const isRoot = Deno.uid() === 0;

const hasMounts = await canMount();

const LIMITS = { minFreeBytes: 0 };
const event = (n: number, size = 400) => ({
  aggregateId: `t${n}`,
  payload: { n, text: "x".repeat(size) },
});

function describe(outcome: EmitOutcome): string {
  return "reason" in outcome
    ? `${outcome.kind} ${outcome.reason}`
    : outcome.kind;
}

function ids(queue: RealQueue): readonly string[] {
  return queue.store.db.all<{ id: string }>("SELECT event_id AS id FROM events")
    .map(({ id }) => id);
}

Deno.test({
  name:
    "a full disk refuses events, loses none that was taken, and works again afterwards",
  ignore: !hasMounts,
  async fn() {
    await using disk = await mountSmallDisk(2048);
    const kept: string[] = [];
    const seen = new Set<string>();
    {
      using queue = new RealQueue(disk.path, { limits: LIMITS });
      for (let n = 0; n < 6000; n++) {
        const outcome = queue.emitter.emit("TaskChanged", event(n));
        seen.add(describe(outcome));
        if (outcome.kind === "captured") kept.push(outcome.eventId);
      }
      assertEquals([...seen], ["captured", "refused disk_full"]);
      assert(kept.length > 100);
      assertEquals(queue.warnings.length, 1);
    }
    {
      // The next process finds everything although there is no room at all.
      using queue = new RealQueue(disk.path, { limits: LIMITS });
      assertEquals(ids(queue), kept);
      const row = queue.store.db.get("PRAGMA integrity_check");
      assertEquals(row, { "integrity_check": "ok" });
    }
    assert(await disk.remount("size=8192k"));
    using queue = new RealQueue(disk.path, { limits: LIMITS });
    const outcome = queue.emitter.emit("TaskChanged", event(7));
    assert(outcome.kind === "captured");
    assertEquals(ids(queue), [...kept, outcome.eventId]);
  },
});

Deno.test({
  name: "a batch on a nearly full disk is taken completely or not at all",
  ignore: !hasMounts,
  async fn() {
    await using disk = await mountSmallDisk(2048);
    using queue = new RealQueue(disk.path, { limits: LIMITS });
    let kept = 0;
    const kinds = new Set<string>();
    for (let n = 0; n < 300; n++) {
      const batch = Array.from({ length: 20 }, (_, k) => ({
        type: "TaskChanged",
        ...event(n * 20 + k),
      }));
      const outcomes = new Set(
        queue.emitter.emitBatch(batch).map(({ kind }) => kind),
      );
      assertEquals(outcomes.size, 1);
      for (const kind of outcomes) kinds.add(kind);
      if (outcomes.has("captured")) kept += 20;
      assertEquals(ids(queue).length, kept);
    }
    assertEquals([...kinds], ["captured", "refused"]);
  },
});

Deno.test({
  name: "a full disk also refuses what has to wait beside the queue",
  ignore: !hasMounts,
  async fn() {
    await using disk = await mountSmallDisk(512);
    const limits = { ...LIMITS, maxRows: 2 };
    using queue = new RealQueue(disk.path, { limits });
    const kept: string[] = [];
    const seen = new Set<string>();
    for (let n = 0; n < 300; n++) {
      const batch = Array.from({ length: n < 2 ? 1 : 9 }, () => ({
        type: "TaskChanged",
        ...event(n, 150),
      }));
      for (const outcome of queue.emitter.emitBatch(batch)) {
        seen.add(describe(outcome));
        if (outcome.kind === "spilled") kept.push(outcome.eventId);
      }
    }
    assertEquals([...seen], ["captured", "spilled full", "refused disk_full"]);
    assertEquals(queue.spilled, kept, "what was refused must not come back");
    assert(await disk.remount("size=8192k"));
    const outcome = queue.emitter.emit("TaskChanged", event(7));
    assert(outcome.kind === "spilled");
    assertEquals(queue.spilled, [...kept, outcome.eventId]);
  },
});

Deno.test({
  name: "a disk that became read-only fails events and keeps what is there",
  ignore: !hasMounts,
  async fn() {
    await using disk = await mountSmallDisk(4096);
    {
      using queue = new RealQueue(disk.path, { limits: LIMITS });
      assertEquals(
        queue.emitter.emit("TaskChanged", event(1)).kind,
        "captured",
      );
    }
    assert(await disk.remount("ro"));
    using queue = new RealQueue(disk.path, { limits: LIMITS });
    for (let n = 0; n < 3; n++) {
      const outcome = queue.emitter.emit("TaskChanged", event(n));
      assert(outcome.kind === "failed", JSON.stringify(outcome));
      assertEquals(outcome.reason, "read_only");
    }
    assertEquals(queue.warnings.length, 1);
    assert(await disk.remount("rw"));
    assertEquals(queue.emitter.emit("TaskChanged", event(1)).kind, "captured");
    assertEquals(ids(queue).length, 2);
  },
});

Deno.test({
  name: "a state root that nobody may write fails events",
  ignore: isRoot || Deno.build.os === "windows",
  async fn() {
    await using root = await makeRoot();
    await Deno.chmod(root.path, 0o500);
    using queue = new RealQueue(root.path);
    const outcome = queue.emitter.emit("TaskChanged", event(1));
    await Deno.chmod(root.path, 0o700);
    assert(outcome.kind === "failed" && outcome.reason === "read_only");
  },
});

Deno.test("a disk with less room than it must keep free refuses events and counts them", async () => {
  await using root = await makeRoot();
  using queue = new RealQueue(root.path, {
    limits: { minFreeBytes: Number.MAX_SAFE_INTEGER },
    durability: "relaxed",
  });
  const kinds = Array.from(
    { length: 100 },
    (_, n) => queue.emitter.emit("TaskChanged", event(n)).kind,
  );
  const refused = kinds.filter((kind) => kind === "refused").length;
  assert(refused >= 60);
  const row = queue.store.db.get("SELECT refused FROM meta");
  assertEquals(row, { refused });
});

Deno.test("the files of a queue are the person's alone", async () => {
  await using root = await makeRoot();
  const queue = new RealQueue(root.path, { limits: { maxRows: 1 } });
  queue.emitter.emit("TaskChanged", event(1));
  queue.emitter.emit("TaskChanged", event(2));
  const modes: Record<string, string> = {};
  for (const name of queue.files) {
    const { mode } = await Deno.stat(`${queue.paths.directory}/${name}`);
    modes[name] = ((mode ?? 0) & 0o777).toString(8);
  }
  const { mode } = await Deno.stat(queue.paths.directory);
  queue[Symbol.dispose]();
  if (Deno.build.os === "windows") return;
  assertEquals(modes, {
    "overflow.jsonl": "600",
    "queue.db": "600",
    "queue.db-shm": "600",
    "queue.db-wal": "600",
  });
  assertEquals((mode ?? 0) & 0o777, 0o700);
});
