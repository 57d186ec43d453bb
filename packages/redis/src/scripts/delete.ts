import { indexedScript, type Script } from './script.ts'

/**
 * Deletes what names hold, some 1,000 chunks a call; each call leaves data, index and registry in agreement.
 * KEYS: registry and index of each name. ARGV: the names. Reply: ordinal, from 0, of the name to go on with; nil: all are gone.
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
