import { reading } from './read.ts'
import { replacing } from './replace.ts'
import { type Script, script } from './script.ts'
import { WHOLE_CHANGE, writing } from './write.ts'

const NO_REGISTERS = 'WRONGTYPE the key does not hold registers of the same precision'

/** From how many changed groups of four registers on a string of all is written whole, rather than changed in place. */
const IN_PLACE = 32

/** A list that is so many times as long as another is not gone through, but halved. */
const FEW = 8

/**
 * Registers are stored packed: see RegisterPacking in core. Both forms are strings: lists of registers that are not 0, and all registers with six bits each, of
 * which four make a group of three bytes, in Lua a number. Where little changes, it is sought by halving, and what stays is copied in slices.
 */
const UNITE = `
local function precisionOf(bytes)
  local form, precision, last = string.byte(bytes, 1, 3)
  if not last or precision < 8 or precision > 16 then return nil end
  if form == 1 then return (#bytes - 2) % 3 == 0 and precision or nil end
  return form == 3 and #bytes == 2 + 2 ^ precision * 0.75 and precision or nil
end
local byte = string.byte
local function hasAll(bytes) return byte(bytes) == 3 end
-- A string with other pieces in place of its bytes: at each place, how many it has there, and the piece.
local function spliced(bytes, edits)
  local pieces, from = {}, 1
  for i = 1, #edits, 3 do
    pieces[#pieces + 1] = string.sub(bytes, from, edits[i] - 1)
    pieces[#pieces + 1] = edits[i + 2]
    from = edits[i] + edits[i + 1]
  end
  pieces[#pieces + 1] = string.sub(bytes, from)
  return table.concat(pieces)
end
local function edit(edits, at, length, piece)
  local n = #edits
  edits[n + 1], edits[n + 2], edits[n + 3] = at, length, piece
end
-- Bytes as a table, which is far quicker to look into, and back; in slices, since Lua passes at most about 8,000 values at once.
local function bytesIn(text, from)
  if #text - from < 4000 then return { byte(text, from, -1) } end
  local bytes, n = {}, 0
  for at = from, #text, 4000 do
    for _, own in ipairs({ byte(text, at, math.min(at + 3999, #text)) }) do
      n = n + 1
      bytes[n] = own
    end
  end
  return bytes
end
local function textOf(bytes)
  if #bytes <= 4000 then return string.char(unpack(bytes)) end
  local pieces = {}
  for at = 1, #bytes, 4000 do pieces[#pieces + 1] = string.char(unpack(bytes, at, math.min(at + 3999, #bytes))) end
  return table.concat(pieces)
end
local units = { 262144, 4096, 64, 1 }
local function charsOf(group)
  return string.char(math.floor(group / 65536), math.floor(group / 256) % 256, group % 256)
end
-- The greater of each of the four ranks of two groups.
local function greater(one, other)
  local group = 0
  for _, unit in ipairs(units) do
    local rank, otherRank = one - one % unit, other - other % unit
    one, other = one - rank, other - otherRank
    group = group + (rank > otherRank and rank or otherRank)
  end
  return group
end
-- What a few registers change in all of them.
local function raiseInAll(all, few)
  local edits, entries = {}, bytesIn(few, 3)
  local ordinal, held, group
  local function put()
    if group ~= held then edit(edits, ordinal * 3 + 3, 3, charsOf(group)) end
  end
  for entry = 1, #entries, 3 do
    local index, rank = entries[entry] * 256 + entries[entry + 1], entries[entry + 2]
    local place = index % 4
    if (index - place) / 4 ~= ordinal then
      put()
      ordinal = (index - place) / 4
      local a, b, c = byte(all, ordinal * 3 + 3, ordinal * 3 + 5)
      held = a * 65536 + b * 256 + c
      group = held
    end
    local unit = units[place + 1]
    local own = math.floor(group / unit) % 64
    if own < rank then group = group + (rank - own) * unit end
  end
  put()
  return edits
end
-- And in a few.
local function raiseInFew(held, few)
  local edits, first = {}, 0
  local count = (#held - 2) / 3
  for entry = 3, #few, 3 do
    local high, low, rank = byte(few, entry, entry + 2)
    local index, last = high * 256 + low, count
    local found, own
    while first < last do
      local middle = math.floor((first + last) / 2)
      local a, b, c = byte(held, middle * 3 + 3, middle * 3 + 5)
      local other = a * 256 + b
      if other < index then first = middle + 1 else
        last = middle
        if other == index then found, own = middle, c end
      end
    end
    if not found then edit(edits, first * 3 + 3, 0, string.sub(few, entry, entry + 2))
    elseif own < rank then edit(edits, first * 3 + 5, 1, string.char(rank)) end
  end
  return edits
end
-- Both lists, one entry after the other.
local function bothLists(held, few)
  local own, other, both = bytesIn(held, 3), bytesIn(few, 3), { byte(held, 1, 2) }
  local i, j, n, grown = 1, 1, 2, false
  local ownCount, otherCount = #own, #other
  while i <= ownCount or j <= otherCount do
    local ownIndex = i <= ownCount and own[i] * 256 + own[i + 1] or 65536
    local otherIndex = j <= otherCount and other[j] * 256 + other[j + 1] or 65536
    local rank
    if ownIndex <= otherIndex then
      both[n + 1], both[n + 2], rank = own[i], own[i + 1], own[i + 2]
      i = i + 3
    else both[n + 1], both[n + 2], rank, grown = other[j], other[j + 1], 0, true end
    if otherIndex <= ownIndex then
      if other[j + 2] > rank then rank, grown = other[j + 2], true end
      j = j + 3
    end
    both[n + 3] = rank
    n = n + 3
  end
  return grown and textOf(both) or held
end
local function allOf(few, precision)
  local all = string.char(3, precision) .. string.rep(string.char(0), 2 ^ precision * 0.75)
  return spliced(all, raiseInAll(all, few))
end
local function greatest(one, other)
  local pieces = { string.sub(one, 1, 2) }
  for from = 3, #one, 192 do
    local piece = string.sub(one, from, from + 191)
    if piece ~= string.sub(other, from, from + 191) then
      local own, others = { byte(piece, 1, -1) }, { byte(other, from, from + 191) }
      local groups = {}
      for i = 1, 192, 3 do
        local group, otherGroup = own[i] * 65536 + own[i + 1] * 256 + own[i + 2], others[i] * 65536 + others[i + 1] * 256 + others[i + 2]
        groups[#groups + 1] = charsOf(group == otherGroup and group or greater(group, otherGroup))
      end
      piece = table.concat(groups)
    end
    pieces[#pieces + 1] = piece
  end
  return table.concat(pieces)
end`

