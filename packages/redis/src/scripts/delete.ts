import { FIELDS_OF, PACKED } from './packed.ts'
import { BUCKET_OF_FIELD, DELIST, IN_TIME, indexedScript, NAMES_OF, type Script, UNESCAPE } from './script.ts'

/**
 * Deletes the chunks of names, about 1,000 a call; each call leaves data, index and registry consistent.
 * KEYS: registry and index of each name. ARGV: the millisecond of the server's clock after which the script must not delete, or ''; the names.
 * Reply: ordinal, from 0, of the name to continue with, or nil when all are deleted; or 'late' and the time.
 */
export const deleteScript: Script = indexedScript(`
${NAMES_OF}
${UNESCAPE}
${IN_TIME}
local room = 1000
for i = 2, #ARGV do
  local name, registry, index = ARGV[i], KEYS[i * 2 - 3], KEYS[i * 2 - 2]
  while true do
    local chunks = redis.call('ZRANGE', index, 0, 499)
    if #chunks == 0 then break end
    if room <= 0 then return i - 2 end
    local keys = {}
    for n, chunk in ipairs(chunks) do keys[n] = index .. ':' .. chunk end
    redis.call('UNLINK', unpack(keys))
    redis.call('ZREM', index, unpack(chunks))
    room = room - #chunks
  end
  redis.call('ZREM', registry, name)
  redis.call('ZREM', namesOf(registry), unescape(name))
  room = room - 1
end`)

/**
 * Deletes the cells of a range, about 1,000 chunks a call; each call leaves data, index and registry consistent. The outermost chunks may also hold buckets
 * outside the range; those between are deleted whole.
 * KEYS: registry and index of each name. ARGV: the deadline; first and last bucket, buckets in a chunk, fanOut; the names.
 * Reply: as above.
 */
export const deletingRange = (clearing: string): Script =>
  indexedScript(`
${IN_TIME}
local room = 1000
local first, last, buckets, fanOut = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
${NAMES_OF}
${UNESCAPE}
${DELIST}
${PACKED}
${FIELDS_OF}
${BUCKET_OF_FIELD}
${clearing}
local from, to = math.floor(first / buckets), math.floor(last / buckets)
local low, high = math.ceil(first / buckets), math.floor((last + 1) / buckets) - 1
local function deletePart(index, score)
  for _, chunk in ipairs(redis.call('ZRANGEBYSCORE', index, score, score)) do
    local key = index .. ':' .. chunk
    local fields = fieldsOf(key)
    room = room - #fields / 8
    clear(key, fields, function(field)
      local bucket = bucketOf(score, field)
      return bucket >= first and bucket <= last
    end)
    if redis.call('EXISTS', key) == 0 then redis.call('ZREM', index, chunk) end
  end
end
for i = 6, #ARGV do
  local registry, index = KEYS[i * 2 - 11], KEYS[i * 2 - 10]
  if room <= 0 then return i - 6 end
  if from < low then deletePart(index, from) end
  if to > high and (to ~= from or from >= low) then deletePart(index, to) end
  while true do
    local chunks = redis.call('ZRANGEBYSCORE', index, low, high, 'LIMIT', 0, 500)
    if #chunks == 0 then break end
    if room <= 0 then
      delist(registry, index, ARGV[i])
      return i - 6
    end
    local keys = {}
    for n, chunk in ipairs(chunks) do keys[n] = index .. ':' .. chunk end
    redis.call('UNLINK', unpack(keys))
    redis.call('ZREM', index, unpack(chunks))
    room = room - #chunks
  end
  delist(registry, index, ARGV[i])
  room = room - 1
end`)

/** Deletes cells of a chunk of numbers or of a hash, if `gone` says so of their field. */
const CLEAR_NUMBERS = `
local function clear(key, fields, gone)
  local packed = isPacked(key) and unpackChunk(redis.call('GET', key))
  for _, field in ipairs(fields) do
    if gone(field) then
      if packed then setField(packed, field, nil) else redis.call('HDEL', key, field) end
    end
  end
  if not packed then return end
  if #presentIn(packed.bits) == 0 then redis.call('UNLINK', key) else saveChunk(key, packed) end
end`

export const deleteRangeScript: Script = deletingRange(CLEAR_NUMBERS)
