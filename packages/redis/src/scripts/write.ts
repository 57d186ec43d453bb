import type { OriginalType } from '@kairos/core/driver'
import { EXPIRY } from './expiry.ts'
import { type Applying, applyNumbers, OVERFLOW, PACKED } from './packed.ts'
import { DELIST, indexedScript, LATE, NAMES_OF, SCORE_OF, type Script, UNESCAPE } from './script.ts'

/** The change of a chunk in one argument, which a chunk that is not there becomes; else `held` is what the key holds. */
export const WHOLE_CHANGE: string = `
  local change = ARGV[first]
  local held = redis.pcall('GET', ofKey)
  if type(held) == 'table' then return held.err end
  if not held then
    redis.call('SET', ofKey, change)
    return
  end`

/** Lua passes at most about 8,000 values at once. */
const inSlices = (command: string): string => `
  for i = first, last, 4000 do
    local reply = redis.pcall('${command}', key, unpack(args, i, math.min(i + 3999, last)))
    if type(reply) == 'table' and reply.err then return reply.err end
  end`

/**
 * Adds one pair at `i`; returns the error, if any. HINCRBY adds 64-bit integers, so it is only for sums of doubles that are exact: others are rounded as
 * they are everywhere else.
 */
const ADD_PAIR = `
    local change, rejection, sum = tonumber(args[i + 1]), nil, nil
    local reply = isExact(change) and redis.pcall('HINCRBY', key, args[i], args[i + 1])
    if type(reply) == 'number' then sum = reply end
    if sum and not isExact(sum) then
      redis.call('HINCRBY', key, args[i], string.format('%.0f', -change))
      sum = nil
    end
    if not sum then rejection, sum = addAsDouble(key, i, type(reply) == 'table' and reply.err, sums) end`

/** Each pair is a cell: one whose field holds something that cannot be added to does not affect the others. */
const inPairs = `
  local fault, rejected, sums = nil, {}, {}
  for i = first, last, 2 do
    ${ADD_PAIR}
    if rejection then
      fault = fault or rejection
      rejected[#rejected + 1] = args[i]
    end
    if sum == change then grown = true end
    if counts then tell(sum) end
  end
  if fault and #rejected * 2 > last - first then rejected = nil end
  return fault, rejected`

/** A hash that is not there becomes the pairs at once: no field comes twice in a write. */
const WHOLE_HASH = `
  if left == -2 then
    local exact = true
    for i = first + 1, last, 2 do exact = exact and isExact(tonumber(args[i])) end
    if exact then
      ${inSlices('HSET')}
      return
    end
  end`

/**
 * The pairs of a cell follow each other: if one cannot be added, those before it are taken back, and the ones after it are left out. In an interval
 * with a resolution, each field begins with the cell's offset; otherwise all are of one cell.
 */
const inCells = `
  ${WHOLE_HASH}
  local fault, rejected, sums = nil, {}, {}
  local function cellOf(i) return offsets == '1' and string.match(ARGV[i], '^%d+:') or '' end
  local function takeBack(i)
    local field, before = ARGV[i], sums[i]
    if before then redis.call('HSET', key, field, before)
    elseif before == false or redis.call('HINCRBY', key, field, '-' .. ARGV[i + 1]) == 0 then redis.call('HDEL', key, field) end
  end
  local i = first
  while i < last do
    ${ADD_PAIR}
    if rejection then
      fault = fault or rejection
      local cell, from = cellOf(i), i
      while from > first and cellOf(from - 2) == cell do
        from = from - 2
        takeBack(from)
      end
      while i < last and cellOf(i) == cell do i = i + 2 end
      for own = from, i - 2, 2 do rejected[#rejected + 1] = ARGV[own] end
    else i = i + 2 end
  end
  if fault and #rejected * 2 > last - first then rejected = nil end
  return fault, rejected`

const NO_NUMBER = 'ERR hash value is not an integer'

/** A variant of the script: it replaces cells; its chunks hold numbers. */
interface Variant {
  readonly replaces?: boolean
  readonly numbers?: boolean
}

