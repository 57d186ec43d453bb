import { type Script, script } from '../scripts/script.ts'

// A stream is a sorted set whose members all have score 0, so that they are ordered by their bytes: 32 digits of the key, then the body.
// Finding a key or the start of a range takes time proportional to the logarithm of the stream's length.

/**
 * KEYS: registry, the stream. ARGV: name of the stream, then key and body of each event. Reply: a digit for each event, 1 if it was new.
 * Bodies begin with `{`, which sorts before `~`.
 */
export const appendScript: Script = script(`
local registry, stream, name = KEYS[1], KEYS[2], ARGV[1]
local stored = {}
local new = false
for i = 2, #ARGV, 2 do
  local key = ARGV[i]
  if redis.call('ZLEXCOUNT', stream, '[' .. key, '[' .. key .. '~') == 0 then
    if not new then redis.call('SADD', registry, name) end
    new = true
    redis.call('ZADD', stream, 0, key .. ARGV[i + 1])
    stored[#stored + 1] = '1'
  else
    stored[#stored + 1] = '0'
  end
end
return table.concat(stored)`)

/**
 * KEYS: the stream. ARGV: first and last key, 'ascending' or 'descending', the most events, and the length of bodies at which the page is full.
 * Reply: 1 if the range has no more events, else 0; then the members. They are read a few at a time, since bodies may be large.
 */
export const readScript: Script = script(`
local stream, limit, room = KEYS[1], tonumber(ARGV[4]), tonumber(ARGV[5])
local low, high = '[' .. ARGV[1], '[' .. ARGV[2] .. '~'
local ascending = ARGV[3] == 'ascending'
local reply = { 1 }
local few = 4
while true do
  local members
  local wanted = math.min(few, limit)
  if ascending then members = redis.call('ZRANGEBYLEX', stream, low, high, 'LIMIT', 0, wanted)
  else members = redis.call('ZREVRANGEBYLEX', stream, high, low, 'LIMIT', 0, wanted) end
  for _, member in ipairs(members) do
    reply[#reply + 1] = member
    limit = limit - 1
    room = room - (#member - 32)
    if ascending then low = '(' .. member else high = '(' .. member end
    if limit == 0 or room <= 0 then
      if redis.call('ZLEXCOUNT', stream, low, high) > 0 then reply[1] = 0 end
      return reply
    end
  end
  if #members < wanted then return reply end
  few = math.min(few * 2, 256)
end`)

/** KEYS: the stream. ARGV: first and last key. Reply: the number of events. */
export const countScript: Script = script(
  `return redis.call('ZLEXCOUNT', KEYS[1], '[' .. ARGV[1], '[' .. ARGV[2] .. '~')`,
)

/** KEYS: the stream. ARGV: first and last key, index of the event. Reply: its key, or nil. Found by rank, so the events before it are not read. */
export const keyAtScript: Script = script(`
local stream, index = KEYS[1], tonumber(ARGV[3])
if redis.call('ZLEXCOUNT', stream, '[' .. ARGV[1], '[' .. ARGV[2] .. '~') <= index then return false end
local rank = redis.call('ZLEXCOUNT', stream, '-', '(' .. ARGV[1]) + index
return string.sub(redis.call('ZRANGE', stream, rank, rank)[1], 1, 32)`)

/**
 * Deletes the oldest events of a range. KEYS: registry, the stream. ARGV: name of the stream, first and last key, the most events. Reply: the
 * number of events deleted. By rank, so that bodies are not read.
 */
export const deleteScript: Script = script(`
local registry, stream, name = KEYS[1], KEYS[2], ARGV[1]
local low = '[' .. ARGV[2]
local count = math.min(redis.call('ZLEXCOUNT', stream, low, '[' .. ARGV[3] .. '~'), tonumber(ARGV[4]))
if count > 0 then
  local rank = redis.call('ZLEXCOUNT', stream, '-', '(' .. ARGV[2])
  redis.call('ZREMRANGEBYRANK', stream, rank, rank + count - 1)
end
if redis.call('EXISTS', stream) == 0 then redis.call('SREM', registry, name) end
return count`)

/**
 * The streams in registries, page by page; one may come twice while others are added. KEYS: registries. ARGV: the most streams, where to continue
 * in the first registry. Reply: where to continue (ordinal of the registry from 0, place in it), or false; then the streams.
 */
export const streamsScript: Script = script(`
local room = tonumber(ARGV[1])
local reply = { false }
for at, registry in ipairs(KEYS) do
  local place = at == 1 and ARGV[2] or '0'
  repeat
    if room <= 0 then
      reply[1] = { at - 1, place }
      return reply
    end
    local found = redis.call('SSCAN', registry, place, 'COUNT', 256)
    place = found[1]
    room = room - #found[2]
    for _, name in ipairs(found[2]) do reply[#reply + 1] = name end
  until place == '0'
end
return reply`)
