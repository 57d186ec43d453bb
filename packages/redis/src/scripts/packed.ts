/**
 * Chunks of numbers as strings: see "What it stores" in the README. A byte tells the width of a number (1, 2 or 4 bytes: whole, with a sign; 3: the same in 12 bits; 8: a
 * double), then come the presence bits, then the numbers, those of absent fields 0; all with the highest bit first, as BITFIELD has it.
 *
 * In Lua such a chunk is a table: `width` (the bytes of a number: 1.5 for 12 bits), `size` (how many fields it has room for), `bits` (the bytes of presence) and `values`.
 */
export const PACKED = `
local letters = { [1] = 'b', [2] = 'h', [4] = 'i4', [8] = 'd' }
local widths = { [1] = 1, [3] = 1.5, [2] = 2, [4] = 4, [8] = 8 }
local function formatOf(width, size)
  if width == 1.5 then return '>' .. string.rep('I3', size / 2) end
  return '>' .. string.rep(letters[width], size)
end
-- Numbers of 12 bits from pairs of them, and back.
local function split(pairs, size)
  local values = {}
  for i = 1, size / 2 do
    local low = pairs[i] % 4096
    local high = (pairs[i] - low) / 4096
    values[i * 2 - 1] = high < 2048 and high or high - 4096
    values[i * 2] = low < 2048 and low or low - 4096
  end
  return values
end
local function joined(values, size)
  local pairs = {}
  for i = 1, size / 2 do pairs[i] = values[i * 2 - 1] % 4096 * 4096 + values[i * 2] % 4096 end
  return pairs
end
-- The width, and how many fields a string has room for; nil if it is something else.
local function sizeOf(code, length)
  local width = widths[code]
  if not width then return nil end
  local size = (length - 1) * 8 / (8 * width + 1)
  if size % 8 == 0 and size > 0 then return width, size end
end
local function unpackChunk(bytes)
  local width, size = sizeOf(string.byte(bytes), #bytes)
  if not width then return nil end
  local values = { struct.unpack(formatOf(width, size), bytes, 2 + size / 8) }
  return {
    width = width,
    size = size,
    bits = { string.byte(bytes, 2, 1 + size / 8) },
    values = width == 1.5 and split(values, size) or values
  }
end
local function packChunk(chunk)
  local width, size, values = chunk.width, chunk.size, chunk.values
  if width < 4 then
    local least, greatest = math.min(unpack(values, 1, size)), math.max(unpack(values, 1, size))
    if least < -2147483648 or greatest > 2147483647 then width = 8
    elseif least < -32768 or greatest > 32767 then width = 4
    elseif least < -2048 or greatest > 2047 then width = 2
    elseif least < -128 or greatest > 127 then width = math.max(width, 1.5) end
  elseif width == 4 and (math.min(unpack(values, 1, size)) < -2147483648 or math.max(unpack(values, 1, size)) > 2147483647) then width = 8 end
  local numbers, count = values, size
  if width == 1.5 then numbers, count = joined(values, size), size / 2 end
  return string.char(width == 1.5 and 3 or width, unpack(chunk.bits)) .. struct.pack(formatOf(width, size), unpack(numbers, 1, count))
end
local function hasField(chunk, field)
  return bit.band(chunk.bits[math.floor(field / 8) + 1], 2 ^ (7 - field % 8)) ~= 0
end
local function setField(chunk, field, value)
  local at, mask = math.floor(field / 8) + 1, 2 ^ (7 - field % 8)
  if value and value % 1 ~= 0 then chunk.width = 8 end
  chunk.values[field + 1] = value or 0
  chunk.bits[at] = value and bit.bor(chunk.bits[at], mask) or bit.band(chunk.bits[at], 255 - mask)
end
-- Fields by their presence bits, ascending.
local function presentIn(bits)
  local fields = {}
  for at, byte in ipairs(bits) do
    if byte > 0 then
      for place = 0, 7 do
        if bit.band(byte, 2 ^ (7 - place)) ~= 0 then fields[#fields + 1] = at * 8 - 8 + place end
      end
    end
  end
  return fields
end
-- Stores a chunk of which something is left; "left" is the PTTL of the hash that it takes the place of.
local function saveChunk(key, chunk, left)
  if not left then redis.call('SET', key, packChunk(chunk), 'KEEPTTL')
  elseif left < 0 then redis.call('SET', key, packChunk(chunk))
  else redis.call('SET', key, packChunk(chunk), 'PX', math.max(left, 1)) end
end
local function isPacked(key) return redis.call('TYPE', key).ok == 'string' end`

/** The first byte of a chunk of summaries, in place of a width: how many numbers each has. */
export const SUMMARY: number = 6

/** The first byte of a chunk of sketches, before how long it was with each cell once, and how long it is. */
export const SKETCHES: number = 7
/** Their length. */
export const SKETCHES_HEAD: number = 9

/** The fields of a chunk, packed or a hash, of summaries (scripts/summary.ts) or of sketches (scripts/sketches.ts). Needs PACKED. */
export const FIELDS_OF: string = `
local function fieldsOf(key)
  if not isPacked(key) then return redis.call('HKEYS', key) end
  local width = string.byte(redis.call('GETRANGE', key, 0, 0))
  if width == ${SUMMARY} then
    local size = string.byte(redis.call('GETRANGE', key, 7, 7))
    return presentIn({ string.byte(redis.call('GETRANGE', key, 8, 7 + size), 1, -1) })
  end
  if width == ${SKETCHES} then
    local bytes, seen, fields, at = redis.call('GET', key), {}, {}, ${SKETCHES_HEAD} + 1
    while at + 3 <= #bytes do
      local field, a, b, c = string.byte(bytes, at, at + 3)
      if not seen[field] then
        seen[field] = true
        fields[#fields + 1] = field
      end
      at = at + 4 + a * 65536 + b * 256 + c
    end
    return fields
  end
  local _, size = sizeOf(width, redis.call('STRLEN', key))
  if not size then return redis.call('HKEYS', key) end
  return presentIn({ string.byte(redis.call('GETRANGE', key, 1, size / 8), 1, -1) })
end`

/** From how many cells on a hash is packed. */
export const PACKED_FROM = 24
