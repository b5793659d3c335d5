import { assert, assertEquals, assertThrows } from "@std/assert";
import { readConfig } from "../config/read_config.ts";
import { KnownError } from "../errors.ts";
import { createFakeHost } from "#support/fake_host.ts";
import { readQueueSettings, readRedisPassword } from "./settings.ts";

const ROOT = "/root";

function settingsOf(env: Readonly<Record<string, string>>) {
  const host = createFakeHost({ env });
  return readQueueSettings(readConfig(host, { root: ROOT }), ROOT);
}

Deno.test("readQueueSettings() gives SQLite and no tenant by default", () => {
  assertEquals(settingsOf({}), {
    backend: "sqlite",
    root: ROOT,
    tenant: "_default",
    redis: {
      url: "redis://127.0.0.1:6379",
      username: undefined,
      passwordFile: undefined,
    },
    concurrency: 4,
    leaseMs: 30_000,
    limits: { maxJobs: 100_000, maxBytes: 268_435_456 },
    durability: "full",
  });
});

Deno.test("readQueueSettings() takes the user out of the address", () => {
  const { redis, backend, tenant } = settingsOf({
    "REEVE_QUEUE_BACKEND": "redis",
    "REEVE_QUEUE_REDIS_URL": "rediss://jobs@redis.example:7000/2",
    "REEVE_QUEUE_TENANT": "acme",
  });
  assertEquals([backend, tenant], ["redis", "acme"]);
  assertEquals(redis.url, "rediss://redis.example:7000/2");
  assertEquals(redis.username, "jobs");
});

Deno.test("readQueueSettings() refuses an address with a password and does not repeat it", () => {
  const error = assertThrows(
    () => settingsOf({ "REEVE_QUEUE_REDIS_URL": "redis://:hunter2@a.b" }),
    KnownError,
    "without a password",
  );
  assertEquals(error.code, "usage");
  assert(!`${error.message} ${error.hint}`.includes("hunter2"));
});

const FILE = "/home/ada/secret";

function hostWithFile(text: string, mode = 0o600) {
  const host = createFakeHost();
  host.world.disk.put(FILE, text, { mode });
  return host;
}

Deno.test("readRedisPassword() reads the file and leaves its line end out", () => {
  const host = hostWithFile("a b\n");
  assertEquals(readRedisPassword(host, { passwordFile: FILE }), "a b");
});

Deno.test("readRedisPassword() takes the variable first", () => {
  const host = hostWithFile("file\n");
  host.env.variables.set("REEVE_QUEUE_REDIS_PASSWORD", "variable");
  assertEquals(readRedisPassword(host, { passwordFile: FILE }), "variable");
  assertEquals(
    readRedisPassword(host, { passwordFile: undefined }),
    "variable",
  );
});

Deno.test("readRedisPassword() is nothing where nobody has set one", () => {
  const host = createFakeHost();
  assertEquals(readRedisPassword(host, { passwordFile: undefined }), undefined);
});

Deno.test.each([0o640, 0o604, 0o620])(
  "readRedisPassword() refuses a file of mode %o",
  (mode) => {
    const host = hostWithFile("hunter2", mode);
    const error = assertThrows(
      () => readRedisPassword(host, { passwordFile: FILE }),
      KnownError,
      `(mode ${mode.toString(8)})`,
    );
    assertEquals(error.hint, `Keep it to yourself: chmod 600 '${FILE}'`);
  },
);

Deno.test("readRedisPassword() names a file that is not there", () => {
  const host = createFakeHost();
  assertThrows(
    () => readRedisPassword(host, { passwordFile: FILE }),
    KnownError,
    `Cannot read the password of Redis in ${FILE}: not found`,
  );
});
