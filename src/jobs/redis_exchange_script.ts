/**
 * Ending many jobs and claiming the next ones as one step of Redis, by BullMQ's
 * own scripts: each of them does it for one job and becomes a function here.
 *
 * @module
 */

import { ALSO_WHEN_FULL, GIVE_BACK_ONE } from "./redis_scripts.ts";

/** Bodies of BullMQ's scripts; options and fields are tables, not packed. */
export interface BullScripts {
  /** `moveToActive`; gives a job's body, rules, creation time and attempts. */
  readonly take: string;
  /** `moveToFinished`. */
  readonly finish: string;
  /** `moveToDelayed`. */
  readonly postpone: string;
}

/** Arguments of one job that ends, after those of the call. */
export const END_ARGUMENTS = 7;

/** What a worker needs of a claimed job, as so many answers. */
export const TAKEN_ANSWERS = 5;

/** Completed jobs that are kept: so many, for so many seconds. */
const KEEP_COMPLETED = `{ count = 1000, age = ${24 * 60 * 60} }`;

/** Dead jobs are kept for so many seconds. */
const KEEP_DEAD = `{ age = ${90 * 24 * 60 * 60} }`;

function asFunction(name: string, lua: string): string {
  return `local function ${name}(KEYS, ARGV)\n${lua}\nend\n`;
}

/**
 * Keys in the order in which BullMQ's scripts take them. The ones that hold
 * something for another use than ours are there and always empty.
 */
const KEYS_OF = `
local base, now = ARGV[1], ARGV[2]
local function keysOf(...)
  local keys = { ... }
  for at, name in ipairs(keys) do keys[at] = base .. name end
  return keys
end
local takeKeys = keysOf('wait', 'active', 'prioritized', 'events', 'stalled',
  'limiter', 'delayed', 'paused', 'meta', 'pc', 'marker')
local postponeKeys = keysOf('marker', 'active', 'prioritized', 'delayed', '',
  'events', 'meta', 'stalled', 'wait', 'limiter', 'pc')
local finishKeys = keysOf('wait', 'active', 'prioritized', 'events', 'stalled',
  'limiter', 'delayed', 'paused', 'meta', 'pc', '', '', 'metrics', 'marker')
`;

const END = `
local function finished(id, token, at, set, field, value, keep, fields)
  finishKeys[11], finishKeys[12] = base .. set, base .. id
  return finish(finishKeys, { id, at, field, value, set, '0', base,
    { token = token, keepJobs = keep, attempts = math.huge,
      maxMetricsSize = '' }, fields })
end
local function ended(kind, id, token, at, value, error, reason)
  if kind == 'return' then return giveBack(id, token) end
  if kind == 'complete' then
    return finished(id, token, at, 'completed', 'returnvalue', value,
      ${KEEP_COMPLETED})
  end
  if kind == 'dead' then
    return finished(id, token, at, 'failed', 'failedReason', value,
      ${KEEP_DEAD}, { 'error', error, 'reason', reason })
  end
  postponeKeys[5] = base .. id
  return postpone(postponeKeys, { base, now, id, token,
    math.max(0, at - now), '0', { 'error', error, 'ra', at }, '0' })
end
`;

/**
 * KEYS: active; ARGV: base, now, most jobs to claim, milliseconds that they are
 * held, beginning of their tokens, to which each one's number is added, then
 * for each job that ends how, its id, its token, when, its result or message,
 * error and reason. Gives BullMQ's code for each of those, negative when it was
 * not held any more, what was claimed, and when the next job is due.
 */
export function exchangeScript(scripts: BullScripts): string {
  return ALSO_WHEN_FULL +
    asFunction("take", scripts.take) +
    asFunction("finish", scripts.finish) +
    asFunction("postpone", scripts.postpone) +
    KEYS_OF + GIVE_BACK_ONE + END + `
local codes, taken, nextAt = {}, {}, false
for at = 6, #ARGV, ${END_ARGUMENTS} do
  codes[#codes + 1] = ended(unpack(ARGV, at, at + ${END_ARGUMENTS - 1}))
end
for number = 1, tonumber(ARGV[3]) do
  local got = take(takeKeys, { base, now,
    { token = ARGV[5] .. number, lockDuration = ARGV[4] } })
  local job = got[1]
  if job == 0 then
    nextAt = got[4]
    break
  end
  taken[#taken + 1] = got[2]
  for answer = 1, ${TAKEN_ANSWERS - 1} do taken[#taken + 1] = job[answer] end
end
return { codes, taken, nextAt }
`;
}
