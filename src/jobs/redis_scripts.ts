/**
 * What BullMQ has no script for, each as one step of Redis. They read and write
 * BullMQ's own keys: ready jobs in `prioritized` by priority and order, due
 * ones in `delayed` by time, held ones in `active` with a key of their own that
 * ends with the lease.
 *
 * @module
 */

import { ADD } from "./redis_add_script.ts";
import type { Redis } from "./redis_client.ts";
import {
  HEADS,
  IMPORT,
  REGISTER,
  ROOM,
  SEAL,
  TAILS,
} from "./redis_tenant_scripts.ts";

/**
 * Redis refuses the first write of a script when its memory is full, and none
 * after it. What takes jobs out must work then, so it begins with a deletion.
 */
export const ALSO_WHEN_FULL = `redis.call('DEL', KEYS[1] .. '::none')\n`;

const DROP_DEDUPE = `
local function dropDedupe(base, id)
  local key = redis.call('HGET', base .. id, 'deid')
  if not key then return end
  key = base .. 'de:' .. key
  if redis.call('GET', key) == id then redis.call('DEL', key) end
end
`;

/** Tells whoever waits that a job is ready, unless claims are held back. */
const WAKE = `
local function wake(base)
  if redis.call('HGET', base .. 'meta', 'paused') then return end
  redis.call('ZADD', base .. 'marker', 0, '0')
end
`;

/** Puts a job back to where it was among the ready ones. */
const TO_ITS_PLACE = WAKE + `
local function toItsPlace(base, id)
  local place = redis.call('HMGET', base .. id, 'pl', 'priority')
  redis.call('ZADD', base .. 'prioritized',
    place[1] or (tonumber(place[2]) or 0) * 0x100000000, id)
  wake(base)
end
`;

/**
 * KEYS: active, check; ARGV: base, now, stalls that are allowed, milliseconds
 * in which nobody else looks, error, text. Gives how long the lease that ends
 * next has left, or -1 when there is none.
 *
 * BullMQ's own look marks jobs and takes them at the next one, and puts them
 * before all priorities. A lease that has ended needs no second look.
 */
const RECLAIM = ALSO_WHEN_FULL + DROP_DEDUPE + TO_ITS_PLACE + `
if not redis.call('SET', KEYS[2], 1, 'PX', ARGV[4], 'NX') then
  return tonumber(ARGV[4])
end
local base = ARGV[1]
local events = base .. 'events'
local next = -1
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local job = base .. id
  local left = redis.call('PTTL', job .. ':lock')
  if left >= 0 then
    if next < 0 or left < next then next = left end
  else
    redis.call('LREM', KEYS[1], 1, id)
    local stalls = redis.call('HINCRBY', job, 'stc', 1)
    redis.call('XADD', events, 'MAXLEN', '~', 10000, '*', 'event', 'stalled',
      'jobId', id)
    if stalls > tonumber(ARGV[3]) then
      dropDedupe(base, id)
      redis.call('ZADD', base .. 'failed', ARGV[2], id)
      redis.call('HSET', job, 'failedReason', ARGV[6], 'error', ARGV[5],
        'reason', 'stalled', 'finishedOn', ARGV[2])
      redis.call('XADD', events, '*', 'event', 'failed', 'jobId', id,
        'failedReason', ARGV[6], 'prev', 'active')
    else
      toItsPlace(base, id)
      redis.call('XADD', events, '*', 'event', 'waiting', 'jobId', id,
        'prev', 'active')
    end
  end
end
return next
`;

/** KEYS: prioritized, marker, meta. Whether a job can be claimed. */
const GLANCE = `
if redis.call('ZCARD', KEYS[1]) == 0 then return 0 end
local held = redis.call('HMGET', KEYS[3], 'paused', 'concurrency')
if held[1] or held[2] then return 0 end
redis.call('ZADD', KEYS[2], 0, '0')
return 1
`;

/** Puts a claimed job back to its place; what is read before it is its base. */
export const GIVE_BACK_ONE = TO_ITS_PLACE + `
local function giveBack(id, token)
  local lock = base .. id .. ':lock'
  if redis.call('GET', lock) ~= token then return -1 end
  redis.call('DEL', lock)
  if redis.call('LREM', base .. 'active', 1, id) == 0 then return -1 end
  toItsPlace(base, id)
  redis.call('XADD', base .. 'events', 'MAXLEN', '~', 10000, '*', 'event',
    'waiting', 'jobId', id, 'prev', 'active')
  return 0
end
`;

/** KEYS: active; ARGV: base, id, token, progress. */
const PROGRESS = `
local job = ARGV[1] .. ARGV[2]
if redis.call('GET', job .. ':lock') ~= ARGV[3] then return 0 end
redis.call('HSET', job, 'progress', ARGV[4])
redis.call('XADD', ARGV[1] .. 'events', 'MAXLEN', '~', 10000, '*', 'event',
  'progress', 'jobId', ARGV[2], 'data', ARGV[4])
return 1
`;

