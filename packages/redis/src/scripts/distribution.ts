import { sketchScripts } from './sketches.ts'

/** Bins are stored packed: see `binPacking` in core. */
const UNITE = `
local letters = { [1] = 'I1', [2] = 'I2', [4] = 'I4', [8] = 'd' }
-- Calls "each" with the place of each bin and its times; false if the bytes are not bins.
local function eachBin(value, each)
  local width = byte(value)
  local letter = letters[width]
  if not letter or #value == 1 or (#value - 1) % (3 + width) ~= 0 then return false end
  local count, last = (#value - 1) / (3 + width), 0
  for from = 0, count - 1, 1000 do
    local some = math.min(1000, count - from)
    local numbers = { struct.unpack('>' .. string.rep('I3' .. letter, some), value, 2 + from * (3 + width)) }
    for at = 1, some * 2, 2 do
      if numbers[at] <= last or numbers[at] >= 1048576 then return false end
      last = numbers[at]
      each(last, numbers[at + 1])
    end
  end
  return true
end
local function packed(places, times)
  local width = 1
  for _, place in ipairs(places) do
    local count = times[place]
    if count < 0 or count % 1 ~= 0 or count >= 4294967296 then width = 8
    elseif count >= 65536 then width = math.max(width, 4)
    elseif count >= 256 then width = math.max(width, 2) end
  end
  local pieces = { string.char(width) }
  for from = 1, #places, 1000 do
    local numbers = {}
    for at = from, math.min(from + 999, #places) do
      numbers[#numbers + 1] = places[at]
      numbers[#numbers + 1] = times[places[at]]
    end
    pieces[#pieces + 1] = struct.pack('>' .. string.rep('I3' .. letters[width], #numbers / 2), unpack(numbers))
  end
  return table.concat(pieces)
end
-- The second value: whether a sum is not finite.
local function united(values)
  local places, times, overflows = {}, {}, false
  for _, value in ipairs(values) do
    local whole = eachBin(value, function(place, count)
      local sum = times[place]
      if not sum then places[#places + 1] = place end
      sum = (sum or 0) + count
      if sum - sum ~= 0 then overflows = true end
      times[place] = sum
    end)
    if not whole then return nil end
  end
  if overflows then return nil, true end
  table.sort(places)
  return packed(places, times)
end`

/** Bins are shown as pairs of a bin and its times, both as texts. */
export const distributionScripts: ReturnType<typeof sketchScripts> = sketchScripts(
  UNITE,
  `local pairs = {}
local whole = eachBin(held, function(place, count)
  pairs[#pairs + 1] = { string.format('%d', place - 524288), string.format('%.17g', count) }
end)
return whole and pairs or redis.error_reply('WRONGTYPE the key does not hold bins')`,
)
