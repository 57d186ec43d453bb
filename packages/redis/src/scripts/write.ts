import type { OriginalType } from '@kairos/core/driver'
import { type Applying, OVERFLOW } from './applying.ts'
import { ENDS_TOO_SOON, EXPIRY } from './expiry.ts'
import { applyNumbers } from './numbers.ts'
import { PACKED } from './packed.ts'
import { RUNS } from './runs.ts'
import { DELIST, indexedScript, LATE, NAMES_OF, type Script, UNESCAPE } from './script.ts'

/** The change of a chunk in one argument, which a chunk that is not there becomes; else `held` is what the key holds. */
export const WHOLE_CHANGE: string = `
  local change = given[first]
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
  local fault, rejected, sums
  for i = first, last, 2 do
    ${ADD_PAIR}
    if rejection then
      fault, rejected = fault or rejection, rejected or {}
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
  local function cellOf(i) return offsets == '1' and string.match(given[i], '^%d+:') or '' end
  local function takeBack(i)
    local field, before = given[i], sums[i]
    if before then redis.call('HSET', key, field, before)
    elseif before == false or redis.call('HINCRBY', key, field, '-' .. given[i + 1]) == 0 then redis.call('HDEL', key, field) end
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
      for own = from, i - 2, 2 do rejected[#rejected + 1] = given[own] end
    else i = i + 2 end
  end
  if fault and #rejected * 2 > last - first then rejected = nil end
  return fault, rejected`

const NO_NUMBER = 'ERR hash value is not an integer'

/** A variant of the script: it replaces cells; it takes packed chunks apart. */
interface Variant {
  readonly replaces?: boolean
  readonly numbers?: boolean
}

/**
 * Writes chunks: data, expiry, index and registry in one step. After every call, *data that exist expire when they should, their chunk is in the
 * index, and their name is in the registry.* No process caches any of this, so if something else deletes a key, data do not become invisible or
 * permanent.
 *
 * KEYS: the marker, if any; in a cluster then all keys that are known, and otherwise one if there is no marker.
 * ARGV: the writer that the marker names, or '' without a marker; seconds until the marker expires; the millisecond of the server's clock after which
 * the script must not write, or ''; 'raise' to raise an error instead of reporting it, 'counts' to reply what counts are after it, or ''; JSON; the elements
 * that the JSON leaves out.
 *
 * The JSON is a list: what all keys begin with; the places of chunks, each of them the interval as keys spell it, its shape ('1' if elements begin with an offset, or
 * how many fields a packed chunk has room for), the chunk, its expiry in Unix seconds or false, and the score of the oldest live chunk; which steps were left
 * out; and the steps: for each name the name, its shard, how many chunks, and for each chunk the number of its place, how many elements, and those.
 * A server reads this in a third of the time that an argument for each takes.
 *
 * Reply: nil if everything was written; 0 if the marker shows that the same writer has written it before, 1 if another writer has; 'late' and the time;
 * or the first error, and then two texts for each thing that was not written: the key of the chunk, and the field in it, or '' for the whole chunk. An error inside a script does not undo what was done before it, so commands that may fail are called with `pcall`. A server that
 * must not write (full, or a replica) rejects the script's first write, so nothing is applied, not even the marker. If it is a replica, that is raised
 * as an error, since this is how clients learn that they have lost their master.
 */
