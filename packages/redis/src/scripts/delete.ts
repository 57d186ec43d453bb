import { type Script, script } from './script.ts'

/**
 * Deletes what names hold, some 1,000 chunks a call; each call leaves data, index and registry in agreement.
 * ARGV: registry, name, registry, name, … Reply: ordinal, from 0, of the pair to go on with; nil: all are gone.
 */
export const deleteScript: Script = script(`
local room = 1000
for i = 1, #ARGV, 2 do
  local registry, name = ARGV[i], ARGV[i + 1]
  local index = registry .. ':' .. name
  while true do
    local chunks = redis.call('ZRANGE', index, 0, 499)
    if #chunks == 0 then break end
    if room <= 0 then return (i - 1) / 2 end
    local keys = {}
    for n, chunk in ipairs(chunks) do keys[n] = index .. ':' .. chunk end
    redis.call('UNLINK', unpack(keys))
    redis.call('ZREM', index, unpack(chunks))
    room = room - #chunks
  end
  redis.call('ZREM', registry, name)
  room = room - 1
end`)

/** The names of registries, those of dead ones among them. ARGV: registries. Reply: a list of names for each. */
export const registeredScript: Script = script(`
local all = {}
for i = 1, #ARGV do all[i] = redis.call('ZRANGE', ARGV[i], 0, -1) end
return all`)
