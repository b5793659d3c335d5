/**
 * The scripts of BullMQ 6.7.0 by which jobs are claimed and end, as one script
 * for many jobs: each becomes a function there, with small changes, without
 * which Redis would keep weaker promises than the other backends or work more:
 *
 * - Its counter for the order of ready jobs begins anew when none is ready,
 *   and nothing says which number a claimed job had. Here the counter goes on
 *   and a claimed job keeps its number, so that it returns to its place.
 * - Redis refuses the first write of a script when its memory is full. A script
 *   that frees memory begins with a deletion here, and so is let through.
 * - What would be packed for it comes as it is, and it gives of a claimed job
 *   what a worker needs of it.
 *
 * Each change looks for the text that it replaces, and without it nothing
 * starts: a new version of BullMQ cannot undo them unnoticed.
 *
 * @module
 */

import type { Redis } from "./redis_client.ts";
import { exchangeScript } from "./redis_exchange_script.ts";
import { ALSO_WHEN_FULL } from "./redis_scripts.ts";

/** Replaces text that has to be there. */
function replaced(lua: string, old: string, fresh: string): string {
  const parts = lua.split(old);
  if (parts.length === 2) return parts.join(fresh);
  throw new TypeError(`This version of BullMQ is not the one we know: ${old}`);
}

/** A job that gets its place once keeps it. */
function keepingPlaces(lua: string): string {
  return replaced(
    replaced(lua, `rcall("DEL", priorityCounterKey)`, ``),
    `rcall("LPUSH", activeKey, prioritizedJob[1])`,
    `rcall("LPUSH", activeKey, prioritizedJob[1])
    rcall("HSET", string.sub(priorityKey, 1, -12) .. prioritizedJob[1],
      "pl", prioritizedJob[2])`,
  );
}

/** Options and fields come as tables. */
function unpacked(lua: string, name: string): string {
  return replaced(lua, `cmsgpack.unpack(${name})`, name);
}

const tunedTake = (lua: string): string =>
  replaced(
    unpacked(keepingPlaces(lua), "ARGV[3]"),
    `rcall("HGETALL", jobKey)`,
    `rcall("HMGET", jobKey, "data", "r", "timestamp", "atm")`,
  );

const tunedFinish = (lua: string): string =>
  unpacked(unpacked(lua, "ARGV[8]"), "msgpackedFields");

const tunedPostpone = (lua: string): string => unpacked(lua, "msgpackedFields");

/** One script as the client keeps it. */
interface KnownScript {
  readonly lua: string;
  readonly numberOfKeys: number;
}

/** Changes the scripts that BullMQ has defined on a client that is new. */
export function tuneScripts(client: Redis): void {
  const known: unknown = Reflect.get(client, "scriptsSet");
  const scripts = Object.entries((known ?? {}) as Record<string, KnownScript>);
  const find = (name: string): readonly [string, KnownScript] => {
    const found = scripts.find(([full]) => full.startsWith(`${name}:`));
    if (found !== undefined) return found;
    throw new TypeError(`BullMQ has no ${name}`);
  };
  const luaOf = (name: string): string => find(name)[1].lua;
  const [extend, { lua, numberOfKeys }] = find("extendLock");
  client.defineCommand(extend, { lua: ALSO_WHEN_FULL + lua, numberOfKeys });
  client.defineCommand("reeve:exchange", {
    numberOfKeys: 1,
    lua: exchangeScript({
      take: tunedTake(luaOf("moveToActive")),
      finish: tunedFinish(luaOf("moveToFinished")),
      postpone: tunedPostpone(luaOf("moveToDelayed")),
    }),
  });
}