export const writing = (
  { functions = '', body, quick = '' }: Applying,
  { replaces = false, numbers = false }: Variant = {},
): Script =>
  indexedScript(`
local function failure(reply) return type(reply) == 'table' and reply.err or nil end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
${EXPIRY}
${replaces ? `${NAMES_OF}\n${UNESCAPE}\n${DELIST}` : ''}
${numbers ? PACKED : ''}
local root, places, apart, given = unpack(cjson.decode(ARGV[5]))
for i, at in ipairs(apart) do given[at] = ARGV[i + 5] end
local args = given
-- The name whose chunks are written, what the keys of its shard begin with, and of which interval they are: a run.
local name, base, part
${RUNS}
-- Whether whole numbers of this size are exact, so that a sum rounds nowhere.
local function isExact(number) return number < 9007199254740992 and number > -9007199254740992 end
-- Others and fractions are added as doubles and spelled with 17 digits, which gives the same bits as JavaScript. HINCRBYFLOAT adds long doubles. What was
-- there before is kept in "sums", if that is wanted: false if there was nothing.
local function addAsDouble(key, i, fault, sums)
  if fault and not (string.find(fault, 'integer') or string.find(fault, 'overflow')) then return fault end
  local before = redis.pcall('HGET', key, args[i])
  if type(before) == 'table' then return before.err end
  local held = tonumber(before or 0)
  if not held then return fault or '${NO_NUMBER}' end
  local sum = held + args[i + 1]
  if sum - sum ~= 0 then return '${OVERFLOW}' end
  redis.call('HSET', key, args[i], string.format('%.17g', sum))
  if sums then sums[i] = before end
  return nil, sum
end
local counts = ARGV[4] == 'counts' and {} or nil
local unexpected, ordinal = {}, 0
${functions}
local function apply(${functions === '' ? 'key' : 'ofKey'}, first, last, offsets, ${functions === '' ? 'left' : 'ofLeft'}, place)${body}
end
if ARGV[1] ~= '' then
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
local function writeAll()
  local at, size = 1, #given
  while at <= size do
    local chunks = given[at + 2]
    name, base, part = given[at], root .. '{' .. given[at + 1] .. '}:', nil
    at = at + 3
    ${replaces ? 'local gone = false' : ''}
    for ordinalOfName = 1, chunks do
      local place = places[given[at]]
      local first, expiry, chunk = at + 2, place[4], place[3]
      at = first + given[at + 1]
      ordinal = ordinal + 1
      part = place[1]
      local key = base .. part .. ':' .. name .. ':' .. chunk
      local left = redis.call('PTTL', key)
      local isOver = ${ENDS_TOO_SOON}
      local fault, rejected
      if isOver then
        if not enlist then prepareRuns() end
        fault = enlist(chunk, expiry, place[5])
      end
      local isDone = false${quick}
      if not (fault or isDone) then fault, rejected = apply(key, first, at - 1, place[2], left, place) end
      if fault then
        -- Raised as an error.
        if string.find(fault, 'READONLY ') then error(fault, 0) end
        report = report or { fault }
        for _, field in ipairs(rejected or { '' }) do
          report[#report + 1] = key
          report[#report + 1] = field
        end
      end
      if rejected or not fault then
        if isOver or left == -1 then setExpiry(key, left, expiry) end
        if left == -2 then run.isNew = true end
      end${
        replaces
          ? `
      if redis.call('EXISTS', key) == 0 then gone = redis.call('ZREM', base .. part .. ':' .. name, chunk) == 1 or gone end`
          : ''
      }
      if run${replaces ? ' or gone' : ''} then
        local isLast = ordinalOfName == chunks or places[given[at]][1] ~= part
        if isLast and run then endRun() end${
          replaces
            ? `
        if isLast and gone then
          delist(base .. part, base .. part .. ':' .. name, name)
          gone = false
        end`
            : ''
        }
      end
    end
  end
end
local done, fault = pcall(writeAll)
if not done then
  local text = type(fault) == 'table' and fault.err or fault
  return redis.error_reply(string.match(text, 'READONLY .*') or text)
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
  count: writing(applyNumbers(true, inPairs)),
  numbers: writing(applyNumbers(false, `grown = true${inSlices('HSET')}`)),
  gauge: writing({ body: inSlices('HSET') }),
  histogram: writing({ body: inCells }),
  series: writing({ body: inSlices('RPUSH') }),
  set: writing({ body: inSlices('SADD') }),
}