/**
 * Writes chunks: data, expiry, index and registry in one step. After every call, *data that exist expire when they should, their chunk is in the
 * index, and their name is in the registry.* No process caches any of this, so if something else deletes a key, data do not become invisible or
 * permanent.
 *
 * KEYS: the marker, if any; then for each name and interval: registry, index, its chunks.
 * ARGV: the writer that the marker names, or '' without a marker; seconds until the marker expires; the millisecond of the server's clock after which
 * the script must not write, or ''; 'raise' to raise an error instead of reporting it, 'counts' to reply what counts are after it, or ''; then for each
 * name and interval: name, score of the oldest live chunk, '1' if elements begin with an offset, or how many fields a packed chunk has room for, number of chunks; and for each of its chunks: its expiry in
 * Unix seconds or '', number of arguments, arguments.
 *
 * Reply: nil if everything was written; 0 if the marker shows that the same writer has written it before, 1 if another writer has; 'late' and the time;
 * or the first error, and then two texts for each thing that was not written: the key of the chunk, and the field in it, or '' for the whole chunk. An error inside a script does not undo what was done before it, so commands that may fail are called with `pcall`. A server that
 * must not write (full, or a replica) rejects the script's first write, so nothing is applied, not even the marker. If it is a replica, that is raised
 * as an error, since this is how clients learn that they have lost their master.
 */
