import { assert, assertEquals } from "@std/assert";
import { fillQueue, type FullQueue, openQueue } from "#support/full_queue.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { sandboxHost } from "#support/sandbox_host.ts";
import { denoBlockingFiles } from "../../src/host/deno_blocking_files.ts";
import { sumEvents } from "../../src/queue/list_events.ts";
import { checkpoint, vacuum } from "../../src/queue/retention.ts";
import {
  REMOVABLE_COLUMNS,
  removeEvents,
} from "../../src/queue/remove_events.ts";
import type { Removable } from "../../src/queue/remove_events.ts";
import { listDamaged, salvage } from "../../src/queue/salvage.ts";
import { openStore } from "../../src/queue/store.ts";

// The C library stays open for the life of a process: opened here, it is no
// resource that the first test to ask for it appears to leak.
denoBlockingFiles.freeBytes("/");

async function open(sandbox: Sandbox): Promise<FullQueue> {
  const host = sandboxHost(sandbox);
  return openQueue(
    { ...host, databases: await host.databases() },
    sandbox.root,
  );
}

const PAGE_BYTES = 4096;

/** Overwrites a page with events, as a bad disk does. */
async function damage(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  const text = new TextDecoder("latin1").decode(bytes);
  const at = text.indexOf('"lamport_clock":50,');
  assert(at > 0);
  const from = at - at % PAGE_BYTES;
  bytes.fill(0xa5, from, from + PAGE_BYTES);
  await Deno.writeFile(path, bytes);
}

async function contentOf(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return `${bytes.length} ${new Uint8Array(hash).join()}`;
}

Deno.test("salvage() reads around the damage and never touches the file", async () => {
  await using sandbox = await makeSandbox();
  const queue = await open(sandbox);
  await fillQueue(queue);
  const sums = [...sumEvents(queue.store, {})];
  const { host, options } = queue;
  queue.close();
  await damage(options.paths.queue);
  const { directory, queue: path } = options.paths;
  const aside = `${directory}/queue.corrupt-2026-01-02T03-04-05-006Z.db`;
  await Deno.rename(path, aside);
  const opening = openStore(host, options);
  if (opening.kind !== "open") throw new Error(opening.kind);
  using _ = opening.store.db;
  assertEquals(listDamaged(host, opening.store), [aside]);
  const before = await contentOf(aside);
  const report = salvage(host, opening.store, aside, {
    kind: "file",
    path: `${sandbox.directory}/saved.jsonl`,
  });
  assertEquals(await contentOf(aside), before, "only read");
  const { saved, delivered, damaged, unreadable = 0 } = report;
  assert(saved > 0 && unreadable > 0, JSON.stringify(report));
  const all = sums.reduce((sum, [, { count }]) => sum + count, 0);
  assertEquals(saved + delivered + damaged + unreadable, all);
});

Deno.test("vacuum() makes the file smaller", async () => {
  await using sandbox = await makeSandbox();
  const queue = await open(sandbox);
  const { store, host, emitter } = queue;
  const payload = { text: "x".repeat(5000) };
  for (let at = 0; at < 400; at++) {
    emitter.emit("TaskChanged", { aggregateId: `t${at}`, payload });
  }
  checkpoint(store);
  const sizeOf = async () => (await Deno.stat(store.paths.queue)).size;
  const before = await sizeOf();
  store.db.transaction(() => {
    const rows = store.db.all<Removable>(
      `SELECT ${REMOVABLE_COLUMNS} FROM events e
         LEFT JOIN deliveries d ON d.seq = e.seq`,
    );
    const details = {};
    removeEvents(store, rows, {
      actor: "ada",
      action: "purge",
      details,
      nowMs: 1,
    });
  });
  assertEquals(vacuum(host, store, { forMs: 10_000 }), 0);
  assertEquals(checkpoint(store), "emptied");
  assert(await sizeOf() < before / 4);
  queue.close();
});
