import { type Script, script } from './script.ts'

/** The version of everything that is stored. */
export const LAYOUT = '2'

/*
 * The hash with the records of a type has the fields `layout`, `shards`, `generation` (the last one assigned), `base` (the generation of new
 * intervals), `schema`, `facts`, `interval:{interval}` (generation, fanOut, hasResolution, fields and record, separated by spaces), `facts:{interval}`,
 * `retired:{generation}:{interval}`, and after an interval was dropped `next:{interval}` (the generation with which it is recorded again).
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
 * Adds the records that are missing, and renews the facts of intervals. It writes only what differs, so that a process which may not write can open
 * what is recorded. KEYS: the schema. ARGV: number of shards, schema record, its facts; then for each interval: name, fanOut, '1' with a resolution,
 * fields of a hash, record, facts. Reply: if another process is replacing one of these records, for how many milliseconds its mark lasts, and then
 * nothing was done; otherwise the server's time in seconds and microseconds, and the hash.
 */
export const openScript: Script = script(`
${CLOSING}
for i = 4, #ARGV, 6 do
  if closes(ARGV[i]) then return left end
end
local function add(field, value)
  if redis.call('HEXISTS', key, field) == 0 then redis.call('HSET', key, field, value) end
end
add('layout', '${LAYOUT}')
add('shards', ARGV[1])
if redis.call('HEXISTS', key, 'schema') == 0 then redis.call('HSET', key, 'schema', ARGV[2], 'facts', ARGV[3]) end
for i = 4, #ARGV, 6 do
  local field = 'interval:' .. ARGV[i]
  if redis.call('HEXISTS', key, field) == 0 then
    local shape = ARGV[i + 1] .. ' ' .. ARGV[i + 2] .. ' ' .. ARGV[i + 3] .. ' ' .. ARGV[i + 4]
    local generation = redis.call('HGET', key, 'next:' .. ARGV[i]) or redis.call('HGET', key, 'base') or '0'
    redis.call('HSET', key, field, generation .. ' ' .. shape)
  end
  if redis.call('HGET', key, 'facts:' .. ARGV[i]) ~= ARGV[i + 5] then redis.pcall('HSET', key, 'facts:' .. ARGV[i], ARGV[i + 5]) end
end
return { time[1], time[2], redis.call('HGETALL', key) }`)

/** Adds a place, if that is allowed. KEYS: the places. ARGV: the place. */
export const addPlaceScript: Script = script(`
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0 then redis.pcall('SADD', KEYS[1], ARGV[1]) end`)

/** KEYS: the places. ARGV: the place. */
export const removePlaceScript: Script = script(`return redis.call('SREM', KEYS[1], ARGV[1])`)

/** KEYS: the places. Reply: all of them. */
export const placesScript: Script = script(`return redis.call('SMEMBERS', KEYS[1])`)

/** KEYS: a schema. Reply: the hash. */
export const schemaScript: Script = script(`return redis.call('HGETALL', KEYS[1])`)

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

const SWAP = `
${CLOSING}
if token ~= ARGV[1] then return 0 end
forgetMark()
if left <= 0 then return 0 end
local function retire(field)
  local entry = redis.call('HGET', key, field)
  redis.call('HSET', key, 'retired:' .. (string.match(entry, '^%d+') or '0') .. ':' .. string.sub(field, 10), '')
end
local function retireAll()
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 9) == 'interval:' then retire(field) end
    if string.match(field, '^interval:') or string.match(field, '^facts') or string.match(field, '^next:') then redis.call('HDEL', key, field) end
  end
end`

/**
 * Replaces the records marked with this token, and removes the mark; does nothing if the mark has ended or belongs to another process. From then on
 * the data of a replaced record are not read, since the new record has another generation, which is part of its keys; the old interval is listed
 * as retired, to be deleted.
 *
 * KEYS: the schema. ARGV: token, the new schema record after '=' or '', its facts; then for each interval to replace: name, fanOut, '1' with a
 * resolution, fields of a hash, record, facts. Reply: 1 if the records were replaced, else 0.
 */
export const swapScript: Script = script(`
${SWAP}
if ARGV[2] ~= '' then
  retireAll()
  local base = redis.call('HINCRBY', key, 'generation', 1)
  redis.call('HSET', key, 'schema', string.sub(ARGV[2], 2), 'facts', ARGV[3], 'base', base)
end
for i = 4, #ARGV, 6 do
  local field = 'interval:' .. ARGV[i]
  retire(field)
  local shape = ARGV[i + 1] .. ' ' .. ARGV[i + 2] .. ' ' .. ARGV[i + 3] .. ' ' .. ARGV[i + 4]
  redis.call('HSET', key, field, redis.call('HINCRBY', key, 'generation', 1) .. ' ' .. shape, 'facts:' .. ARGV[i], ARGV[i + 5])
end
return 1`)

/**
 * Removes what was marked with this token: an interval, or everything; does nothing if the mark has ended. What the hash keeps is the generation,
 * by which a process that has it open finds out. KEYS: the schema. ARGV: token, '' for everything or '=' and an interval. Reply: as above.
 */
export const dropScript: Script = script(`
${SWAP}
local generation = redis.call('HINCRBY', key, 'generation', 1)
if ARGV[2] == '' then
  retireAll()
  redis.call('HDEL', key, 'schema')
  redis.call('HSET', key, 'base', generation)
else
  local interval = string.sub(ARGV[2], 2)
  retire('interval:' .. interval)
  redis.call('HDEL', key, 'interval:' .. interval, 'facts:' .. interval)
  redis.call('HSET', key, 'next:' .. interval, generation)
end
return 1`)

/**
 * The state of an open store's records. Records lost to a flush or an eviction are restored. Those that were dropped are not: the generation shows it.
 *
 * KEYS: the schema. ARGV: base and generation at opening; number of intervals, their names; then fields and values at opening.
 * Reply: standing, restored, closing or replaced.
 */
export const stateScript: Script = script(`
${CLOSING}
for i = 4, 3 + ARGV[3] do
  if closes(ARGV[i]) then return 'closing' end
end
local dropped = tonumber(redis.call('HGET', key, 'generation') or 0) > tonumber(ARGV[2])
local state = 'standing'
if redis.call('EXISTS', key) == 0 then
  redis.call('HSET', key, 'base', ARGV[1], 'generation', ARGV[2])
elseif (redis.call('HGET', key, 'base') or '0') ~= ARGV[1] then
  return 'replaced'
end
for i = 4 + ARGV[3], #ARGV, 2 do
  local value = redis.call('HGET', key, ARGV[i])
  if value and value ~= ARGV[i + 1] or not value and dropped then return 'replaced' end
  if not value then
    redis.call('HSET', key, ARGV[i], ARGV[i + 1])
    state = 'restored'
  end
end
return state`)

/** Removes retired intervals whose data has been deleted. KEYS: the schema. ARGV: their fields. */
export const forgetScript: Script = script(`
redis.call('HDEL', KEYS[1], unpack(ARGV))
if redis.call('HEXISTS', KEYS[1], 'schema') == 1 then return end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 8) == 'retired:' then return end
end
redis.call('HDEL', KEYS[1], 'layout', 'shards')`)
