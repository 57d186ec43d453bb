import type { TimeseriesType } from '@kairos/core/driver'
import { type Script, script } from './script.ts'

/** Lua hands over at most some 8,000 values at once. */
const inSlices = (command: string): string => `
  for i = first, last, 4000 do
    local reply = redis.pcall('${command}', key, unpack(ARGV, i, math.min(i + 3999, last)))
    if type(reply) == 'table' and reply.err then return reply.err end
  end`

/** Adds pair by pair, each for itself: one that the server refuses, for what stands in its field, keeps no other from being added. */
const inPairs = (mend: string): string => `
  local fault, refused = nil, {}
  for i = first, last, 2 do
    local reply = redis.pcall('HINCRBY', key, ARGV[i], ARGV[i + 1])
    if type(reply) == 'table' and not (${mend}) then
      fault = fault or reply.err
      refused[#refused + 1] = (i - first) / 2 + 1
    end
  end
  if fault and #refused * 2 > last - first then refused = nil end
  return fault, refused`

/**
 * How one chunk takes the arguments from `first` to `last`; returns what went wrong, or nothing, and where only some pairs were refused their
 * ordinals.
 */
const APPLY: Readonly<Record<TimeseriesType, string>> = {
  count: inPairs('addedAsDouble(key, ARGV[i], ARGV[i + 1], reply.err)'),
  histogram: inPairs('false'),
  gauge: inSlices('HSET'),
  series: inSlices('RPUSH'),
  set: inSlices('SADD'),
}

/**
 * Writes chunks: data, expiry, index and registry in one step. What holds after every call, as all of its keys are in one slot: *where data are,
 * they expire when they should, the index has their chunk and the registry their name.* Nothing of it is remembered outside the server, so that
 * no foreign deletion makes data invisible or immortal.
 *
 * ARGV: key of the marker or '', seconds that it stays, '1' to raise an error rather than report it; then for each name and interval: registry,
 * name, score of the oldest live chunk, number of chunks; and for each of its chunks: chunk, Unix seconds of its end or '' for none, number of
 * arguments, arguments.
 *
 * Reply: nil, or what went wrong first, and then for what was not written two numbers each: the ordinal of the chunk, from 1, and that of the pair
 * in it, 0 for the whole chunk. An error inside a script does not undo what was done before it, so what may fail is called with `pcall`. A
 * server that must not write (full, a replica) refuses the first write of a script, and with it all: no marker then, and no chunk.
 * That it is a replica is raised as an error, by which clients know that they have lost their master.
 */
const writing = (apply: string): Script =>
  script(`
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
local function scoreOf(chunk) return tonumber(string.match(chunk, '^-?%d+')) end
local function enlist(registry, index, name, chunk, expiry)
  local indexLeft, registryLeft = redis.call('PTTL', index), redis.call('PTTL', registry)
  local fault = failure(redis.pcall('ZADD', index, scoreOf(chunk), chunk))
    or failure(redis.pcall('ZADD', registry, 'GT', scoreOf(chunk), name))
  if fault then return fault end
  extend(index, indexLeft, expiry)
  extend(registry, registryLeft, expiry)
end
-- Drops dead chunks from the index and dead names from the registry, a few with each new chunk: as many as can have died since the last one.
-- Where the interval had no end before and has one now, everything older than this chunk gets its end too.
local function tidy(registry, index, chunk, expiry, live)
  local endless = expiry ~= '' and redis.call('PTTL', index) == -1
  local members = endless and redis.call('ZRANGE', index, 0, -1)
    or redis.call('ZRANGEBYSCORE', index, '-inf', '(' .. live, 'LIMIT', 0, 16)
  for _, member in ipairs(members) do
    local key = index .. ':' .. member
    local left = redis.call('PTTL', key)
    if left == -2 then redis.call('ZREM', index, member)
    elseif left == -1 and expiry ~= '' then
      if scoreOf(member) <= scoreOf(chunk) then redis.call('EXPIREAT', key, expiry) else endless = false end
    end
  end
  if endless then redis.call('EXPIREAT', index, expiry) end
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', registry, '-inf', '(' .. live, 'LIMIT', 0, 8)) do
    if redis.call('EXISTS', registry .. ':' .. name) == 0 then redis.call('ZREM', registry, name) end
  end
end
-- Fractions are added as doubles and spelled with 17 digits: the bits that JavaScript would give. HINCRBYFLOAT adds long doubles.
local function addedAsDouble(key, field, change, fault)
  if not (string.find(fault, 'integer') or string.find(fault, 'overflow')) then return false end
  local held = tonumber(redis.call('HGET', key, field) or 0)
  if held then redis.call('HSET', key, field, string.format('%.17g', held + change)) end
  return held
end
local function apply(key, first, last)${apply}
end
if ARGV[1] ~= '' and not redis.call('SET', ARGV[1], '', 'NX', 'EX', ARGV[2]) then return end
local report
local ordinal, at = 0, 4
while ARGV[at] do
  local registry, name, live, chunks = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local index = registry .. ':' .. name
  at = at + 4
  for _ = 1, chunks do
    local chunk, expiry, first = ARGV[at], ARGV[at + 1], at + 3
    at = first + ARGV[at + 2]
    ordinal = ordinal + 1
    local key = index .. ':' .. chunk
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
      if left == -2 then tidy(registry, index, chunk, expiry, live) end
    end
  end
end
if report and ARGV[3] == '1' then return redis.error_reply(report[1]) end
return report`)

/** The script that writes chunks of a type. */
export const writeScripts: Readonly<Record<TimeseriesType, Script>> = {
  count: writing(APPLY.count),
  gauge: writing(APPLY.gauge),
  histogram: writing(APPLY.histogram),
  series: writing(APPLY.series),
  set: writing(APPLY.set),
}
