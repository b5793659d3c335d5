import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import { type Files, HostError } from "../host/host.ts";
import { acquireLock, readLockHolder, takeLock } from "./lock.ts";

/** A lock that is free from the `attempt`-th try on, and a clock beside it. */
function openHost(attempt: number, holder = "77\n") {
  const seen = {
    tries: 0,
    slept: [] as number[],
    now: 0,
    written: "",
    releases: 0,
    canWrite: true,
  };
  const unused = (): never => {
    throw new TypeError("Cannot be used here");
  };
  const files: Files = {
    readText: () => Promise.resolve(holder),
    writeAtomic: unused,
    append: unused,
    remove: unused,
    list: unused,
    stat: unused,
    realPath: unused,
    tryLock: (_, { create }) => {
      assert(create, "the file is made when missing");
      if (++seen.tries < attempt) return Promise.resolve("held");
      return Promise.resolve({
        write: (text: string) => {
          if (!seen.canWrite) {
            return Promise.reject(new HostError("no_space", "/l"));
          }
          seen.written = text;
          return Promise.resolve();
        },
        [Symbol.dispose]: () => void seen.releases++,
      });
    },
  };
  const clock = {
    now: () => 0,
    elapsed: () => seen.now,
    sleep: (ms: number) => {
      seen.slept.push(ms);
      seen.now += ms;
      return Promise.resolve();
    },
    later: unused,
  };
  const env = {
    get: () => undefined,
    os: "linux",
    home: undefined,
    cwd: "/",
    pid: 42,
    uid: undefined,
    self: { executable: "", args: [] },
  } as const;
  return { seen, host: { files, clock, env } };
}

Deno.test("acquireLock() takes a free lock at once and says who", async () => {
  const { host, seen } = openHost(1);
  const lock = await acquireLock(host, "/l");
  assert(lock !== "not_needed");
  assertEquals([lock.path, seen.tries, seen.written], ["/l", 1, "42\n"]);
  assertEquals([seen.slept, seen.releases], [[], 0]);
  lock[Symbol.dispose]();
  assertEquals(seen.releases, 1);
});

Deno.test("acquireLock() holds a lock that it cannot sign", async () => {
  const { host, seen } = openHost(1);
  seen.canWrite = false;
  const lock = await acquireLock(host, "/l");
  assert(lock !== "not_needed");
  assertEquals(seen.releases, 0);
});

Deno.test("acquireLock() waits longer and longer, up to a limit", async () => {
  const { host, seen } = openHost(7);
  await acquireLock(host, "/l");
  assertEquals(seen.slept, [5, 10, 20, 40, 40, 40]);
});

Deno.test.each([
  { holder: "77\n", who: "process 77 holds it" },
  { holder: "", who: "another process holds it" },
  { holder: "not a pid", who: "another process holds it" },
])("acquireLock() gives up when $who", async ({ holder, who }) => {
  const { host, seen } = openHost(Infinity, holder);
  const error = await assertRejects(
    () => acquireLock(host, "/l", { waitMs: 100 }),
    KnownError,
    who,
  );
  assertEquals([error.code, seen.now >= 100], ["lock_busy", true]);
  assert(error.hint !== undefined);
});

Deno.test("acquireLock() tries once when it may not wait", async () => {
  const { host, seen } = openHost(Infinity);
  await assertRejects(() => acquireLock(host, "/l", { waitMs: 0 }), KnownError);
  assertEquals([seen.tries, seen.slept], [1, []]);
});

Deno.test("acquireLock() waits for ten seconds unless told", async () => {
  const { host, seen } = openHost(Infinity);
  await assertRejects(() => acquireLock(host, "/l"), KnownError, "10000 ms");
  assert(seen.now >= 10_000 && seen.now < 10_050, `${seen.now}`);
});

Deno.test("acquireLock() stops when the lock is no longer needed", async () => {
  const { host, seen } = openHost(Infinity);
  const lock = await acquireLock(host, "/l", {
    isStillNeeded: () => Promise.resolve(seen.tries < 3),
  });
  assertEquals([lock, seen.tries, seen.releases], ["not_needed", 3, 0]);
});

Deno.test("acquireLock() does not ask while the lock is free", async () => {
  const { host, seen } = openHost(1);
  const lock = await acquireLock(host, "/l", {
    isStillNeeded: () => Promise.reject(new TypeError("asked")),
  });
  assert(lock !== "not_needed");
  assertEquals(seen.tries, 1);
});

Deno.test("takeLock() says who and what for", async () => {
  const { host, seen } = openHost(1);
  const lock = await takeLock(host, "/l", { purpose: "reeve start" });
  assertEquals([lock.path, seen.written], ["/l", "42\nreeve start\n"]);
});

Deno.test("takeLock() waits as long as it is told", async () => {
  const { host, seen } = openHost(Infinity, "77\nreeve start\n");
  await assertRejects(
    () => takeLock(host, "/l", { waitMs: 0 }),
    KnownError,
    "process 77 holds it",
  );
  assertEquals(seen.tries, 1);
  await assertRejects(() => takeLock(host, "/l"), KnownError, "10000 ms");
});

Deno.test.each([
  { text: "77\n", pid: 77, purpose: undefined },
  { text: "77\nreeve start\n", pid: 77, purpose: "reeve start" },
  { text: "no pid\nreeve start", pid: undefined, purpose: "reeve start" },
  { text: "", pid: undefined, purpose: undefined },
])("readLockHolder() reads $text", async ({ text, pid, purpose }) => {
  const { host } = openHost(1, text);
  assertEquals(await readLockHolder(host, "/l"), { pid, purpose });
});
