import { BUCKET_OF_FIELD, indexedScript, type Script } from './script.ts'

/**
 * Lists names in registries, page by page, without those that have no live cell. The score of a name decides, unless its newest chunk is the
 * oldest one that may be live: then the chunk's fields do.
 *
 * KEYS: registries. ARGV: how much to do; score and name behind which to continue in the first registry; then for each registry: oldest live bucket,
 * buckets in a chunk, fanOut. Reply: where to continue (ordinal of the registry from 0, score, name), or false; then a list of names for each registry.
 */
export const namesScript: Script = indexedScript(`
local room = tonumber(ARGV[1])
local replies = { false }
for at, registry in ipairs(KEYS) do
  local oldest, buckets, fanOut = tonumber(ARGV[at * 3 + 1]), tonumber(ARGV[at * 3 + 2]), tonumber(ARGV[at * 3 + 3])
  local from = math.floor(oldest / buckets)
  ${BUCKET_OF_FIELD}
  local function lives(name, score)
    if buckets == 1 or tonumber(score) > from then return true end
    local fields = redis.call('HKEYS', registry .. ':' .. name .. ':' .. score)
    room = room - #fields
    for _, field in ipairs(fields) do
      if bucketOf(from, field) >= oldest then return true end
    end
  end
  local rank
  local lastScore, lastName = '', ''
  if at == 1 and ARGV[2] ~= '' then
    lastScore, lastName = ARGV[2], ARGV[3]
    -- If the name has been written since, it has moved further back: then the names with its old score are listed again.
    if redis.call('ZSCORE', registry, lastName) == lastScore then rank = redis.call('ZRANK', registry, lastName) + 1
    else rank = redis.call('ZCOUNT', registry, '-inf', '(' .. lastScore) end
  else
    rank = redis.call('ZCOUNT', registry, '-inf', '(' .. string.format('%d', from))
  end
  local names = {}
  replies[at + 1] = names
  local found
  repeat
    found = redis.call('ZRANGE', registry, rank, rank + 63, 'WITHSCORES')
    for i = 1, #found, 2 do
      if room <= 0 then
        replies[1] = { at - 1, lastScore, lastName }
        return replies
      end
      lastName, lastScore = found[i], found[i + 1]
      room = room - 2 - #lastName / 32
      if lives(lastName, lastScore) then names[#names + 1] = lastName end
    end
    rank = rank + 64
  until #found < 128
end
return replies`)
