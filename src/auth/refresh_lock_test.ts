import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Files, HostError } from "../host/host.ts";
import {
  judgeRefreshLock,
  readRefreshLock,
  STUCK_THRESHOLD_SECONDS,
  unstickRefreshLock,
  withRefreshLock,
} from "./refresh_lock.ts";
import { FakeWorld } from "#support/fake_host.ts";

const record = {
  "schema_version": 1,
  "host": "moon",
  "pid": 7,
  "started_at": "2026-01-01T00:00:00.000Z",
  "version": "0.1.0",
};
const START = Date.UTC(2026, 0, 1);
const OLD = START + 120_000;

Deno.test.each([
  { seconds: 0, age: 0, isStuck: false },
  { seconds: 59.9, age: 59.9, isStuck: false },
  { seconds: 60, age: 60, isStuck: false },
  { seconds: 60.1, age: 60.1, isStuck: true },
  { seconds: 120, age: 120, isStuck: true },
  { seconds: -5, age: 0, isStuck: false },
])("judgeRefreshLock() after $seconds s: stuck $isStuck", (row) => {
  const facts = judgeRefreshLock(record, START + row.seconds * 1000, 60);
  assertEquals(facts, { record, ageSeconds: row.age, isStuck: row.isStuck });
});

Deno.test("judgeRefreshLock() takes a lock of no known age as fresh", () => {
  const odd = { ...record, "started_at": "yesterday" };
  assertEquals(judgeRefreshLock(odd, OLD, 60), { record: odd, isStuck: false });
});

Deno.test("judgeRefreshLock() takes 0 s for any age", () => {
  assert(judgeRefreshLock(record, START + 1, 0).isStuck);
});

/** A lock file in memory that another process may hold. */
function openHost(text: string | undefined, lock: "free" | "held" = "free") {
  const seen = { text, releases: 0, locks: 0 };
  const unused = (): never => {
    throw new TypeError("Cannot be used here");
  };
  const files: Files = {
    readText: (path) =>
      seen.text === undefined
        ? Promise.reject(new HostError("not_found", path))
        : Promise.resolve(seen.text),
    writeAtomic: unused,
    append: unused,
    remove: unused,
    list: unused,
    stat: unused,
    realPath: unused,
    tryLock: () => {
      seen.locks++;
      return Promise.resolve(
        lock === "held" ? lock : {
          write: (text: string) => {
            seen.text = text;
            return Promise.resolve();
          },
          [Symbol.dispose]: () => void seen.releases++,
        },
      );
    },
  };
  const clock = {
    now: () => OLD,
    elapsed: () => 0,
    sleep: unused,
    later: unused,
  };
  return { seen, host: { files, clock } };
}

Deno.test.each([
  { name: "missing", text: undefined },
  { name: "empty", text: "" },
  { name: "damaged", text: "{" },
  { name: "newer", text: JSON.stringify({ ...record, "schema_version": 2 }) },
])("readRefreshLock() of a $name file sees no holder", async ({ text }) => {
  const { host } = openHost(text);
  assertEquals(await readRefreshLock(host, "/l", 60), { isStuck: false });
});

Deno.test("readRefreshLock() takes no lock", async () => {
  const { host, seen } = openHost(JSON.stringify(record));
  const facts = await readRefreshLock(host, "/l", 60);
  assertEquals([facts.ageSeconds, facts.isStuck], [120, true]);
  assertEquals(seen.locks, 0);
});

const full = JSON.stringify(record);

Deno.test.each([
  {
    name: "an old lock",
    text: full,
    threshold: 60,
    is: "released",
    left: "",
  },
  {
    name: "a young lock",
    text: full,
    threshold: 121,
    is: "not_stuck",
    left: full,
  },
  {
    name: "no lock",
    text: undefined,
    threshold: 60,
    is: "not_stuck",
    left: undefined,
  },
  { name: "an empty lock", text: "", threshold: 60, is: "not_stuck", left: "" },
])("unstickRefreshLock() of $name: $is", async (row) => {
  const { host, seen } = openHost(row.text);
  const outcome = await unstickRefreshLock(host, "/l", row.threshold);
  assertEquals([outcome, seen.text], [row.is, row.left]);
  assertEquals(seen.releases, row.is === "released" ? 1 : 0);
});

