import { type Script, script } from './script.ts'

/**
 * Records what has no record yet, and replaces records that still stand as they were seen. Data of a replaced record are out of sight from that
 * moment on, since the new record has another generation, which is part of its keys; what is under the old ones is listed to be deleted.
 *
 * KEYS: the schema. ARGV: number of shards, schema record, '' or the schema record to replace after '='; then for each interval: name, fanOut,
 * '1' when fine, record, '' or the record to replace after '='.
 *
 * The hash: `layout`, `shards`, `generation` (the last one given out), `base` (that of intervals recorded first), `schema`,
 * `interval:{interval}` (generation, fanOut, fine and record, parted by spaces), `retired:{generation}:{interval}`. Reply: the whole hash.
 */
export const openScript: Script = script(`
local key = KEYS[1]
redis.call('HSETNX', key, 'layout', '1')
redis.call('HSETNX', key, 'shards', ARGV[1])
local function retire(interval, entry)
  redis.call('HSET', key, 'retired:' .. string.match(entry, '^%d+') .. ':' .. interval, '')
end
local schema = redis.call('HGET', key, 'schema')
if not schema then
  redis.call('HSET', key, 'schema', ARGV[2])
elseif ARGV[3] == '=' .. schema then
  for _, field in ipairs(redis.call('HKEYS', key)) do
    local interval = string.match(field, '^interval:(.*)$')
    if interval then
      retire(interval, redis.call('HGET', key, field))
      redis.call('HDEL', key, field)
    end
  end
  redis.call('HSET', key, 'schema', ARGV[2], 'base', redis.call('HINCRBY', key, 'generation', 1))
end
for i = 4, #ARGV, 5 do
  local field = 'interval:' .. ARGV[i]
  local entry = redis.call('HGET', key, field)
  local generation
  if not entry then
    generation = redis.call('HGET', key, 'base') or '0'
  elseif ARGV[i + 4] == '=' .. string.match(entry, '^%d+ %d+ [01] (.*)$') then
    retire(ARGV[i], entry)
    generation = redis.call('HINCRBY', key, 'generation', 1)
  end
  if generation then
    redis.call('HSET', key, field, generation .. ' ' .. ARGV[i + 1] .. ' ' .. ARGV[i + 2] .. ' ' .. ARGV[i + 3])
  end
end
return redis.call('HGETALL', key)`)

/** Forgets retired intervals whose data are gone. KEYS: the schema. ARGV: fields. */
export const forgetScript: Script = script(`return redis.call('HDEL', KEYS[1], unpack(ARGV))`)
