import { assert, assertEquals, assertThrows } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { fillQueue, openQueue } from "#support/full_queue.ts";
import { queueHostOf } from "#support/fake_queue.ts";
import { ROOT } from "#support/tasks.ts";
import { HostError } from "../host/host.ts";
import { readAudit } from "./audit.ts";
import { DEFAULT_LIMITS } from "./capacity.ts";
import { importOverflow } from "./import_overflow.ts";
import { type EventState, sumEvents } from "./list_events.ts";
import { parseOverflow } from "./overflow.ts";
import { listDamaged, salvage } from "./salvage.ts";
import { openStore } from "./store.ts";

/** A queue that stands aside, and the new one in its place. */
async function putAside() {
  const fake = createFakeHost();
  const host = { ...await queueHostOf(fake), clock: fake.clock };
  const old = openQueue(host, ROOT);
  await fillQueue(old);
  const sums = sumEvents(old.store, {});
  const { paths } = old.options;
  old.close();
  const aside = `${paths.directory}/queue.corrupt-2026-01-02T03-04-05-006Z.db`;
  host.blocking.rename(paths.queue, aside);
  const opening = openStore(host, old.options);
  if (opening.kind !== "open") throw new Error(opening.kind);
  const count = (...states: readonly EventState[]) =>
    states.reduce((sum, state) => sum + (sums.get(state)?.count ?? 0), 0);
  return { fake, host, store: opening.store, aside, count };
}

Deno.test("listDamaged() names what stands aside", async () => {
  const { host, store, aside } = await putAside();
  assertEquals(listDamaged(host, store), [aside]);
});

Deno.test("salvage() puts into the overflow file what surely may leave", async () => {
  const { host, store, aside, count } = await putAside();
  const target = { kind: "overflow", takesUncertain: false } as const;
  const report = salvage(host, store, aside, target);
  // Those that were replayed are ready, but have been in a request.
  const stuck = ["inflight", "retry", "pending_remote", "parked"] as const;
  const given = ["dead", "skipped"] as const;
  const replayed = report.uncertain - count(...stuck, ...given);
  assertEquals(report, {
    saved: count("ready") - replayed,
    delivered: count("delivered", "duplicate"),
    known: 0,
    uncertain: report.uncertain,
    local: count("local", "sealed"),
    noRoom: 0,
    damaged: 0,
    unreadable: 0,
  });
  const text = host.blocking.readText(store.paths.overflow, 1e8);
  const { drafts, damaged } = parseOverflow(text);
  assertEquals([drafts.length, damaged.length], [report.saved, 0]);
  assert(drafts.every(({ coalesceKey }) => coalesceKey === null));
  assertEquals(readAudit(store, 1)[0]?.action, "salvage");
});

Deno.test("salvage() saves nothing twice, before and after the import", async () => {
  const { host, store, aside } = await putAside();
  const target = { kind: "overflow", takesUncertain: true } as const;
  const first = salvage(host, store, aside, target);
  assertEquals(first.uncertain, 0);
  assert(first.saved > 0);
  const second = salvage(host, store, aside, target);
  assertEquals([second.saved, second.known], [0, first.saved]);
  const limits = { ...DEFAULT_LIMITS, minFreeBytes: 0 };
  const imported = importOverflow(host, store, store.paths.overflow, {
    limits,
    nowMs: 7,
  });
  assertEquals(imported, { imported: first.saved, duplicates: 0, damaged: 0 });
  const third = salvage(host, store, aside, target);
  assertEquals([third.saved, third.known], [0, first.saved]);
});

Deno.test("salvage() writes everything into a file for a person", async () => {
  const { fake, host, store, aside, count } = await putAside();
  const target = { kind: "file", path: "/out/saved.jsonl" } as const;
  const report = salvage(host, store, aside, target);
  const lines = (await fake.files.readText("/out/saved.jsonl", 1e8))
    .trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.length, report.saved);
  assertEquals(report.local + report.uncertain, 0);
  const kept = lines.filter((line) => line.is_eligible === false);
  assertEquals(kept.length, count("local", "sealed"));
  assertThrows(() => salvage(host, store, aside, target), HostError, "exists");
});

Deno.test("salvage() stops when the overflow file is full", async () => {
  const { host, store, aside } = await putAside();
  host.blocking.appendLocked(store.paths.overflow, "x".repeat(2 ** 24), 1e9);
  const target = { kind: "overflow", takesUncertain: true } as const;
  const report = salvage(host, store, aside, target);
  assertEquals(report.saved, 0);
  assert(report.noRoom > 0);
});

Deno.test("salvage() leaves bodies with another hash and other projects", async () => {
  const { host, store, aside } = await putAside();
  const db = host.databases.open(aside, { busyTimeoutMs: 1 });
  db.run("UPDATE events SET body = replace(body, 'hello', 'hallo')");
  const target = { kind: "file", path: "/out/saved.jsonl" } as const;
  const report = salvage(host, store, aside, target);
  assertEquals(report.saved, 0);
  assert(report.damaged > 0);
});