export const writing = (
  { functions = '', body }: Applying,
  { replaces = false, numbers = false }: Variant = {},
): Script =>
  indexedScript(`
local function failure(reply) return type(reply) == 'table' and reply.err or nil end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
${EXPIRY}
${SCORE_OF}
${NAMES_OF}
${UNESCAPE}
${replaces ? DELIST : ''}
${numbers ? PACKED : ''}
-- Lists a chunk. What its index, registry and names need besides is done once for all chunks of a run: at the first, and in "endRun" after the last.
local run
local function enlist(registry, index, name, chunk, expiry)
  local names = namesOf(registry)
  if not run.listed then
    run.left = { redis.call('PTTL', index), redis.call('PTTL', registry), redis.call('PTTL', names) }
  end
  local fault = failure(redis.pcall('ZADD', index, scoreOf(chunk), chunk))
  if not run.listed and not fault then
    fault = failure(redis.pcall('ZADD', registry, 'GT', scoreOf(chunk), name))
      or failure(redis.pcall('ZADD', names, 0, unescape(name)))
    if not fault then run.keys, run.listed, run.expiry = { index, registry, names }, scoreOf(chunk), expiry end
  end
  if fault then return fault end
  run.newest = scoreOf(chunk)
  if expiry == '' or run.expiry ~= '' and tonumber(expiry) > tonumber(run.expiry) then run.expiry = expiry end
end
local function endRun(registry, name)
  if not run.listed then return end
  if run.newest and run.newest > run.listed then redis.call('ZADD', registry, 'GT', run.newest, name) end
  for at, key in ipairs(run.keys) do extend(key, run.left[at], run.expiry) end
end
-- Drops the first dead chunks from an index: those that have expired, and those that never would, since their interval had no expiry when they
-- were written.
local function dropDead(index, live)
  for _, chunk in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', '(' .. live, 'LIMIT', 0, 16)) do
    local left = redis.call('PTTL', index .. ':' .. chunk)
    if left == -1 then redis.call('UNLINK', index .. ':' .. chunk) end
    if left < 0 then redis.call('ZREM', index, chunk) end
  end
end
-- Called with each new chunk: a few dead chunks of this name, and of names that are no longer written.
local function tidy(registry, index, live)
  dropDead(index, live)
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', registry, '-inf', '(' .. live, 'LIMIT', 0, 8)) do
    dropDead(registry .. ':' .. name, live)
    if redis.call('EXISTS', registry .. ':' .. name) == 0 then
      redis.call('ZREM', registry, name)
      redis.call('ZREM', namesOf(registry), unescape(name))
    end
  end
end
local args = ARGV
-- Whether whole numbers of this size are exact, so that a sum rounds nowhere.
local function isExact(number) return number < 9007199254740992 and number > -9007199254740992 end
-- Others and fractions are added as doubles and spelled with 17 digits, which gives the same bits as JavaScript. HINCRBYFLOAT adds long doubles. What was
-- there before is kept in "sums": false if there was nothing.
local function addAsDouble(key, i, fault, sums)
  if fault and not (string.find(fault, 'integer') or string.find(fault, 'overflow')) then return fault end
  local before = redis.pcall('HGET', key, args[i])
  if type(before) == 'table' then return before.err end
  local held = tonumber(before or 0)
  if not held then return fault or '${NO_NUMBER}' end
  local sum = held + args[i + 1]
  if sum - sum ~= 0 then return '${OVERFLOW}' end
  redis.call('HSET', key, args[i], string.format('%.17g', sum))
  sums[i] = before
  return nil, sum
end
local counts = ARGV[4] == 'counts' and {} or nil
local unexpected, ordinal = {}, 0
${functions}
local function apply(${functions === '' ? 'key' : 'ofKey'}, first, last, offsets, ${functions === '' ? 'left' : 'ofLeft'})${body}
end
local keyAt = 1
if ARGV[1] ~= '' then
  keyAt = 2
  local writer = redis.call('GET', KEYS[1])
  if writer then
    -- A batch that was rejected in part is rejected again in the same part, by any process that repeats it.
    local rejection = string.match(writer, ' (.*)')
    if rejection then return cjson.decode(rejection) end
    local own, reply = string.match(writer, '^([^=]*)=?(.*)$')
    if own ~= ARGV[1] then return 1 end
    return reply ~= '' and cjson.decode(reply) or 0
  end
end
if ARGV[3] ~= '' and now > tonumber(ARGV[3]) then return { '${LATE}', string.format('%d', now) } end
if ARGV[1] ~= '' then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
local report
local at = 5
while ARGV[at] do
  local registry, index = KEYS[keyAt], KEYS[keyAt + 1]
  local name, live, offsets, chunks = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  keyAt = keyAt + 2
  at = at + 4
  run = {}
  ${replaces ? 'local gone = false' : ''}
  for _ = 1, chunks do
    local key, expiry, first = KEYS[keyAt], ARGV[at], at + 2
    local chunk = string.sub(key, #index + 2)
    keyAt = keyAt + 1
    at = first + ARGV[at + 1]
    ordinal = ordinal + 1
    local left = redis.call('PTTL', key)
    local fault
    if left == -2 or endsTooSoon(left, expiry) then fault = enlist(registry, index, name, chunk, expiry) end
    local rejected
    if not fault then
      local done
      done, fault, rejected = pcall(apply, key, first, at - 1, offsets, left)
      if not done then
        local text = type(fault) == 'table' and fault.err or fault
        local replica = string.match(text, 'READONLY .*')
        return redis.error_reply(replica or text)
      end
    end
    if fault then
      local replica = string.match(fault, 'READONLY .*')
      if replica then return redis.error_reply(replica) end
      report = report or { fault }
      for _, field in ipairs(rejected or { '' }) do
        report[#report + 1] = key
        report[#report + 1] = field
      end
    end
    if rejected or not fault then
      setExpiry(key, left, expiry)
      if left == -2 then run.new = true end
    end${
      replaces
        ? `
    if redis.call('EXISTS', key) == 0 then gone = redis.call('ZREM', index, chunk) == 1 or gone end`
        : ''
    }
  end
  endRun(registry, name)
  -- The chunks have been written, whether tidying succeeds or not.
  if run.new then pcall(tidy, registry, index, live) end${
    replaces
      ? `
  if gone then delist(registry, index, name) end`
      : ''
  }
end
if report and ARGV[4] == 'raise' then return redis.error_reply(report[1]) end
local reply = ${replaces ? '{ report or false, unexpected }' : 'report or counts'}
if reply and ARGV[1] ~= '' then
  redis.call('SET', KEYS[1], ARGV[1] .. (reply == report and ' ' or '=') .. cjson.encode(reply), 'EX', ARGV[2])
end
return reply`)

/** Types of chunks: `numbers` are gauges of numbers. */
export type ChunkType = OriginalType | 'numbers'

/** The script that writes chunks of each type. */
export const writeScripts: Readonly<Record<ChunkType, Script>> = {
  count: writing(applyNumbers(true, inPairs), { numbers: true }),
  numbers: writing(applyNumbers(false, `grown = true${inSlices('HSET')}`), { numbers: true }),
  gauge: writing({ body: inSlices('HSET') }),
  histogram: writing({ body: inCells }),
  series: writing({ body: inSlices('RPUSH') }),
  set: writing({ body: inSlices('SADD') }),
}
