import { FIELDS_OF, PACKED } from './packed.ts'
import { BUCKET_OF_FIELD, indexedScript, SCORE_OF, type Script } from './script.ts'

/**
 * Finds the smallest and the largest bucket in a range. If a chunk is one bucket, its score is enough; otherwise the fields of the outermost chunks
 * decide. An index may list chunks that have gone, so finding the outermost one that exists may take several calls.
 *
 * KEYS: indexes. ARGV: how much to do; for continuing with the first index: direction, '1' (its first bucket) or '-1' (its last one), and the chunk
 * behind which to look; first and last bucket of the range, buckets in a chunk, fanOut.
 * Reply: where to continue (ordinal of the index from 0, direction, chunk), or false; then the buckets found, if any.
 */
export const boundsScript: Script = indexedScript(`
local room = tonumber(ARGV[1])
local first, last, buckets, fanOut = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
${PACKED}
${FIELDS_OF}
${SCORE_OF}
${BUCKET_OF_FIELD}
local function outermost(index, chunk, direction)
  local key, score = index .. ':' .. chunk, scoreOf(chunk)
  room = room - 4
  if buckets == 1 then return redis.call('EXISTS', key) == 1 and score or nil end
  local found
  local fields = fieldsOf(key)
  room = room - #fields
  for _, field in ipairs(fields) do
    local bucket = bucketOf(score, field)
    if bucket >= first and bucket <= last and (not found or (bucket - found) * direction < 0) then found = bucket end
  end
  return found
end
local from, to = math.floor(first / buckets), math.floor(last / buckets)
-- The first bucket found in this direction; or nil and the chunk at which the room was used up.
local function seek(index, direction, chunk)
  local low, high = redis.call('ZCOUNT', index, '-inf', '(' .. from), redis.call('ZCOUNT', index, '-inf', to) - 1
  local rank = direction == 1 and low or high
  if chunk ~= '' then
    rank = redis.call('ZRANK', index, chunk)
    if rank then rank = rank + direction
    elseif direction == 1 then rank = redis.call('ZCOUNT', index, '-inf', scoreOf(chunk))
    else rank = redis.call('ZCOUNT', index, '-inf', '(' .. scoreOf(chunk)) - 1 end
  end
  while rank >= low and rank <= high do
    if room <= 0 then return nil, chunk end
    chunk = redis.call('ZRANGE', index, rank, rank)[1]
    local bucket = outermost(index, chunk, direction)
    rank = rank + direction
    if bucket then
      -- The chunk for wide fields has the same score and may hold a bucket further out.
      local twin = buckets > 1 and rank >= low and rank <= high and redis.call('ZRANGE', index, rank, rank)[1]
      local other = twin and scoreOf(twin) == scoreOf(chunk) and outermost(index, twin, direction)
      return other and (other - bucket) * direction < 0 and other or bucket
    end
  end
end
local least, greatest
local function add(bucket)
  if bucket and (not least or bucket < least) then least = bucket end
  if bucket and (not greatest or bucket > greatest) then greatest = bucket end
end
for at, index in ipairs(KEYS) do
  local direction, chunk = 1, ''
  if at == 1 then direction, chunk = tonumber(ARGV[2]), ARGV[3] end
  local some = direction == -1
  while direction do
    if room <= 0 then return { { at - 1, direction, chunk }, least, greatest } end
    local bucket, stop = seek(index, direction, chunk)
    if stop then return { { at - 1, direction, stop }, least, greatest } end
    add(bucket)
    some = some or bucket
    direction = direction == 1 and some and -1 or nil
    chunk = ''
  end
end
return { false, least, greatest }`)
