/**
 * Scripts about all queues of a tenant, and about jobs that move between
 * places; see `redis_scripts.ts` for the others.
 *
 * @module
 */

/** KEYS: moved, queues, news; ARGV: queue. Gives where the jobs have moved. */
export const REGISTER = `
local moved = redis.call('GET', KEYS[1])
if moved then return moved end
if redis.call('SADD', KEYS[2], ARGV[1]) == 1 then
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', 1000, '*', 'queue', ARGV[1])
end
return false
`;

/**
 * KEYS: moved, queues; ARGV: prefix, place or nothing.
 *
 * A queue that may run no job at a time is sealed: BullMQ claims none of it,
 * and our script takes no more in.
 */
export const SEAL = `
local place = ARGV[2]
if place == '' then redis.call('DEL', KEYS[1])
else redis.call('SET', KEYS[1], place) end
for _, queue in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  local base = ARGV[1] .. ':' .. queue .. ':'
  if place == '' then
    redis.call('HDEL', base .. 'meta', 'concurrency')
    if not redis.call('HGET', base .. 'meta', 'paused') then
      redis.call('ZADD', base .. 'marker', 0, '0')
    end
  else
    redis.call('HSET', base .. 'meta', 'concurrency', 0)
  end
end
return 1
`;

/**
 * KEYS: queues; ARGV: prefix, most bodies to look at in each list. Gives the
 * number of unfinished jobs and the bytes of their bodies; those are measured
 * at jobs spread over each list and reckoned up from there.
 */
export const ROOM = `
local jobs, bytes = 0, 0
for _, queue in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local base = ARGV[1] .. ':' .. queue .. ':'
  local lists = {
    { 'ZCARD', 'ZRANGE', 'prioritized' }, { 'ZCARD', 'ZRANGE', 'delayed' },
    { 'LLEN', 'LRANGE', 'active' }, { 'LLEN', 'LRANGE', 'wait' },
  }
  for _, list in ipairs(lists) do
    local key = base .. list[3]
    local count = redis.call(list[1], key)
    if count > 0 then
      local step = math.max(1, count / tonumber(ARGV[2]))
      local seen, sum, at = 0, 0, 0
      while at < count do
        local rank = math.floor(at)
        local id = redis.call(list[2], key, rank, rank)[1]
        sum = sum + redis.call('HSTRLEN', base .. id, 'data')
        seen = seen + 1
        at = at + step
      end
      jobs = jobs + count
      bytes = bytes + sum / seen * count
    end
  end
end
return { jobs, math.floor(bytes) }
`;

/**
 * KEYS: prioritized; ARGV: base. Gives the ids at the head of each priority,
 * of which one has been ready longest.
 */
export const HEADS = `
local heads, from = {}, 0
while true do
  local head = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES',
    'LIMIT', 0, 1)
  if #head == 0 then return heads end
  table.insert(heads, head[1])
  from = (math.floor(tonumber(head[2]) / 0x100000000) + 1) * 0x100000000
end
`;

/**
 * KEYS: prioritized; ARGV: base, id, state, due time, end time, priority,
 * key against equal jobs, its end, then names and values of the job's fields.
 */
export const IMPORT = `
local base, id = ARGV[1], ARGV[2]
local job = base .. id
if redis.call('EXISTS', job) == 1 then return 0 end
local number = redis.call('INCR', base .. 'pc')
redis.call('HSET', job, 'name', number, unpack(ARGV, 9))
if ARGV[7] ~= '' then
  redis.call('HSET', job, 'deid', ARGV[7])
  redis.call('SET', base .. 'de:' .. ARGV[7], id, 'NX')
  if ARGV[8] ~= '' and redis.call('GET', base .. 'de:' .. ARGV[7]) == id then
    redis.call('PEXPIREAT', base .. 'de:' .. ARGV[7], ARGV[8])
  end
end
if ARGV[3] == 'dead' then
  redis.call('ZADD', base .. 'failed', ARGV[5], id)
elseif ARGV[3] == 'completed' then
  redis.call('ZADD', base .. 'completed', ARGV[5], id)
elseif ARGV[3] == 'scheduled' then
  redis.call('ZADD', base .. 'delayed', ARGV[4] * 0x1000, id)
  redis.call('ZADD', base .. 'marker', 0, '0')
else
  redis.call('ZADD', KEYS[1],
    ARGV[6] * 0x100000000 + number % 0x100000000, id)
  redis.call('ZADD', base .. 'marker', 0, '0')
end
return 1
`;

/** KEYS: queues, news; ARGV: prefix. Gives the last entry of each stream. */
export const TAILS = `
local function last(key)
  local entry = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
  return entry and entry[1] or '0-0'
end
local tails = { '', last(KEYS[2]) }
for _, queue in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  table.insert(tails, queue)
  table.insert(tails, last(ARGV[1] .. ':' .. queue .. ':events'))
end
return tails
`;
