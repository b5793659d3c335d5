import { assert, assertEquals } from "@std/assert";
import { type Files, HostError } from "../host/host.ts";
import {
  judgeRefreshLock,
  readRefreshLock,
  STUCK_THRESHOLD_SECONDS,
  unstickRefreshLock,
} from "./refresh_lock.ts";

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
  const clock = { now: () => OLD, elapsed: () => 0, sleep: unused };
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
