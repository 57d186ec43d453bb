import type { TimeseriesType } from '@kairos/core/driver'
import { indexedScript, SCORE_OF, type Script } from './script.ts'

/** Lua hands over at most some 8,000 values at once. */
const inSlices = (command: string): string => `
  for i = first, last, 4000 do
    local reply = redis.pcall('${command}', key, unpack(ARGV, i, math.min(i + 3999, last)))
    if type(reply) == 'table' and reply.err then return reply.err end
  end`

/** Adds pair by pair, each for itself: one that cannot be added, for what stands in its field, keeps no other from being added. */
const inPairs = `
  local fault, refused = nil, {}
  for i = first, last, 2 do
    local reply = redis.pcall('HINCRBY', key, ARGV[i], ARGV[i + 1])
    if type(reply) == 'table' then
      local refusal = addAsDouble(key, ARGV[i], ARGV[i + 1], reply.err)
      if refusal then
        fault = fault or refusal
        refused[#refused + 1] = (i - first) / 2 + 1
      end
    end
  end
  if fault and #refused * 2 > last - first then refused = nil end
  return fault, refused`

/**
 * How one chunk takes the arguments from `first` to `last`; returns what went wrong, or nothing, and where only some pairs were refused their
 * ordinals.
 */
const APPLY: Readonly<Record<TimeseriesType, string>> = {
  count: inPairs,
  histogram: inPairs,
  gauge: inSlices('HSET'),
  series: inSlices('RPUSH'),
  set: inSlices('SADD'),
}

/** What the scripts say where a write came after its deadline. */
export const LATE = 'late'
/** And of a sum that leaves the doubles. */
const OVERFLOW = 'OVERFLOW the sum is more than a number holds'

/**
 * Writes chunks: data, expiry, index and registry in one step. What holds after every call, as all of its keys are in one slot: *where data are,
 * they expire when they should, the index has their chunk and the registry their name.* Nothing of it is remembered outside the server, so that
 * no foreign deletion makes data invisible or immortal.
 *
 * KEYS: the marker, if there is one; then for each name and interval: registry, index, its chunks.
 * ARGV: who writes, in the marker, or '' where there is none; seconds that it stays; the millisecond of the server's clock after which nothing
 * is to be written any more, or ''; '1' to raise an error rather than report it; then for each name and interval: name, score of the oldest live
 * chunk, number of chunks; and for each of its chunks: Unix seconds of its end or '' for none, number of arguments, arguments.
 *
 * Reply: nil; 0 where the marker says that the same writer has written this before, 1 where another one has; 'late' and the time; or what went wrong
 * first, and then for what was not written two numbers each: the ordinal of the chunk, from 1, and that of the pair in it, 0 for the whole chunk. An
 * error inside a script does not undo what was done before it, so what may fail is called with `pcall`. A server that must not write (full, a
 * replica) refuses the first write of a script, and with it all: no marker then, and no chunk. That it is a replica is raised as an error, by which
 * clients know that they have lost their master.
 */
const writing = (apply: string): Script =>
  indexedScript(`
local function failure(reply) return type(reply) == 'table' and reply.err or nil end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- An end is moved away, never nearer. "left" is what PTTL told: -2 is no such key, -1 is no end.
local function endsTooSoon(left, expiry)
  return left >= 0 and (expiry == '' or now + left < expiry * 1000 - 500)
end
local function extend(key, left, expiry)
  if left == -2 or endsTooSoon(left, expiry) then
    if expiry == '' then redis.call('PERSIST', key) else redis.call('EXPIREAT', key, expiry) end
  end
end
${SCORE_OF}
local function enlist(registry, index, name, chunk, expiry)
  local indexLeft, registryLeft = redis.call('PTTL', index), redis.call('PTTL', registry)
  local fault = failure(redis.pcall('ZADD', index, scoreOf(chunk), chunk))
    or failure(redis.pcall('ZADD', registry, 'GT', scoreOf(chunk), name))
  if fault then return fault end
  extend(index, indexLeft, expiry)
  extend(registry, registryLeft, expiry)
end
-- Drops the first dead chunks from an index: those that have gone, and those that would never go, as their interval had no end when they were
-- written.
local function dropDead(index, live)
  for _, chunk in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', '(' .. live, 'LIMIT', 0, 16)) do
    local left = redis.call('PTTL', index .. ':' .. chunk)
    if left == -1 then redis.call('UNLINK', index .. ':' .. chunk) end
    if left < 0 then redis.call('ZREM', index, chunk) end
  end
end
-- A few with each new chunk: as many as can have died since the last one, and of those that died long ago.
local function tidy(registry, index, live)
  dropDead(index, live)
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', registry, '-inf', '(' .. live, 'LIMIT', 0, 8)) do
    dropDead(registry .. ':' .. name, live)
    if redis.call('EXISTS', registry .. ':' .. name) == 0 then redis.call('ZREM', registry, name) end
  end
end
-- Fractions are added as doubles and spelled with 17 digits: the bits that JavaScript would give. HINCRBYFLOAT adds long doubles.
local function addAsDouble(key, field, change, fault)
  if not (string.find(fault, 'integer') or string.find(fault, 'overflow')) then return fault end
  local held = tonumber(redis.call('HGET', key, field) or 0)
  if not held then return fault end
  local sum = held + change
  if sum - sum ~= 0 then return '${OVERFLOW}' end
  redis.call('HSET', key, field, string.format('%.17g', sum))
end
local function apply(key, first, last)${apply}
end
local keyAt = 1
if ARGV[1] ~= '' then
  keyAt = 2
  local writer = redis.call('GET', KEYS[1])
  if writer then return writer == ARGV[1] and 0 or 1 end
  if ARGV[3] ~= '' and now > tonumber(ARGV[3]) then return { '${LATE}', string.format('%d', now) } end
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
local report
local ordinal, at = 0, 5
while ARGV[at] do
  local registry, index = KEYS[keyAt], KEYS[keyAt + 1]
  local name, live, chunks = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  keyAt = keyAt + 2
  at = at + 3
  for _ = 1, chunks do
    local key, expiry, first = KEYS[keyAt], ARGV[at], at + 2
    local chunk = string.sub(key, #index + 2)
    keyAt = keyAt + 1
    at = first + ARGV[at + 1]
    ordinal = ordinal + 1
    local left = redis.call('PTTL', key)
    local fault
    if left == -2 or endsTooSoon(left, expiry) then fault = enlist(registry, index, name, chunk, expiry) end
    local refused
    if not fault then fault, refused = apply(key, first, at - 1) end
    if fault then
      local replica = string.match(fault, 'READONLY .*')
      if replica then return redis.error_reply(replica) end
      report = report or { fault }
      for _, pair in ipairs(refused or { 0 }) do
        report[#report + 1] = ordinal
        report[#report + 1] = pair
      end
    end
    if refused or not fault then
      if left ~= -1 then extend(key, left, expiry) elseif expiry ~= '' then redis.call('EXPIREAT', key, expiry) end
      -- What is done, is done, whatever becomes of this.
      if left == -2 then pcall(tidy, registry, index, live) end
    end
  end
end
if report and ARGV[4] == '1' then return redis.error_reply(report[1]) end
return report`)

/** The script that writes chunks of a type. */
export const writeScripts: Readonly<Record<TimeseriesType, Script>> = {
  count: writing(APPLY.count),
  gauge: writing(APPLY.gauge),
  histogram: writing(APPLY.histogram),
  series: writing(APPLY.series),
  set: writing(APPLY.set),
}