/** KEYS: prioritized; ARGV: base, id. What became of a wish to cancel. */
const CANCEL = ALSO_WHEN_FULL + DROP_DEDUPE + `
local base, id = ARGV[1], ARGV[2]
local job = base .. id
if redis.call('EXISTS', job) == 0 then return 'missing' end
if redis.call('ZREM', KEYS[1], id) == 0
    and redis.call('ZREM', base .. 'delayed', id) == 0
    and redis.call('LREM', base .. 'wait', 0, id) == 0 then
  if redis.call('ZSCORE', base .. 'completed', id)
      or redis.call('ZSCORE', base .. 'failed', id) then
    return 'finished'
  end
  return 'active'
end
dropDedupe(base, id)
redis.call('DEL', job, job .. ':logs')
redis.call('XADD', base .. 'events', 'MAXLEN', '~', 10000, '*', 'event',
  'removed', 'jobId', id, 'prev', 'waiting')
return 'cancelled'
`;

/**
 * KEYS: delayed; ARGV: base, id, now, largest score of what is due. Puts a
 * scheduled job behind the ready ones of its priority. What has become due is
 * ready already, also where BullMQ has not moved it yet.
 */
const PROMOTE = WAKE + `
local base, id = ARGV[1], ARGV[2]
local due = redis.call('ZSCORE', KEYS[1], id)
if not due or tonumber(due) <= tonumber(ARGV[4]) then return 0 end
redis.call('ZREM', KEYS[1], id)
local priority = tonumber(redis.call('HGET', base .. id, 'priority')) or 0
redis.call('HSET', base .. id, 'delay', 0, 'ra', ARGV[3])
redis.call('ZADD', base .. 'prioritized', priority * 0x100000000 +
  redis.call('INCR', base .. 'pc') % 0x100000000, id)
wake(base)
redis.call('XADD', base .. 'events', 'MAXLEN', '~', 10000, '*', 'event',
  'waiting', 'jobId', id, 'prev', 'delayed')
return 1
`;

/** KEYS: failed; ARGV: base, id. Makes a dead job ready as if never run. */
const REPLAY = ALSO_WHEN_FULL + TO_ITS_PLACE + `
local base, id = ARGV[1], ARGV[2]
if redis.call('ZREM', KEYS[1], id) == 0 then return 0 end
redis.call('HDEL', base .. id, 'atm', 'ats', 'stc', 'finishedOn',
  'processedOn', 'failedReason', 'error', 'reason', 'progress')
toItsPlace(base, id)
redis.call('XADD', base .. 'events', 'MAXLEN', '~', 10000, '*', 'event',
  'waiting', 'jobId', id, 'prev', 'failed')
return 1
`;

/** KEYS: failed; ARGV: base, id. Deletes a dead job. */
const PURGE = ALSO_WHEN_FULL + `
local job = ARGV[1] .. ARGV[2]
if redis.call('ZREM', KEYS[1], ARGV[2]) == 0 then return 0 end
redis.call('DEL', job, job .. ':logs')
return 1
`;

const SCRIPTS = {
  add: { numberOfKeys: 1, lua: ADD },
  cancel: { numberOfKeys: 1, lua: CANCEL },
  glance: { numberOfKeys: 3, lua: GLANCE },
  heads: { numberOfKeys: 1, lua: HEADS },
  import: { numberOfKeys: 1, lua: IMPORT },
  progress: { numberOfKeys: 1, lua: PROGRESS },
  promote: { numberOfKeys: 1, lua: PROMOTE },
  purge: { numberOfKeys: 1, lua: PURGE },
  reclaim: { numberOfKeys: 2, lua: RECLAIM },
  register: { numberOfKeys: 3, lua: REGISTER },
  replay: { numberOfKeys: 1, lua: REPLAY },
  room: { numberOfKeys: 1, lua: ROOM },
  seal: { numberOfKeys: 2, lua: SEAL },
  tails: { numberOfKeys: 2, lua: TAILS },
} as const;

/** Names of our scripts. */
export type ScriptName = keyof typeof SCRIPTS | "exchange";

/** Makes our scripts known to a client, by names that no command has. */
export function defineScripts(client: Redis): void {
  for (const [name, script] of Object.entries(SCRIPTS)) {
    client.defineCommand(`reeve:${name}`, script);
  }
}

/** Runs one of our scripts; keys come first. */
export function runScript(
  client: Redis,
  name: ScriptName,
  args: readonly (string | number)[],
): Promise<unknown> {
  const command: unknown = Reflect.get(client, `reeve:${name}`);
  if (typeof command !== "function") {
    throw new TypeError(`The script ${name} is not defined`);
  }
  // One array, because there may be more than a call can take one by one.
  return command.call(client, args);
}
