import { assertEquals } from "@std/assert";
import { fakeQueue } from "#support/fake_queue.ts";
import { readAudit } from "./audit.ts";
import { writeArchive } from "./archive.ts";
import { optIn } from "./consent.ts";
import {
  DEAD_KEEP_MS,
  judgeDeadPurge,
  planDeadPurge,
  purgeDead,
} from "./dead_purge.ts";
import { type ReadArchive, verifyArchive } from "./read_archive.ts";
import { replayDead } from "./dead.ts";

const archive: ReadArchive = {
  name: "a",
  projectId: "p",
  count: 1,
  lastSeq: 1,
  sha256Of: () => "h",
};

Deno.test.each([
  { name: "young", ageMs: 0, is: "not_archived" },
  { name: "young, archived", ageMs: 0, archive, is: "may_go" },
  { name: "old", ageMs: DEAD_KEEP_MS, is: "may_go" },
  { name: "almost old", ageMs: DEAD_KEEP_MS - 1, is: "not_archived" },
  {
    name: "old by a longer rule",
    ageMs: DEAD_KEEP_MS,
    keepMs: 2e10,
    is: "not_archived",
  },
])("judgeDeadPurge() of a $name letter for a person is $is", (row) => {
  const { ageMs, is, archive, keepMs = 0 } = row;
  const letter = { seq: 1, sha256: "h", "last_at": 0 };
  const verdict = judgeDeadPurge(letter, {
    actor: "ada",
    nowMs: ageMs,
    isAutomatic: false,
    keepMs,
    archive,
  });
  assertEquals<string>(verdict, is);
});

Deno.test.each([
  { name: "young", ageMs: 0, is: "too_young" },
  { name: "young, archived", ageMs: 0, archive, is: "too_young" },
  { name: "old", ageMs: DEAD_KEEP_MS, is: "not_archived" },
  { name: "old, archived", ageMs: DEAD_KEEP_MS, archive, is: "may_go" },
])("judgeDeadPurge() of a $name letter by itself is $is", (row) => {
  const letter = { seq: 1, sha256: "h", "last_at": 0 };
  const verdict = judgeDeadPurge(letter, {
    actor: "reeve",
    nowMs: row.ageMs,
    isAutomatic: true,
    archive: row.archive,
  });
  assertEquals<string>(verdict, row.is);
});

async function withDead(count: number) {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", queue.host.clock.now());
  for (let at = 1; at <= count; at++) queue.change(`t${at}`);
  const lease = queue.takeLease();
  const batch = queue.claim(lease, { maxEvents: count });
  if (batch !== undefined) {
    queue.settle(lease, batch, { kind: "dead", reason: "refused" });
  }
  return queue;
}

Deno.test("purgeDead() leaves young letters without an archive", async () => {
  const queue = await withDead(3);
  const { store } = queue;
  const nowMs = queue.host.clock.now();
  const purge = { actor: "ada", nowMs, isAutomatic: false };
  const plan = planDeadPurge(store, {}, purge);
  assertEquals([plan.count, plan.notArchived.count], [0, 3]);
  assertEquals(purgeDead(store, {}, purge), plan);
  assertEquals(queue.counts().dead, { refused: 3 });
});

Deno.test("purgeDead() takes away what an archive holds, and only that", async () => {
  const queue = await withDead(3);
  const { store, host } = queue;
  const written = await writeArchive(host, store, {
    filter: { states: ["dead"], toSeq: 2 },
    directory: "/a",
  });
  if (typeof written === "string") throw new Error(written);
  const read = await verifyArchive(host, written.path);
  if (read.kind === "broken") throw new Error(read.faults.join());
  const purge = { actor: "ada", nowMs: host.clock.now(), isAutomatic: false };
  const report = purgeDead(store, {}, { ...purge, archive: read.archive });
  assertEquals([report.count, report.notArchived.count], [2, 1]);
  const counts = queue.counts();
  assertEquals([counts.dead, counts.liveRows], [{ refused: 1 }, 1]);
  const [entry] = readAudit(store, 1);
  assertEquals(entry?.action, "dead_purge");
  assertEquals(JSON.parse(entry?.details ?? "").archive, read.archive.name);
});

Deno.test("purgeDead() takes old letters in several steps", async () => {
  const queue = await withDead(1500);
  const nowMs = queue.host.clock.now() + DEAD_KEEP_MS;
  const purge = { actor: "ada", nowMs, isAutomatic: false };
  const filter = { reason: "refused" };
  const plan = planDeadPurge(queue.store, filter, purge);
  assertEquals(purgeDead(queue.store, filter, purge), plan);
  assertEquals(plan.count, 1500);
  assertEquals(queue.counts().liveRows, 0);
  assertEquals(queue.meta()["removed"], 1500);
});

Deno.test("purgeDead() leaves what is to be sent again", async () => {
  const queue = await withDead(2);
  const nowMs = queue.host.clock.now() + DEAD_KEEP_MS;
  replayDead(queue.store, {}, { actor: "ada", nowMs });
  const purge = { actor: "ada", nowMs, isAutomatic: false };
  assertEquals(purgeDead(queue.store, {}, purge).count, 0);
  assertEquals(queue.counts().ready, 2);
});
