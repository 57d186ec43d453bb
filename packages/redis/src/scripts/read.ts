import { FIELDS_OF, PACKED } from './packed.ts'
import { BUCKET_OF_FIELD, indexedScript, SCORE_OF, type Script, script } from './script.ts'

/**
 * Reads the chunks of a range in the order of the indexes, a page at a time. The cost of a page is counted in `room`: each of these costs 1: an element
 * of a joined chunk, half an element of another chunk, 100 bytes, a quarter of a chunk. A chunk that fits into a page is read whole, as it is at that
 * moment; a larger one is read in parts.
 *
 * KEYS: indexes. ARGV: how much to do; for continuing with the first index: chunk, and the place inside it, or '' to continue behind it; first and last
 * bucket of the range, buckets in a chunk, fanOut.
 *
 * Reply: where to continue (ordinal of the index from 0, chunk, place inside it), or false; then a list for each index: chunk, its content, chunk, …
 * Parsing many small strings is what costs a client most, so if values never contain a space, a chunk comes as one string, joined by spaces.
 */
export const reading = (load: string, joined: boolean, numbers = false): Script =>
  indexedScript(`
local full = tonumber(ARGV[1])
local room = full
local first, last, buckets, fanOut = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local from, to = math.floor(first / buckets), math.floor(last / buckets)
${PACKED}
${FIELDS_OF}
${SCORE_OF}
${BUCKET_OF_FIELD}
local function take(elements, taken)
  local bytes = 0
  for _, element in ipairs(taken) do
    elements[#elements + 1] = element
    bytes = bytes + #element
  end
  room = room - #taken * ${joined ? 1 : 2} - bytes / 100
end
-- The content of the chunk from this place on, and where it stopped, if it did; nil if the chunk should wait for the next page.
local function load(key, score, inside)
  local elements = {}
  ${load}
end
local replies = { false }
for at, index in ipairs(KEYS) do
  local reply = {}
  replies[at + 1] = reply
  local chunk, inside, rank = '', '', nil
  if at == 1 and ARGV[2] ~= '' then
    chunk, inside = ARGV[2], ARGV[3]
    rank = redis.call('ZRANK', index, chunk)
    if not rank then rank, inside = redis.call('ZCOUNT', index, '-inf', scoreOf(chunk)), ''
    elseif inside == '' then rank = rank + 1 end
  end
  local slice
  repeat
    -- Where a read begins, one command finds the chunks of most names.
    if rank then slice = redis.call('ZRANGE', index, rank, rank + 31)
    else slice = redis.call('ZRANGEBYSCORE', index, from, to, 'LIMIT', 0, 32) end
    ${numbers ? FETCH : ''}
    for n, member in ipairs(slice) do
      local score = scoreOf(member)
      if score > to then
        slice = {}
        break
      end
      local elements, more
      ${
        numbers
          ? `if room > 0 and fetched[n] and (string.byte(fetched[n]) or 9) <= 8 then
        elements = { fetched[n] }
        room = room - #fetched[n] / 100
      elseif room > 0 then`
          : 'if room > 0 then'
      } elements, more = load(index .. ':' .. member, score, inside) end
      if not elements then
        replies[1] = { at - 1, chunk, inside }
        return replies
      end
      chunk = member
      room = room - 4
      if #elements > 0 or more or inside ~= '' then
        reply[#reply + 1] = member
        reply[#reply + 1] = ${joined ? "table.concat(elements, ' ')" : 'elements'}
      end
      if more then
        replies[1] = { at - 1, member, more }
        return replies
      end
      inside = ''
    end
    if #slice == 32 then rank = rank and rank + 32 or redis.call('ZRANK', index, slice[32]) + 1 end
  until #slice < 32
end
return replies`)

/** The packed chunks of a slice at once; false for those that are hashes. What begins with another byte than a width is left to `load`, which fails. */
const FETCH = `
    local keys, fetched, start = {}, {}, index .. ':'
    for n, member in ipairs(slice) do keys[n] = start .. member end
    if #keys > 0 and room > 0 then fetched = redis.call('MGET', unpack(keys)) end`

