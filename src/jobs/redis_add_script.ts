/**
 * Adding jobs as one step of Redis, however many there are.
 *
 * BullMQ has a script for each kind of job and adds one job with it; here one
 * call adds all of them, into BullMQ's own keys: what is ready into
 * `prioritized`, what waits for its time into `delayed`, and each job into a
 * hash of its own.
 *
 * @module
 */

/** Arguments of one job, after those of the call. */
export const ADD_ARGUMENTS = 9;

/** Answers of the script for one job; else it is a duplicate's id. */
export const ADDED = { enqueued: 0, replaced: 1 } as const;

/** The error of a queue that takes no jobs because they move elsewhere. */
export const SEALED = "SEALED The jobs have moved";

/**
 * Jobs whose time has come get their place before those that are added now.
 * Nobody is told: whoever may claim looks at the marker that follows.
 */
const PROMOTE_DUE = `
local due = redis.call('ZRANGEBYSCORE', delayed, 0, (now + 1) * 0x1000 - 1,
  'LIMIT', 0, 1000)
for _, id in ipairs(due) do
  local job = base .. id
  local place = redis.call('INCR', base .. 'pc') % 0x100000000
  local priority = tonumber(redis.call('HGET', job, 'priority')) or 0
  redis.call('ZREM', delayed, id)
  redis.call('ZADD', KEYS[1], priority * 0x100000000 + place, id)
  redis.call('HSET', job, 'delay', 0)
end
`;

/**
 * Gives who holds a key against equal jobs, and whether it has given way: a
 * job that is still scheduled does, if it is to be replaced. A key without an
 * end whose job is not there any more holds nobody.
 */
const HOLDER_OF = `
local function holderOf(key, mode)
  local holder = redis.call('GET', key)
  if not holder then return nil, false end
  local job = base .. holder
  if mode == 'replace' and redis.call('ZREM', delayed, holder) == 1 then
    redis.call('DEL', job, job .. ':logs')
    redis.call('XADD', events, 'MAXLEN', '~', 10000, '*', 'event', 'removed',
      'jobId', holder, 'prev', 'delayed')
    return holder, true
  end
  if redis.call('PTTL', key) == -1 and redis.call('EXISTS', job) == 0 then
    return nil, false
  end
  return holder, false
end
`;

/** Jobs of one time keep their order by a fraction of its millisecond. */
const SCHEDULE = `
local function schedule(id, runAt)
  local least, most = runAt * 0x1000, (runAt + 1) * 0x1000 - 1
  local last = redis.call('ZREVRANGEBYSCORE', delayed, most, least,
    'WITHSCORES', 'LIMIT', 0, 1)[2]
  local score = last and math.min(tonumber(last) + 1, most) or least
  redis.call('ZADD', delayed, score, id)
end
`;

/**
 * KEYS: prioritized; ARGV: base, now, then for each job its id, whether that
 * may be there already, body, our rules, priority, time of its first attempt or
 * 0 for now, key against equal jobs or nothing, milliseconds that this one
 * holds, and its mode. Gives one of {@linkcode ADDED} for each, or the id that
 * was there; the error {@linkcode SEALED} where a sealed queue takes none.
 *
 * A job's number is both the order of their being added and, for a ready one,
 * its place within its priority.
 */
export const ADD = `
local base, now = ARGV[1], tonumber(ARGV[2])
local delayed, events = base .. 'delayed', base .. 'events'
local held = redis.call('HMGET', base .. 'meta', 'paused', 'concurrency')
if held[2] then return redis.error_reply('${SEALED}') end
${PROMOTE_DUE}${HOLDER_OF}${SCHEDULE}
local count = (#ARGV - 2) / ${ADD_ARGUMENTS}
local number = redis.call('INCRBY', base .. 'pc', count) - count
local answers, hasReady, hasScheduled = {}, #due > 0, false
for at = 3, #ARGV, ${ADD_ARGUMENTS} do
  local id, key, answer = ARGV[at], ARGV[at + 6], ${ADDED.enqueued}
  local job = base .. id
  number = number + 1
  if ARGV[at + 1] == '1' and redis.call('EXISTS', job) == 1 then
    answer = id
  elseif key ~= '' then
    local holder, gaveWay = holderOf(base .. 'de:' .. key, ARGV[at + 8])
    if gaveWay then answer = ${ADDED.replaced} elseif holder then answer = holder end
    if answer ~= holder then
      if ARGV[at + 7] == '' then redis.call('SET', base .. 'de:' .. key, id)
      else redis.call('SET', base .. 'de:' .. key, id, 'PX', ARGV[at + 7]) end
    end
  end
  if type(answer) == 'number' then
    redis.call('HSET', job, 'name', number, 'data', ARGV[at + 2],
      'r', ARGV[at + 3], 'timestamp', ARGV[2], 'priority', ARGV[at + 4])
    if key ~= '' then redis.call('HSET', job, 'deid', key) end
    redis.call('XADD', events, 'MAXLEN', '~', 10000, '*', 'event', 'added',
      'jobId', id)
    if ARGV[at + 5] == '0' then
      hasReady = true
      redis.call('ZADD', KEYS[1],
        ARGV[at + 4] * 0x100000000 + number % 0x100000000, id)
    else
      hasScheduled = true
      redis.call('HSET', job, 'ra', ARGV[at + 5],
        'delay', ARGV[at + 5] - now)
      schedule(id, tonumber(ARGV[at + 5]))
    end
  end
  answers[#answers + 1] = answer
end
if hasScheduled then
  local next = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]
  if next then redis.call('ZADD', base .. 'marker', next / 0x1000, '1') end
end
if hasReady and not held[1] then
  redis.call('ZADD', base .. 'marker', 0, '0')
end
return answers
`;
