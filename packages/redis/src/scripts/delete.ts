import { indexedScript, type Script } from './script.ts'

/**
 * Deletes the chunks of names, about 1,000 a call; each call leaves data, index and registry consistent.
 * KEYS: registry and index of each name. ARGV: the names. Reply: ordinal, from 0, of the name to continue with, or nil when all are deleted.
 */
export const deleteScript: Script = indexedScript(`
local room = 1000
for i, name in ipairs(ARGV) do
  local registry, index = KEYS[i * 2 - 1], KEYS[i * 2]
  while true do
    local chunks = redis.call('ZRANGE', index, 0, 499)
    if #chunks == 0 then break end
    if room <= 0 then return i - 1 end
    local keys = {}
    for n, chunk in ipairs(chunks) do keys[n] = index .. ':' .. chunk end
    redis.call('UNLINK', unpack(keys))
    redis.call('ZREM', index, unpack(chunks))
    room = room - #chunks
  end
  redis.call('ZREM', registry, name)
  room = room - 1
end`)