/** The fields in the range, after the place where the last page stopped. */
const fieldsInRange = `
  local fields, behind = {}, tonumber(inside) or -1
  for _, field in ipairs(fieldsOf(key)) do
    local bucket = bucketOf(score, field)
    field = tonumber(field)
    if field > behind and bucket >= first and bucket <= last then fields[#fields + 1] = field end
  end`

/** Of a packed hash, only the fields in the range; if they are not numbers, only a few at first, since texts may be long. */
const packed = (numbers: boolean): string => `
  if ${numbers} and score * buckets >= first and (score + 1) * buckets - 1 <= last then
    take(elements, redis.call('HGETALL', key))
    return elements
  end
  ${fieldsInRange}
  table.sort(fields)
  local few, i = ${numbers ? 128 : 4}, 1
  while i <= #fields do
    if room <= 0 then return elements, fields[i - 1] end
    local till = math.min(i + few - 1, #fields)
    local values = redis.call('HMGET', key, unpack(fields, i, till))
    local pairs = {}
    for n, value in ipairs(values) do
      pairs[n * 2 - 1] = tostring(fields[i + n - 1])
      pairs[n * 2] = value
    end
    take(elements, pairs)
    i, few = till + 1, math.min(few * 2, 128)
  end
  return elements`

const list = (few: number): string => `
  local place, few = tonumber(inside) or 0, ${few}
  repeat
    if room <= 0 then return elements, place end
    local part = redis.call('LRANGE', key, place, place + few - 1)
    take(elements, part)
    place = place + #part
    local done = #part < few
    few = math.min(few * 2, 4096)
  until done
  return elements`

/** A hash or a set of any size. */
const scanned = (size: string, whole: string, scan: string, few: number): string => `
  local size = redis.call('${size}', key)
  if inside == '' and size <= ${few} then
    take(elements, redis.call('${whole}', key))
    return elements
  end
  if inside == '' and room < full and size >= room then return nil end
  local place, few = inside, ${few}
  if place == '' then place = '0' end
  repeat
    local reply = redis.call('${scan}', key, place, 'COUNT', few)
    place = reply[1]
    take(elements, reply[2])
    few = math.min(few * 2, 1024)
  until place == '0' or room <= 0
  if place ~= '0' then return elements, place end
  return elements`

/** One script joins the elements of a chunk into one string, the other returns them apart. */
export interface ReadScripts {
  readonly joined: Script
  readonly apart: Script
}

/** Short elements are read many at a time, long ones a few. */
const pair = (load: (short: boolean) => string): ReadScripts => ({
  joined: reading(load(true), true),
  apart: reading(load(false), false),
})

/** Reads chunks of numbers: a packed one as it is, a hash joined. */
export const readNumbers: Script = reading(packed(true), true, true)
/**
 * Reads chunks of numbers that were missing or hashes a moment ago, without an index. KEYS: the chunks. Reply: for each a hash, joined by spaces; '' if it is missing; or the packed
 * chunk that it has become.
 */
export const readUnpacked: Script = script(`
local replies = {}
for n, key in ipairs(KEYS) do
  local held = redis.pcall('HGETALL', key)
  if held.err then
    replies[n] = redis.call('GET', key)
    if (string.byte(replies[n]) or 9) > 8 then return redis.error_reply(held.err) end
  else replies[n] = table.concat(held, ' ') end
end
return replies`)
/** Scripts that read chunks which are a hash of short fields, a list, a set or a hash. */
export const readPacked: ReadScripts = pair(packed)
export const readList: ReadScripts = pair((short) => list(short ? 512 : 16))
export const readSet: ReadScripts = pair((short) => scanned('SCARD', 'SMEMBERS', 'SSCAN', short ? 512 : 16))
export const readHash: ReadScripts = pair((short) => scanned('HLEN', 'HGETALL', 'HSCAN', short ? 512 : 16))
/** Reads only which fields a packed hash has. */
export const readFields: Script = reading(
  `${fieldsInRange}
  for n, field in ipairs(fields) do elements[n] = tostring(field) end
  room = room - #elements
  return elements`,
  true,
)
/** Reads only whether a chunk exists. */
export const readPresence: Script = reading(`return { redis.call('EXISTS', key) == 1 and '1' or nil }`, true)
/** Reads only how many members a set has. */
export const readSizes: Script = reading(`return { tostring(redis.call('SCARD', key)) }`, true)
