import { FIELDS_OF, PACKED } from './packed.ts'
import { BUCKET_OF_FIELD, ESCAPE, indexedScript, NAMES_OF, type Script, script } from './script.ts'

/**
 * Lists the names in registries, page by page, in the order of their newest chunks; a name that is written meanwhile may come twice.
 *
 * KEYS: registries. ARGV: how much to do; score and name behind which to continue in the first registry. Reply: where to continue (ordinal of the registry
 * from 0, score, name), or false; then a list of names, as keys spell them, for each registry.
 */
export const registeredScript: Script = script(`
local room = tonumber(ARGV[1])
local replies = { false }
for at, registry in ipairs(KEYS) do
  local rank = 0
  local lastScore, lastName = '', ''
  if at == 1 and ARGV[2] ~= '' then
    lastScore, lastName = ARGV[2], ARGV[3]
    -- If the name has been written since, it has moved further back: then the names with its old score are listed again.
    if redis.call('ZSCORE', registry, lastName) == lastScore then rank = redis.call('ZRANK', registry, lastName) + 1
    else rank = redis.call('ZCOUNT', registry, '-inf', '(' .. lastScore) end
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
      names[#names + 1] = lastName
    end
    rank = rank + 64
  until #found < 128
end
return replies`)

/**
 * The next names of registries that have a live cell, in the order of their bytes. The score of a name decides, unless its newest chunk is the oldest one that
 * may be live: then the chunk's fields do.
 *
 * KEYS: registries. ARGV: how much to do; the most names to look at in each; the end of the range as ZRANGEBYLEX spells it; then for each registry: start of
 * the range, oldest live bucket, buckets in a chunk, fanOut.
 * Reply, for each registry: the start from which to continue, '' if the range holds no more, or false if there was no room to look; and the live names, but
 * for those of registries before it.
 */
export const pageScript: Script = indexedScript(`
local room, most, till = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
${ESCAPE}
${NAMES_OF}
${PACKED}
${FIELDS_OF}
local oldest, buckets, fanOut, from
${BUCKET_OF_FIELD}
local function lives(registry, name)
  local part = escape(name)
  local score = redis.call('ZSCORE', registry, part)
  if not score then return false end
  score = tonumber(score)
  if score ~= from or buckets == 1 then return score >= from end
  local index = registry .. ':' .. part
  for _, chunk in ipairs(redis.call('ZRANGEBYSCORE', index, score, score)) do
    local fields = fieldsOf(index .. ':' .. chunk)
    room = room - #fields
    for _, field in ipairs(fields) do
      if bucketOf(from, field) >= oldest then return true end
    end
  end
end
-- In another interval: a name is in one shard only.
local listed = {}
local replies = {}
for at, registry in ipairs(KEYS) do
  local start = ARGV[at * 4]
  oldest, buckets, fanOut = tonumber(ARGV[at * 4 + 1]), tonumber(ARGV[at * 4 + 2]), tonumber(ARGV[at * 4 + 3])
  from = math.floor(oldest / buckets)
  local names, next = {}, false
  if room > 0 then
    local found = redis.call('ZRANGEBYLEX', namesOf(registry), start, till, 'LIMIT', 0, most)
    room = room - 1
    for _, name in ipairs(found) do
      room = room - 2 - #name / 32
      if not listed[name] and lives(registry, name) then
        listed[name] = true
        names[#names + 1] = name
      end
    end
    next = #found < most and '' or '(' .. found[#found]
  end
  replies[at * 2 - 1], replies[at * 2] = next, names
end
return replies`)
