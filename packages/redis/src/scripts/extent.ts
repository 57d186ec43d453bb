import { type Script, script } from './script.ts'

/** The bucket of a field, as layout.ts places them; needs `buckets` and `fanOut` of the layout. */
const BUCKET_OF_FIELD = `
local function bucketOf(score, field)
  field = tonumber(field)
  if field < 128 then return score * buckets + math.floor(field / fanOut) end
  return score * buckets + math.floor((field - 128) / 16384)
end`

/**
 * Smallest and largest bucket in a range. ARGV: first and last bucket, buckets in a chunk, fanOut, indexes. Reply: nil, or both.
 * Chunks of one bucket are known by their scores; of others the fields of the outermost ones decide.
 */
export const boundsScript: Script = script(`
local first, last, buckets, fanOut = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
${BUCKET_OF_FIELD}
local function bucketsIn(index, chunk, score)
  local key = index .. ':' .. chunk
  if buckets == 1 then
    if redis.call('EXISTS', key) == 1 then return score, score end
    return
  end
  local low, high
  for _, field in ipairs(redis.call('HKEYS', key)) do
    local bucket = bucketOf(score, field)
    if bucket >= first and bucket <= last then
      if not low or bucket < low then low = bucket end
      if not high or bucket > high then high = bucket end
    end
  end
  return low, high
end
local function outermost(command, index, from, to)
  local offset = 0
  while true do
    local found = redis.call(command, index, from, to, 'WITHSCORES', 'LIMIT', offset, 8)
    if #found == 0 then return end
    for i = 1, #found, 2 do
      local low, high = bucketsIn(index, found[i], tonumber(found[i + 1]))
      if low then return low, high end
    end
    offset = offset + 8
  end
end
local from, to = math.floor(first / buckets), math.floor(last / buckets)
local least, greatest
for i = 5, #ARGV do
  local low = outermost('ZRANGEBYSCORE', ARGV[i], from, to)
  if low then
    local _, high = outermost('ZREVRANGEBYSCORE', ARGV[i], to, from)
    if not least or low < least then least = low end
    if not greatest or high > greatest then greatest = high end
  end
end
if least then return { least, greatest } end`)

/**
 * Names that hold a live cell. ARGV, for each registry: registry, score of the oldest live chunk, oldest live bucket, buckets in a chunk, fanOut.
 * A name whose newest chunk is the oldest live one is looked at; every other is told by its score.
 */
export const namesScript: Script = script(`
local names = {}
for i = 1, #ARGV, 5 do
  local registry, oldest, buckets, fanOut = ARGV[i], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
  ${BUCKET_OF_FIELD}
  local function lives(name, score)
    if buckets == 1 or score > math.floor(oldest / buckets) then return true end
    for _, field in ipairs(redis.call('HKEYS', registry .. ':' .. name .. ':' .. ARGV[i + 1])) do
      if bucketOf(score, field) >= oldest then return true end
    end
  end
  local found = redis.call('ZRANGEBYSCORE', registry, ARGV[i + 1], '+inf', 'WITHSCORES')
  for at = 1, #found, 2 do
    if lives(found[at], tonumber(found[at + 1])) then names[#names + 1] = found[at] end
  end
end
return names`)