Deno.test("unstickRefreshLock() leaves a lock that is held", async () => {
  const { host, seen } = openHost(full, "held");
  assertEquals(await unstickRefreshLock(host, "/l", 60), "still_held");
  assertEquals(seen.text, full);
});

Deno.test("unstickRefreshLock() looks again under the lock", async () => {
  const { host, seen } = openHost(full);
  const tryLock: Files["tryLock"] = (path, options) => {
    seen.text = JSON.stringify({
      ...record,
      "started_at": new Date(OLD).toISOString(),
    });
    return host.files.tryLock(path, options);
  };
  const files = { ...host.files, tryLock };
  assertEquals(
    await unstickRefreshLock({ ...host, files }, "/l", 60),
    "not_stuck",
  );
  assertEquals([seen.releases, seen.text?.includes("00:02:00")], [1, true]);
});

Deno.test("STUCK_THRESHOLD_SECONDS is a minute", () => {
  assertEquals(STUCK_THRESHOLD_SECONDS, 60);
});

const LOCK = "/r/auth/refresh.lock";

Deno.test("withRefreshLock() names the holder as long as it works", async () => {
  const world = new FakeWorld();
  const host = world.host({ pid: 4242 });
  const locked = await withRefreshLock(host, LOCK, async (lock) => {
    assertEquals(lock.path, LOCK);
    const facts = await readRefreshLock(host, LOCK, 60);
    assertEquals(facts.record, {
      "schema_version": 1,
      "host": "ada",
      "pid": 4242,
      "started_at": "2026-01-02T03:04:05.000Z",
      "version": "0.1.0",
    });
    return 7;
  });
  assertEquals(locked, { kind: "done", value: 7 });
  assertEquals(world.disk.textOf(LOCK), "");
  const free = await world.host().files.tryLock(LOCK, { create: false });
  assertEquals(typeof free, "object");
});

Deno.test("withRefreshLock() lets go when the work fails", async () => {
  const world = new FakeWorld();
  await assertRejects(
    () =>
      withRefreshLock(
        world.host(),
        LOCK,
        () => Promise.reject(new TypeError("x")),
      ),
    TypeError,
  );
  assertEquals(world.disk.textOf(LOCK), "");
  assertEquals(
    (await withRefreshLock(world.host(), LOCK, () => Promise.resolve(1))).kind,
    "done",
  );
});

Deno.test("withRefreshLock() waits 10 seconds for another process", async () => {
  const world = new FakeWorld();
  const other = await world.host().files.tryLock(LOCK, { create: true });
  assertEquals(typeof other, "object");
  const start = world.clock.elapsed();
  const locked = await withRefreshLock(
    world.host(),
    LOCK,
    () => Promise.reject(new TypeError("never called")),
  );
  assertEquals(locked.kind, "busy");
  const waitedMs = world.clock.elapsed() - start;
  assert(waitedMs >= 10_000 && waitedMs < 10_100, String(waitedMs));
});

Deno.test("withRefreshLock() stops waiting when the work is done", async () => {
  const world = new FakeWorld();
  await world.host().files.tryLock(LOCK, { create: true });
  const locked = await withRefreshLock(
    world.host(),
    LOCK,
    () => Promise.reject(new TypeError("never called")),
    () => Promise.resolve(world.clock.elapsed() < 1000),
  );
  assertEquals(locked.kind, "not_needed");
  assert(world.clock.elapsed() < 1100);
});

Deno.test("withRefreshLock() works when the record cannot be written", async () => {
  const world = new FakeWorld();
  world.failFiles(LOCK, "no_space", { operation: "lockWrite" });
  const locked = await withRefreshLock(
    world.host(),
    LOCK,
    () => Promise.resolve(7),
  );
  assertEquals(locked, { kind: "done", value: 7 });
});
