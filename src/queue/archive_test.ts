import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { fillQueue, openQueue } from "#support/full_queue.ts";
import { queueHostOf } from "#support/fake_queue.ts";
import { PROJECT_ID, ROOT } from "#support/tasks.ts";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import { writeArchive } from "./archive.ts";
import { hashManifest } from "./archive_chain.ts";
import { hashText } from "./envelope.ts";
import { readEvents, sumEvents } from "./list_events.ts";
import { verifyArchive } from "./read_archive.ts";

async function makeFull() {
  const fake = createFakeHost();
  const host = { ...await queueHostOf(fake), clock: fake.clock };
  const queue = openQueue(host, ROOT);
  await fillQueue(queue);
  return { fake, store: queue.store };
}

async function makeArchive(filter = {}) {
  const { fake, store } = await makeFull();
  const options = { filter, directory: "/archive" };
  const written = await writeArchive(fake, store, options);
  if (typeof written === "string") throw new Error(written);
  const [part] = written.manifest.parts;
  const partPath = `/archive/${part?.file}`;
  return { fake, store, options, partPath, ...written };
}

Deno.test("writeArchive() writes what verifyArchive() reads back", async () => {
  const { fake, store, path, manifest } = await makeArchive();
  const done: number[] = [];
  const verdict = await verifyArchive(fake, path, (count) => {
    done.push(count);
  });
  if (verdict.kind === "broken") throw new Error(verdict.faults.join());
  const rows = readEvents(store, {}, { limit: 1000 });
  assertEquals(done, [rows.length]);
  assertEquals(verdict.archive.count, rows.length);
  assertEquals(verdict.archive.projectId, PROJECT_ID);
  assertEquals(verdict.archive.lastSeq, rows.at(-1)?.seq);
  for (const { seq, sha256 } of rows) {
    assertEquals(verdict.archive.sha256Of(seq), sha256);
  }
  assertEquals(verdict.archive.sha256Of(1e9), undefined);
  const sums = [...sumEvents(store, {})].map(([state, { count }]) =>
    [state, count] as const
  );
  assertEquals(manifest.states, Object.fromEntries(sums));
});

Deno.test("writeArchive() writes only what is chosen", async () => {
  const { store, manifest } = await makeArchive({ states: ["dead"] });
  assertEquals(manifest.count, sumEvents(store, {}).get("dead")?.count);
  assertEquals(Object.keys(manifest.states), ["dead"]);
});

Deno.test("writeArchive() keeps the files to the person", async () => {
  const { fake, path, partPath } = await makeArchive();
  for (const file of [path, partPath]) {
    assertEquals((await fake.files.stat(file))?.mode, 0o600);
  }
});

Deno.test("writeArchive() of nothing writes nothing", async () => {
  const { fake, store } = await makeFull();
  const options = { filter: { type: "Nothing" }, directory: "/archive" };
  assertEquals(await writeArchive(fake, store, options), "empty");
  assertEquals(await fake.files.list("/archive"), []);
});

Deno.test("writeArchive() never replaces another one", async () => {
  const { fake, store, options } = await makeArchive();
  assertEquals(await writeArchive(fake, store, options), "taken");
});

Deno.test("writeArchive() leaves nothing behind when the disk is full", async () => {
  const { fake, store } = await makeFull();
  const stamp = new Date(fake.clock.now()).toISOString().replace(/[:.]/g, "-");
  const manifest = `/archive/events-${stamp}.manifest.json`;
  fake.world.failFiles(manifest, "no_space", { operation: "writeAtomic" });
  const options = { filter: {}, directory: "/archive" };
  await assertRejects(() => writeArchive(fake, store, options), HostError);
  assertEquals(await fake.files.list("/archive"), []);
});

Deno.test("verifyArchive() finds any letter that has changed", async () => {
  const { fake, path, partPath } = await makeArchive({ states: ["dead"] });
  for (const file of [path, partPath]) {
    const text = await fake.files.readText(file);
    const from = file === path ? text.indexOf('"count"') : 0;
    for (let at = from; at < text.length; at += 37) {
      const other = text[at] === "7" ? "8" : "7";
      const changed = text.slice(0, at) + other + text.slice(at + 1);
      if (file === path && /\s/.test(text[at] ?? "")) continue;
      fake.world.disk.put(file, changed);
      assertEquals(await isSound(fake, path), "broken", `${file} ${at}`);
    }
    fake.world.disk.put(file, text);
  }
  assertEquals(await isSound(fake, path), "sound");
});

async function isSound(
  host: Parameters<typeof verifyArchive>[0],
  path: string,
): Promise<string> {
  try {
    return (await verifyArchive(host, path)).kind;
  } catch (error) {
    if (error instanceof KnownError) return "broken";
    throw error;
  }
}

Deno.test.each([
  { name: "a line left out", change: (lines: string[]) => lines.slice(1) },
  {
    name: "two lines in another order",
    change: ([a = "", b = "", ...rest]: string[]) => [b, a, ...rest],
  },
  {
    name: "a line twice",
    change: ([a = "", ...rest]: string[]) => [a, a, ...rest],
  },
  { name: "a line that is torn", change: (lines: string[]) => [...lines, "{"] },
])("verifyArchive() finds $name", async ({ change }) => {
  const { fake, path, partPath } = await makeArchive();
  const lines = (await fake.files.readText(partPath)).split("\n").slice(0, -1);
  fake.world.disk.put(partPath, change(lines).join("\n") + "\n");
  assertEquals(await isSound(fake, path), "broken");
});

Deno.test("verifyArchive() finds other lines by the chain alone", async () => {
  const { fake, path, partPath, manifest } = await makeArchive();
  const text = await fake.files.readText(partPath);
  const changed = text.replace('"attempts":0', '"attempts":1');
  fake.world.disk.put(partPath, changed);
  const parts = manifest.parts.map((part) => ({
    ...part,
    sha256: hashText(changed),
  }));
  const forged = { ...manifest, parts };
  const hash = hashManifest(forged);
  const manifestText = JSON.stringify({ ...forged, "manifest_sha256": hash });
  fake.world.disk.put(path, manifestText);
  const verdict = await verifyArchive(fake, path);
  assertEquals(verdict, {
    kind: "broken",
    faults: ["the chain of hashes is broken"],
  });
});

Deno.test("verifyArchive() finds a part that is missing", async () => {
  const { fake, path, partPath } = await makeArchive();
  await fake.files.remove(partPath);
  const verdict = await verifyArchive(fake, path);
  if (verdict.kind === "sound") throw new Error("it is not");
  assertMatch(verdict.faults[0] ?? "", /jsonl: not found$/);
});

Deno.test("verifyArchive() reads no file outside of its directory", async () => {
  const { fake, path, manifest } = await makeArchive();
  const parts = [{ ...manifest.parts[0], file: "../etc/passwd" }];
  fake.world.disk.put(path, JSON.stringify({ ...manifest, parts }));
  await assertRejects(() => verifyArchive(fake, path), KnownError, "parts");
});

Deno.test("verifyArchive() refuses what is no manifest", async () => {
  const fake = createFakeHost();
  await assertRejects(() => verifyArchive(fake, "/x"), KnownError, "no such");
});
