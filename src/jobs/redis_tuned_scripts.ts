/**
 * Four small changes to the scripts of BullMQ 6.7.0, without which Redis would
 * keep weaker promises than the other backends:
 *
 * - Its counter for the order of ready jobs begins anew when none is ready,
 *   and nothing says which number a claimed job had. Here the counter goes on
 *   and a claimed job keeps its number, so that it returns to its place.
 * - Jobs that have become due get their number when somebody claims, which may
 *   be long after. Here they also get it before another job is added.
 * - All jobs had the same name; here it is the number of their being added.
 * - Redis refuses the first write of a script when its memory is full. A script
 *   that frees memory begins with a deletion here, and so is let through.
 *
 * Each change looks for the text that it replaces, and without it nothing
 * starts: a new version of BullMQ cannot undo them unnoticed.
 *
 * @module
 */

import type { Redis } from "./redis_client.ts";
import { ALSO_WHEN_FULL } from "./redis_scripts.ts";

/** Replaces text that has to be there. */
function replaced(lua: string, old: string, fresh: string): string {
  const parts = lua.split(old);
  if (parts.length === 2) return parts.join(fresh);
  throw new TypeError(`This version of BullMQ is not the one we know: ${old}`);
}

function keepingPlaces(lua: string): string {
  return replaced(
    replaced(lua, `rcall("DEL", priorityCounterKey)`, ``),
    `rcall("LPUSH", activeKey, prioritizedJob[1])`,
    `rcall("LPUSH", activeKey, prioritizedJob[1])
    rcall("HSET", string.sub(priorityKey, 1, -12) .. prioritizedJob[1],
      "pl", prioritizedJob[2])`,
  );
}

function numbered(lua: string): string {
  return replaced(
    lua,
    "storeJob(eventsKey, jobIdKey, jobId, args[3]",
    "storeJob(eventsKey, jobIdKey, jobId, jobCounter",
  );
}

const NOW = "local timestamp = args[4]\n";

const PROMOTE_FIRST = `
local due = rcall("ZRANGEBYSCORE", KEYS[5], 0, (timestamp + 1) * 0x1000 - 1,
  "LIMIT", 0, 1000)
for _, id in ipairs(due) do
  local job = args[1] .. id
  local place = rcall("INCR", priorityCounterKey)
  local score = tonumber(rcall("HGET", job, "priority")) or 0
  rcall("ZREM", KEYS[5], id)
  rcall("ZADD", priorityKey, score * 0x100000000 + place % 0x100000000, id)
  rcall("HSET", job, "delay", 0)
end
`;

function promotingFirst(lua: string): string {
  return replaced(lua, NOW, NOW + PROMOTE_FIRST);
}

type Change = (lua: string) => string;

const freeing: Change = (lua) => ALSO_WHEN_FULL + lua;

/** Names of BullMQ's scripts, without the version, and what changes there. */
const CHANGES: ReadonlyMap<string, Change> = new Map<string, Change>([
  ["addDelayedJob", numbered],
  ["addPrioritizedJob", (lua) => promotingFirst(numbered(lua))],
  ["extendLock", freeing],
  ["moveToActive", (lua) => freeing(keepingPlaces(lua))],
  ["moveToDelayed", keepingPlaces],
  ["moveToFinished", keepingPlaces],
]);

/** One script as the client keeps it. */
interface KnownScript {
  readonly lua: string;
  readonly numberOfKeys: number;
}

/** Changes the scripts that BullMQ has defined on a client that is new. */
export function tuneScripts(client: Redis): void {
  const known: unknown = Reflect.get(client, "scriptsSet");
  const scripts = Object.entries((known ?? {}) as Record<string, KnownScript>);
  for (const [name, change] of CHANGES) {
    const found = scripts.find(([full]) => full.startsWith(`${name}:`));
    if (found === undefined) throw new TypeError(`BullMQ has no ${name}`);
    const [full, { lua, numberOfKeys }] = found;
    client.defineCommand(full, { lua: change(lua), numberOfKeys });
  }
}
