import { type Script, script } from './script.ts'

/*
 * The hash with the records of a type has the fields `layout`, `shards`, `generation` (the last one assigned), `base` (the generation of new
 * intervals), `schema`, `interval:{interval}` (generation, fanOut, hasResolution, fields and record, separated by spaces) and
 * `retired:{generation}:{interval}`.
 *
 * While a process replaces records, it also has `closing` (the token of that process, and the millisecond of the server's clock at which the mark
 * ends), and the marked records: `closing:{interval}`, or `closing*` for all.
 */

const CLOSING = `
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local closing = redis.call('HGET', key, 'closing')
local token, till = string.match(closing or '', '^(.*) (%d+)$')
local left = till and tonumber(till) - now or 0
local function forgetMark()
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 7) == 'closing' then redis.call('HDEL', key, field) end
  end
end
local function closes(interval)
  return left > 0 and (redis.call('HEXISTS', key, 'closing*') == 1 or redis.call('HEXISTS', key, 'closing:' .. interval) == 1)
end`

/**
 * Adds the records that are missing. KEYS: the schema. ARGV: number of shards, schema record; then for each interval: name, fanOut, '1' with a resolution,
 * fields of a hash, record. Reply: if another process is replacing one of these records, for how many milliseconds its mark lasts, and then
 * nothing was done; otherwise the server's time in seconds and microseconds, and the hash.
 */
export const openScript: Script = script(`
${CLOSING}
for i = 3, #ARGV, 5 do
  if closes(ARGV[i]) then return left end
end
redis.call('HSETNX', key, 'layout', '1')
redis.call('HSETNX', key, 'shards', ARGV[1])
redis.call('HSETNX', key, 'schema', ARGV[2])
for i = 3, #ARGV, 5 do
  local field = 'interval:' .. ARGV[i]
  if redis.call('HEXISTS', key, field) == 0 then
    local shape = ARGV[i + 1] .. ' ' .. ARGV[i + 2] .. ' ' .. ARGV[i + 3] .. ' ' .. ARGV[i + 4]
    redis.call('HSET', key, field, (redis.call('HGET', key, 'base') or '0') .. ' ' .. shape)
  end
end
return { time[1], time[2], redis.call('HGETALL', key) }`)

/**
 * Marks records that are about to be replaced, unless they have changed. KEYS: the schema. ARGV: token, milliseconds that the mark lasts, the schema
 * record after '=' or ''; then intervals and their records. Reply: nil if all have changed; for how many milliseconds another mark lasts; or the hash.
 */
export const markScript: Script = script(`
${CLOSING}
if left > 0 then return left end
forgetMark()
local marked = false
if ARGV[3] ~= '' then
  if ARGV[3] == '=' .. (redis.call('HGET', key, 'schema') or '') then
    redis.call('HSET', key, 'closing*', '')
    marked = true
  end
else
  for i = 4, #ARGV, 2 do
    local entry = redis.call('HGET', key, 'interval:' .. ARGV[i])
    if entry and string.match(entry, '^%d+ %d+ [01] %d+ (.*)$') == ARGV[i + 1] then
      redis.call('HSET', key, 'closing:' .. ARGV[i], '')
      marked = true
    end
  end
end
if not marked then return nil end
redis.call('HSET', key, 'closing', ARGV[1] .. ' ' .. string.format('%d', now + ARGV[2]))
return redis.call('HGETALL', key)`)

/**
 * Replaces the records marked with this token, and removes the mark; does nothing if the mark has ended or belongs to another process. From then on
 * the data of a replaced record are not read, since the new record has another generation, which is part of its keys; the old interval is listed
 * as retired, to be deleted.
 *
 * KEYS: the schema. ARGV: token, the new schema record after '=' or ''; then for each interval to replace: name, fanOut, '1' with a resolution, fields of a
 * hash, record. Reply: 1 if the records were replaced, else 0.
 */
export const swapScript: Script = script(`
${CLOSING}
if token ~= ARGV[1] then return 0 end
forgetMark()
if left <= 0 then return 0 end
local function retire(field)
  local entry = redis.call('HGET', key, field)
  redis.call('HSET', key, 'retired:' .. string.match(entry, '^%d+') .. ':' .. string.sub(field, 10), '')
end
if ARGV[2] ~= '' then
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 9) == 'interval:' then
      retire(field)
      redis.call('HDEL', key, field)
    end
  end
  redis.call('HSET', key, 'schema', string.sub(ARGV[2], 2), 'base', redis.call('HINCRBY', key, 'generation', 1))
end
for i = 3, #ARGV, 5 do
  local field = 'interval:' .. ARGV[i]
  retire(field)
  local shape = ARGV[i + 1] .. ' ' .. ARGV[i + 2] .. ' ' .. ARGV[i + 3] .. ' ' .. ARGV[i + 4]
  redis.call('HSET', key, field, redis.call('HINCRBY', key, 'generation', 1) .. ' ' .. shape)
end
return 1`)

/**
 * The state of an open store's records. Records lost to a flush or an eviction are restored.
 *
 * KEYS: the schema. ARGV: base and generation at opening; number of intervals, their names; then fields and values at opening.
 * Reply: standing, closing or replaced.
 */
export const stateScript: Script = script(`
${CLOSING}
for i = 4, 3 + ARGV[3] do
  if closes(ARGV[i]) then return 'closing' end
end
if redis.call('HEXISTS', key, 'schema') == 0 then
  redis.call('HSET', key, 'base', ARGV[1], 'generation', ARGV[2])
elseif (redis.call('HGET', key, 'base') or '0') ~= ARGV[1] then
  return 'replaced'
end
for i = 4 + ARGV[3], #ARGV, 2 do
  local value = redis.call('HGET', key, ARGV[i])
  if not value then redis.call('HSET', key, ARGV[i], ARGV[i + 1])
  elseif value ~= ARGV[i + 1] then return 'replaced' end
end
return 'standing'`)

/** Removes retired intervals whose data has been deleted. KEYS: the schema. ARGV: their fields. */
export const forgetScript: Script = script(`return redis.call('HDEL', KEYS[1], unpack(ARGV))`)
