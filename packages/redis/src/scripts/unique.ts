import { sketchScripts } from './sketches.ts'

/**
 * Registers are stored packed: see `registerPacking` in core. Both forms are strings: lists of registers that are not 0, and all registers with six bits each, of
 * which four make a group of three bytes, in Lua a number.
 */
const UNITE = `
-- Bytes as numbers, in slices, since Lua passes at most about 8,000 values at once.
local function eachByte(text, from, width, each)
  local slice = 4000 - 4000 % width
  for start = from, #text, slice do
    local bytes = { byte(text, start, math.min(start + slice - 1, #text)) }
    for at = 1, #bytes, width do each(bytes, at) end
  end
end
local function precisionOf(bytes)
  local form, precision, last = byte(bytes, 1, 3)
  if not last or precision < 8 or precision > 16 then return nil end
  if form == 1 then return (#bytes - 2) % 3 == 0 and precision or nil end
  return form == 3 and #bytes == 2 + 2 ^ precision * 0.75 and precision or nil
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
-- All registers with some of them raised; "indexes" ascend.
local function raised(all, indexes, ranks)
  local pieces, from = {}, 1
  local ordinal, held, group
  local function put()
    if group == held then return end
    local at = ordinal * 3 + 3
    pieces[#pieces + 1] = cut(all, from, at - 1)
    pieces[#pieces + 1] = charsOf(group)
    from = at + 3
  end
  for _, index in ipairs(indexes) do
    local place = index % 4
    if (index - place) / 4 ~= ordinal then
      put()
      ordinal = (index - place) / 4
      local a, b, c = byte(all, ordinal * 3 + 3, ordinal * 3 + 5)
      held = a * 65536 + b * 256 + c
      group = held
    end
    local unit, rank = units[place + 1], ranks[index]
    local own = math.floor(group / unit) % 64
    if own < rank then group = group + (rank - own) * unit end
  end
  put()
  pieces[#pieces + 1] = cut(all, from)
  return table.concat(pieces)
end
local function greatest(one, other)
  local pieces = { cut(one, 1, 2) }
  for from = 3, #one, 192 do
    local piece = cut(one, from, from + 191)
    if piece ~= cut(other, from, from + 191) then
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
end
-- Lists together first, then what has all registers.
local function united(values)
  local precision, ranks, indexes, all = precisionOf(values[1]), {}, {}, nil
  local most, damaged = 65 - (precision or 0), false
  for _, value in ipairs(values) do
    if not precision or precisionOf(value) ~= precision then return nil end
    if byte(value) == 3 then all = all and greatest(all, value) or value
    else
      local last = -1
      eachByte(value, 3, 3, function(bytes, at)
        local index, rank = bytes[at] * 256 + bytes[at + 1], bytes[at + 2]
        if index <= last or rank == 0 or rank > most then damaged = true end
        last = index
        local own = ranks[index]
        if not own then indexes[#indexes + 1] = index end
        if not own or own < rank then ranks[index] = rank end
      end)
    end
  end
  table.sort(indexes)
  if damaged or indexes[1] and indexes[#indexes] >= 2 ^ precision then return nil end
  if not all and #indexes * 3 > 2 ^ precision * 0.75 then
    all = string.char(3, precision) .. string.rep(string.char(0), 2 ^ precision * 0.75)
  end
  if all then return indexes[1] and raised(all, indexes, ranks) or all end
  local pieces = { string.char(1, precision) }
  for _, index in ipairs(indexes) do
    pieces[#pieces + 1] = string.char(math.floor(index / 256), index % 256, ranks[index])
  end
  return table.concat(pieces)
end`

/** Registers are shown in hexadecimal digits, since clients decode replies as UTF-8. */
export const uniqueScripts: ReturnType<typeof sketchScripts> = sketchScripts(
  UNITE,
  `return (string.gsub(held, '.', function(c) return string.format('%02x', byte(c)) end))`,
)