const APPLY = `
  ${WHOLE_CHANGE}
  local precision = precisionOf(held)
  if not precision or precision ~= precisionOf(change) then return '${NO_REGISTERS}' end
  local united
  if hasAll(held) and hasAll(change) then united = greatest(held, change)
  elseif hasAll(change) then united = spliced(change, raiseInAll(change, held))
  elseif hasAll(held) then
    local edits = raiseInAll(held, change)
    if #edits > ${IN_PLACE * 3} then united = spliced(held, edits)
    else
      for i = 1, #edits, 3 do redis.call('SETRANGE', ofKey, edits[i] - 1, edits[i + 2]) end
      return
    end
  else
    if #change * ${FEW} < #held then united = spliced(held, raiseInFew(held, change)) else united = bothLists(held, change) end
    if #united - 2 > 2 ^ precision * 0.75 then united = allOf(united, precision) end
  end
  if united ~= held then redis.call('SET', ofKey, united, 'KEEPTTL') end`

const REPLACE = `
  local function load() return redis.pcall('GET', key) end
  local function same(held, at, size)
    if size < 0 or not held then return size < 0 and not held end
    return held == ARGV[at]
  end
  local function put(held, field, at, size)
    if size < 0 then redis.call('UNLINK', key) else redis.call('SET', key, ARGV[at], 'KEEPTTL') end
  end`

export const writeRegisters: Script = writing({ functions: UNITE, body: APPLY })

export const replaceRegisters: Script = writing(replacing(REPLACE), { replaces: true })

export const readRegisters: Script = reading(
  `elements[1] = redis.call('GET', key) or nil
  if elements[1] then room = room - #elements[1] / 100 end
  return elements`,
  true,
)

/** As `readFields`: a chunk has one cell. */
export const readRegisterFields: Script = reading(`return { redis.call('EXISTS', key) == 1 and '0' or nil }`, true)

/** Reads the registers of a cell in hexadecimal digits, since clients decode replies as UTF-8; nil if there is none. KEYS: the chunk. */
export const registersScript: Script = script(`
local bytes = redis.call('GET', KEYS[1])
return bytes and string.gsub(bytes, '.', function(c) return string.format('%02x', string.byte(c)) end)`)
