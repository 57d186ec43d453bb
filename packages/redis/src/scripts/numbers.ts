import { type Applying, OVERFLOW } from './applying.ts'
import { PACKED, PACKED_FROM } from './packed.ts'
import { type Script, script } from './script.ts'

const NO_CHUNK = 'WRONGTYPE the key holds a string that is not a chunk of numbers'

/** From how many changes of a packed chunk on it is unpacked and packed again, rather than changed in place. */
const IN_PLACE = 8

/** A sum that is not exact is taken back, to be added in another way. */
const IF_EXACT = `isDone = reply < 9007199254740992 and reply > -9007199254740992
          if not isDone then redis.call('HINCRBY', key, given[first], string.format('%.0f', -tonumber(given[first + 1]))) end`

/**
 * `adds`: counts are added, gauges replaced. `toHash` changes the fields of a hash by `args`, from `first` to `last`, and returns the error, and the fields
 * that were rejected, if not all were; it sets `grown` if the hash may have a new field.
 */
export const applyNumbers = (adds: boolean, toHash: string): Applying => ({
  // One cell of a hash that is there.
  quick: `
      if place.kind == 'hash' and at == first + 2 and left ~= -2 and not (fault or counts) then
        local reply = redis.pcall('${adds ? 'HINCRBY' : 'HSET'}', key, given[first], given[first + 1])
        if type(reply) == 'number' then
          ${adds ? IF_EXACT : 'isDone = true'}
          if isDone and reply == ${adds ? 'tonumber(given[first + 1])' : '1'} then packLarge(key, place[2], given[first]) end
        end
      end`,
  functions: `
local key, size, left, fault, rejected, grown
local function tell(number) if counts then counts[#counts + 1] = string.format('%.17g', number or 0) end end
local function toHash(first, last)
  ${toHash}
end
local function reject(field, why)
  fault = why or '${OVERFLOW}'
  rejected = rejected or {}
  rejected[#rejected + 1] = string.format('%d', field)
end
local function outcome(cells)
  if fault and #rejected == cells then rejected = nil end
  return fault, rejected
end
-- A number as it is after a change; nil if it would not be finite.
local function changed(held, change)
  ${adds ? 'local sum = held + change return sum - sum == 0 and sum or nil' : 'return change'}
end
-- What takes chunks apart is made when there is one to be: see "enlist".
local pack, rewrite, applyWhole
local function preparePacking()
  ${PACKED}
  -- Merges a chunk into another one.
  local function merge(chunk, change, left)
    local values, changes = chunk.values, change.values
    local plain = chunk.width < 8 and change.width < 8 and ${adds}
    -- Looking at each presence bit takes as long as all the rest.
    local present = not (plain and not counts) and presentIn(change.bits)
    chunk.width = math.max(chunk.width, change.width)
    if plain then
      for i = 1, chunk.size do values[i] = values[i] + changes[i] end
    else
      for _, field in ipairs(present) do
        local value = changed(values[field + 1], changes[field + 1])
        if value then values[field + 1] = value else reject(field) end
      end
    end
    for at, byte in ipairs(change.bits) do chunk.bits[at] = bit.bor(chunk.bits[at], byte) end
    saveChunk(key, chunk, left)
    if counts then
      for _, field in ipairs(present) do tell(values[field + 1]) end
    end
    if not plain then return outcome(#present) end
  end
  -- A hash as a chunk; nil if something in it is not a number, or in another place.
  local function packHash()
    local chunk = { width = 1, size = size, bits = {}, values = {} }
    for i = 1, size / 8 do chunk.bits[i] = 0 end
    for i = 1, size do chunk.values[i] = 0 end
    local pairs = redis.call('HGETALL', key)
    for i = 1, #pairs, 2 do
      local field, value = tonumber(pairs[i]), tonumber(pairs[i + 1])
      if not field or field >= size or not value or value - value ~= 0 then return nil end
      setField(chunk, field, value)
    end
    return chunk
  end
  function pack()
    local chunk = packHash()
    if chunk then saveChunk(key, chunk, redis.call('PTTL', key)) end
  end
  -- Changes a packed chunk by pairs of elements, all at once.
  function rewrite(first, last)
    local chunk = unpackChunk(redis.call('GET', key))
    for i = first, last, 2 do
      local field = tonumber(given[i])
      local value = chunk and changed(chunk.values[field + 1], tonumber(given[i + 1]))
      if value then setField(chunk, field, value) else reject(field, not chunk and '${NO_CHUNK}') end
      tell(value)
    end
    if chunk then saveChunk(key, chunk) end
  end
  -- Changes what is there by a chunk.
  function applyWhole(bytes)
    local change = unpackChunk(bytes)
    if left == -2 then
      for _, field in ipairs(presentIn(change.bits)) do tell(change.values[field + 1]) end
      return
    end
    local kind = redis.call('TYPE', key).ok
    if kind == 'string' then
      local chunk = unpackChunk(redis.call('GET', key))
      if not chunk or chunk.size ~= size then return '${NO_CHUNK}' end
      return merge(chunk, change)
    end
    local chunk = kind == 'hash' and packHash()
    if chunk then return merge(chunk, change, left) end
    args = {}
    for _, field in ipairs(presentIn(change.bits)) do
      args[#args + 1] = string.format('%d', field)
      args[#args + 1] = string.format('%.17g', change.values[field + 1])
    end
    fault, rejected = toHash(1, #args)
    args = given
    return fault, rejected
  end
end
-- The width that the length of a string tells; nil for what is not a chunk with room for this many fields.
local function widthNow()
  local length = redis.pcall('STRLEN', key)
  if type(length) == 'table' then return nil end
  local width = (length - 1 - size / 8) / size
  return (width == 1 or width == 1.5 or width == 2 or width == 4 or width == 8) and width
end
-- Changes a few numbers in place; a whole number that no longer fits has the chunk rewritten.
local function inPlace(first, last, width)
  for i = first, last, 2 do
    local field, change = tonumber(given[i]), tonumber(given[i + 1])
    local done
    if width == 8 then
      local at = 1 + size / 8 + field * 8
      local value = changed(${adds ? "struct.unpack('>d', redis.call('GETRANGE', key, at, at + 7))" : 'nil'}, change)
      if value then
        redis.call('SETRANGE', key, at, struct.pack('>d', value))
        redis.call('SETBIT', key, 8 + field, 1)
      else reject(field) end
      tell(value)
      done = true
    elseif change % 1 == 0 and change < 2147483648 and change > -2147483648 then
      local as = width == 1 and 'i8' or width == 2 and 'i16' or width == 4 and 'i32' or 'i12'
      done = redis.call('BITFIELD', key, 'OVERFLOW', 'FAIL', '${adds ? 'INCRBY' : 'SET'}', as, 8 + size + field * width * 8, given[i + 1])[1]
      if done then
        -- What was not 0 is there.
        if done == ${adds ? 'change' : '0'} then redis.call('SETBIT', key, 8 + field, 1) end
        tell(done)
      end
    end
    if not done then
      if not rewrite then preparePacking() end
      rewrite(i, i + 1)
      width = widthNow()
    end
  end
end
-- Packs a hash to which a field may have been added, if it has many now.
local function packLarge(ofKey, ofSize, field)
  if tonumber(field) >= ofSize or redis.call('HLEN', ofKey) < ${PACKED_FROM} then return end
  key, size = ofKey, ofSize
  if not pack then preparePacking() end
  pack()
end
-- What is at a place is mostly the same for all names, so that only the first is asked for its type, until two differ: false.
local function typeAt(place)
  local kind = redis.call('TYPE', key).ok
  if place.kind == nil then place.kind = kind end
  return kind
end
-- Changes what is there by pairs of elements.
local function changePairs(first, last, place)
  local guess = left ~= -2 and not counts and place.kind
  local kind = left ~= -2 and (guess or typeAt(place))
  if kind == 'string' then
    local width = widthNow()
    if width and last - first < ${IN_PLACE * 2} then
      inPlace(first, last, width)
      return outcome((last - first + 1) / 2)
    end
    if width then
      if not rewrite then preparePacking() end
      rewrite(first, last)
      return outcome((last - first + 1) / 2)
    end
    if not guess then return '${NO_CHUNK}' end
  else
    fault, rejected = toHash(first, last)
    if not (guess and fault and not rejected and string.find(fault, 'WRONGTYPE')) then
      if grown and not (fault and not rejected) then packLarge(key, size, given[first]) end
      return fault, rejected
    end
    fault = nil
  end
  -- The guess was wrong, and nothing was changed.
  place.kind = false
  return changePairs(first, last, place)
end`,
  body: `
  key, size, left, fault, rejected, grown = ofKey, offsets, ofLeft, nil, nil, false
  if first < last then return changePairs(first, last, place) end
  if left == -2 then redis.call('SET', key, given[first]) end
  if left == -2 and not counts then return end
  if not applyWhole then preparePacking() end
  return applyWhole(given[first])`,
})

