import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Redis } from "./redis_client.ts";
import { tuneScripts } from "./redis_tuned_scripts.ts";

/** What is looked for in BullMQ's scripts, each of which has it once. */
const TEXTS = {
  extendLock: [`return 1`],
  moveToActive: [
    `rcall("DEL", priorityCounterKey)`,
    `rcall("LPUSH", activeKey, prioritizedJob[1])`,
    `cmsgpack.unpack(ARGV[3])`,
    `rcall("HGETALL", jobKey)`,
  ],
  moveToFinished: [
    `cmsgpack.unpack(ARGV[8])`,
    `cmsgpack.unpack(msgpackedFields)`,
  ],
  moveToDelayed: [`cmsgpack.unpack(msgpackedFields)`],
} as const;

function clientWith(texts: Readonly<Record<string, readonly string[]>>) {
  const defined = new Map<string, string>();
  const scriptsSet = Object.fromEntries(
    Object.entries(texts).map(([name, parts]) => [
      `${name}:6.7.0`,
      { lua: parts.join("\n"), numberOfKeys: 2 },
    ]),
  );
  const client = {
    scriptsSet,
    defineCommand: (name: string, { lua }: { lua: string }) =>
      void defined.set(name, lua),
  };
  return { client: client as unknown as Redis, defined };
}

Deno.test("tuneScripts() makes one script of those of BullMQ", () => {
  const { client, defined } = clientWith(TEXTS);
  tuneScripts(client);
  assertEquals([...defined.keys()], ["extendLock:6.7.0", "reeve:exchange"]);
  for (const lua of defined.values()) {
    assert(lua.startsWith("redis.call('DEL', KEYS[1] .. '::none')"));
  }
  const exchange = defined.get("reeve:exchange") ?? "";
  assert(!exchange.includes("cmsgpack"));
  assert(!exchange.includes("priorityCounterKey"));
  assert(exchange.includes(`"pl", prioritizedJob[2]`));
});

const CHANGED = Object.entries(TEXTS)
  .filter(([name]) => name !== "extendLock")
  .flatMap(([name, parts]) => parts.map((part) => ({ name, part })));

Deno.test.each(CHANGED)(
  "tuneScripts() refuses $name without $part",
  ({ name, part }) => {
    const parts = Object.entries(TEXTS).map(([other, all]) => [
      other,
      all.filter((one) => other !== name || one !== part),
    ]);
    const { client } = clientWith(Object.fromEntries(parts));
    assertThrows(() => tuneScripts(client), TypeError, "not the one we know");
  },
);

Deno.test.each(Object.keys(TEXTS).map((name) => ({ name })))(
  "tuneScripts() refuses a BullMQ without $name",
  ({ name }) => {
    const others = Object.entries(TEXTS).filter(([other]) => other !== name);
    const { client } = clientWith(Object.fromEntries(others));
    assertThrows(() => tuneScripts(client), TypeError, name);
  },
);
