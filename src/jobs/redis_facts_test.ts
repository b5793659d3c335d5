import { assertEquals } from "@std/assert";
import {
  isAtLeast,
  judgeCare,
  judgeServer,
  parseInfo,
  readFacts,
  type RedisFacts,
} from "./redis_facts.ts";

const GOOD: RedisFacts = {
  software: "redis",
  version: "7.0.15",
  isLoading: false,
  role: "master",
  evictionPolicy: "noeviction",
  hasAppendFile: true,
  usedBytes: 10,
  maxBytes: 100,
};

const INFO = "# Server\r\nredis_version:7.2.4\r\nloading:0\r\nrole:slave\r\n" +
  "used_memory:5\r\nmaxmemory:50\r\nmaxmemory_policy:allkeys-lru\r\n" +
  "aof_enabled:0\r\nodd:a:b\r\n\r\nnonsense\r\n";

Deno.test("parseInfo() reads names and values", () => {
  const info = parseInfo(INFO);
  assertEquals(info.get("odd"), "a:b");
  assertEquals([info.size, info.has("# Server")], [8, false]);
});

Deno.test("readFacts() takes INFO where CONFIG is forbidden", () => {
  assertEquals(readFacts(parseInfo(INFO), new Map()), {
    software: "redis",
    version: "7.2.4",
    isLoading: false,
    role: "slave",
    evictionPolicy: "allkeys-lru",
    hasAppendFile: false,
    usedBytes: 5,
    maxBytes: 50,
  });
});

Deno.test("readFacts() takes CONFIG before INFO", () => {
  const facts = readFacts(
    parseInfo(INFO),
    new Map([
      ["maxmemory-policy", "noeviction"],
      ["appendonly", "yes"],
      ["maxmemory", "0"],
    ]),
  );
  assertEquals(
    [facts.evictionPolicy, facts.hasAppendFile, facts.maxBytes],
    ["noeviction", true, 0],
  );
});

Deno.test("readFacts() knows nothing of a server that tells nothing", () => {
  assertEquals(readFacts(new Map(), new Map()), {
    software: "redis",
    version: undefined,
    isLoading: false,
    role: undefined,
    evictionPolicy: undefined,
    hasAppendFile: undefined,
    usedBytes: undefined,
    maxBytes: undefined,
  });
});

Deno.test.each([
  { text: "valkey_version:8.0.1", is: ["valkey", "8.0.1"] },
  { text: "dragonfly_version:df-v1.2.0", is: ["dragonfly", "1.2.0"] },
])("readFacts() reads $text", ({ text, is }) => {
  const old = "redis_version:7.2.4\r\n";
  const facts = readFacts(parseInfo(old + text), new Map());
  assertEquals<unknown>([facts.software, facts.version], is);
});

Deno.test.each([
  { version: "6.2.0", is: true },
  { version: "6.10", is: true },
  { version: "7.0", is: true },
  { version: "6.2", is: true },
  { version: "6.1.9", is: false },
  { version: "5.9", is: false },
  { version: "6", is: false },
  { version: "unstable", is: false },
])("isAtLeast() says whether $version is 6.2", ({ version, is }) => {
  assertEquals(isAtLeast(version, [6, 2]), is);
});

Deno.test("judgeServer() is content with a good server", () => {
  const checks = judgeServer(GOOD);
  assertEquals(checks.map(({ level }) => level), ["ok", "ok", "ok"]);
});

Deno.test.each<{ text: string; change: Partial<RedisFacts>; is: string[] }>([
  {
    text: "that loads",
    change: { isLoading: true, role: "slave" },
    is: ["role QUEUE_REDIS_LOADING"],
  },
  {
    text: "that copies",
    change: { role: "slave" },
    is: ["role QUEUE_REDIS_READONLY"],
  },
  {
    text: "that is old",
    change: { version: "6.0.16" },
    is: ["role ok", "version QUEUE_REDIS_VERSION"],
  },
  {
    text: "that is an old Valkey",
    change: { software: "valkey", version: "7.1.9" },
    is: ["role ok", "version QUEUE_REDIS_VERSION"],
  },
  {
    text: "that drops data",
    change: { evictionPolicy: "volatile-lru" },
    is: ["role ok", "version ok", "eviction policy QUEUE_REDIS_EVICTION"],
  },
  {
    text: "that tells nothing",
    change: { role: undefined, version: undefined, evictionPolicy: undefined },
    is: ["role ok", "version warn", "eviction policy warn"],
  },
])("judgeServer() judges a server $text", ({ change, is }) => {
  const checks = judgeServer({ ...GOOD, ...change });
  assertEquals(
    checks.map(({ check, level, code }) => `${check} ${code ?? level}`),
    is,
  );
});

Deno.test.each<
  { text: string; change: Partial<RedisFacts>; skew: number; is: string[] }
>([
  { text: "nothing", change: {}, skew: 0, is: [] },
  { text: "small skew", change: {}, skew: -4_999, is: [] },
  { text: "a late clock", change: {}, skew: -5_000, is: ["clock"] },
  { text: "an early clock", change: {}, skew: 5_000, is: ["clock"] },
  {
    text: "no file",
    change: { hasAppendFile: false },
    skew: 0,
    is: ["persistence"],
  },
  {
    text: "an unknown file",
    change: { hasAppendFile: undefined },
    skew: 0,
    is: ["persistence"],
  },
  { text: "89 %", change: { usedBytes: 89 }, skew: 0, is: [] },
  { text: "90 %", change: { usedBytes: 90 }, skew: 0, is: ["memory"] },
  { text: "no limit", change: { maxBytes: 0 }, skew: 0, is: [] },
  {
    text: "unknown memory",
    change: { usedBytes: undefined },
    skew: 0,
    is: ["memory"],
  },
])("judgeCare() warns of $text", ({ change, skew, is }) => {
  const checks = judgeCare({ ...GOOD, ...change }, skew);
  assertEquals(checks.length, 3);
  assertEquals(
    checks.filter(({ level }) => level === "warn").map(({ check }) => check),
    is,
  );
});