/** For `replaceScripts`: cells that are numbers of a chunk, packed or a hash. */
export const REPLACE_NUMBERS: string = `
  local chunk, dirty = nil, false
  if isPacked(key) then
    chunk = unpackChunk(redis.call('GET', key))
    if not chunk or chunk.size ~= tonumber(offsets) then return '${NO_CHUNK}' end
  end
  local function load(field)
    if chunk then return hasField(chunk, tonumber(field)) and chunk.values[tonumber(field) + 1] end
    return redis.pcall('HGET', key, field)
  end
  local function same(held, at, size)
    if size < 0 or not held then return size < 0 and not held end
    return tonumber(held) == tonumber(given[at])
  end
  local function put(held, field, at, size)
    if chunk then
      setField(chunk, tonumber(field), size >= 0 and tonumber(given[at]) or nil)
      dirty = true
    elseif size < 0 then redis.call('HDEL', key, field)
    else redis.call('HSET', key, field, given[at]) end
  end
  local function finish()
    if not dirty then return end
    if #presentIn(chunk.bits) == 0 then redis.call('UNLINK', key) else saveChunk(key, chunk) end
  end`

/** Reads one number of a chunk, packed or a hash, as text; nil if there is none. KEYS: the chunk. ARGV: the field. */
export const cellScript: Script = script(`
local key, field = KEYS[1], tonumber(ARGV[1])
if redis.call('TYPE', key).ok ~= 'string' then return redis.call('HGET', key, ARGV[1]) end
local code = string.byte(redis.call('GETRANGE', key, 0, 0))
local width = ({ 1, 2, 1.5, 4, 0, 0, 0, 8 })[code] or 0
local size = (redis.call('STRLEN', key) - 1) / (width + 1 / 8)
if width == 0 or size % 8 ~= 0 or field >= size then return redis.error_reply('${NO_CHUNK}') end
if redis.call('GETBIT', key, 8 + field) == 0 then return false end
if width < 8 then return tostring(redis.call('BITFIELD_RO', key, 'GET', 'i' .. width * 8, 8 + size + field * width * 8)[1]) end
local at = 1 + size / 8 + field * width
local bytes = redis.call('GETRANGE', key, at, at + width - 1)
return string.format('%.17g', (struct.unpack('>d', bytes)))`)
