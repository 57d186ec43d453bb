import { OVERFLOW } from './applying.ts'
import { deletingRange } from './delete.ts'
import { PACKED, SUMMARY } from './packed.ts'
import { replacing, replacingIn } from './replace.ts'
import { type Script, script } from './script.ts'
import { WHOLE_CHANGE, writing } from './write.ts'

const NO_CHUNK = 'WRONGTYPE the key does not hold a chunk of summaries'

/** A summary as replacements carry it: six doubles. */
const PLAIN = '>dddddd'

/**
 * Chunks of summaries: see "What it stores" in the README. After the byte SUMMARY come the widths of the six numbers (count, sum, min, max, last, lastAt), each as in a
 * chunk of numbers; how many bytes of presence bits there are; those; and then the records of the fields that are there, ascending.
 *
 * In Lua the head of a chunk is a table: `widths`, `format` and `stride` of a record, `bits`, and `start`, before which its bytes end. Needs PACKED.
 */
const RECORDS = `
local function shape(head)
  head.format, head.stride = '>', 0
  for i = 1, 6 do
    head.format = head.format .. (letters[head.widths[i]] or '')
    head.stride = head.stride + head.widths[i]
  end
  return head
end
-- How many bits are set; what has been counted is kept.
local ones = {}
local function countOf(byte)
  local count = ones[byte]
  if not count then
    count = 0
    for place = 0, 7 do if bit.band(byte, 2 ^ place) ~= 0 then count = count + 1 end end
    ones[byte] = count
  end
  return count
end
-- Nil for anything but a chunk with room for this many fields.
local function headOf(bytes, size)
  if string.byte(bytes) ~= ${SUMMARY} or string.byte(bytes, 8) ~= size / 8 then return nil end
  local head = { widths = { string.byte(bytes, 2, 7) }, bits = { string.byte(bytes, 9, 8 + size / 8) }, start = 9 + size / 8 }
  for _, width in ipairs(head.widths) do
    if not letters[width] then return nil end
  end
  local count = 0
  for _, byte in ipairs(head.bits) do count = count + countOf(byte) end
  shape(head)
  return #head.bits == size / 8 and #bytes == head.start - 1 + count * head.stride and head or nil
end
local function bytesOf(head)
  return string.char(${SUMMARY}, unpack(head.widths)) .. string.char(#head.bits, unpack(head.bits))
end
local function widthFor(number)
  if number % 1 ~= 0 or number >= 2147483648 or number < -2147483648 then return 8 end
  if number >= 32768 or number < -32768 then return 4 end
  return (number >= 128 or number < -128) and 2 or 1
end
local function widen(head, ...)
  for i, number in ipairs({ ... }) do head.widths[i] = math.max(head.widths[i], widthFor(number)) end
end`

/**
 * Merges the changes of a chunk, which come as a chunk, into what the key holds. Records that do not change are copied; up to four that do are changed in place,
 * so that replicas are not sent whole chunks for one value. What does not fit has the chunk rewritten wider first.
 */
const MERGE = `
${RECORDS}
-- Whole numbers fit their width below this limit; without one, it holds doubles.
local limits = { [1] = 128, [2] = 32768, [4] = 2147483648, [8] = false }
local function fits(limit, number)
  return not limit or number < limit and number >= -limit and number % 1 == 0
end
local unpackRecord, packRecord, cut = struct.unpack, struct.pack, string.sub
-- The same chunk with records of other widths.
local function widened(bytes, head, widths)
  local wide = shape({ widths = widths, bits = head.bits, start = head.start })
  local pieces = { bytesOf(wide) }
  for at = head.start, #bytes, head.stride do
    pieces[#pieces + 1] = struct.pack(wide.format, struct.unpack(head.format, bytes, at))
  end
  return table.concat(pieces), wide
end
-- What becomes of a chunk: pairs of places and records to be put there, or the whole chunk; and the fields whose sum would not be finite. Nil if a record
-- does not fit; then the widths of the head have grown; and an error if one holds something else than numbers.
local function merged(held, head, change, changes, rewritten)
  local format, stride, otherFormat, otherStride = head.format, head.stride, changes.format, changes.stride
  local pieces, n, places, rejected, bits = {}, 0, {}, {}, {}
  local inCount, inSum, inLeast, inMost, inLast, inMoment = unpack(head.limits)
  local copied, at, changeAt, inserted = head.start, head.start, changes.start, false
  for i, byte in ipairs(head.bits) do
    local other = changes.bits[i]
    bits[i] = bit.bor(byte, other)
    if other == 0 then at = at + countOf(byte) * stride
    else
      for place = 0, 7 do
        local mask = 2 ^ (7 - place)
        local present = bit.band(byte, mask) ~= 0
        if bit.band(other, mask) ~= 0 then
          local count, sum, least, most, last, moment = unpackRecord(otherFormat, change, changeAt)
          changeAt = changeAt + otherStride
          if present then
            local ownCount, ownSum, ownLeast, ownMost, ownLast, ownMoment = unpackRecord(format, held, at)
            -- Not 0 if one of them is not finite: the sum and the count that come of them are not, either.
            if ownLeast - ownLeast + ownMost - ownMost + ownLast - ownLast + ownMoment - ownMoment ~= 0 then return nil, nil, '${NO_CHUNK}' end
            count, sum = ownCount + count, ownSum + sum
            if ownLeast < least then least = ownLeast end
            if ownMost > most then most = ownMost end
            if ownMoment > moment then last, moment = ownLast, ownMoment end
          end
          if count - count ~= 0 or sum - sum ~= 0 then
            rejected[#rejected + 1] = string.format('%d', i * 8 - 8 + place)
          else
            if not (fits(inCount, count) and fits(inSum, sum) and fits(inLeast, least) and fits(inMost, most)
              and fits(inLast, last) and fits(inMoment, moment)) then
              widen(head, count, sum, least, most, last, moment)
              return nil
            end
            if present then places[#places + 1] = at else inserted = true end
            pieces[n + 1] = copied < at and cut(held, copied, at - 1) or ''
            n = n + 2
            pieces[n] = packRecord(format, count, sum, least, most, last, moment)
            copied = present and at + stride or at
          end
        end
        if present then at = at + stride end
      end
    end
  end
  if not inserted and not rewritten and #places <= 4 then return { places = places, pieces = pieces }, rejected end
  pieces[n + 1] = string.sub(held, copied)
  head.bits = bits
  return { whole = bytesOf(head) .. table.concat(pieces) }, rejected
end`

const APPLY = `
  ${WHOLE_CHANGE}
  local size = tonumber(offsets)
  local head, changes = headOf(held, size), headOf(change, size)
  if not head then return '${NO_CHUNK}' end
  local grown = { unpack(head.widths) }
  local result, rejected, damage, rewritten
  repeat
    local inWidths = {}
    for i, width in ipairs(grown) do inWidths[i] = limits[width] end
    local whole = { limits = inWidths, widths = grown, format = head.format, stride = head.stride, bits = head.bits, start = head.start }
    result, rejected, damage = merged(held, whole, change, changes, rewritten)
    if damage then return damage end
    if not result then
      held, head = widened(held, head, { unpack(grown) })
      rewritten = true
    end
  until result
  if result.whole then redis.call('SET', ofKey, result.whole, 'KEEPTTL')
  else
    for i, at in ipairs(result.places) do redis.call('SETRANGE', ofKey, at - 1, result.pieces[i * 2]) end
  end
  if #rejected == 0 then return end
  local cells = 0
  for _, byte in ipairs(changes.bits) do cells = cells + countOf(byte) end
  return '${OVERFLOW}', #rejected < cells and rejected or nil`

/** Records by field, as six doubles. Needs RECORDS. */
const PLAIN_RECORDS = `
local function recordsOf(bytes, head)
  local records, at = {}, head.start
  for _, field in ipairs(presentIn(head.bits)) do
    local count, sum, least, most, last, moment = struct.unpack(head.format, bytes, at)
    records[field] = struct.pack('${PLAIN}', count, sum, least, most, last, moment)
    at = at + head.stride
  end
  return records
end
-- Stores what is left.
local function saveRecords(key, records, size)
  if next(records) == nil then return redis.call('DEL', key) end
  local head = { widths = { 1, 1, 1, 1, 1, 1 }, bits = {}, start = 9 + size / 8 }
  for i = 1, size / 8 do head.bits[i] = 0 end
  for field, record in pairs(records) do
    local at = math.floor(field / 8) + 1
    head.bits[at] = bit.bor(head.bits[at], 2 ^ (7 - field % 8))
    local count, sum, least, most, last, moment = struct.unpack('${PLAIN}', record)
    widen(head, count, sum, least, most, last, moment)
  end
  shape(head)
  local pieces = { bytesOf(head) }
  for _, field in ipairs(presentIn(head.bits)) do
    local count, sum, least, most, last, moment = struct.unpack('${PLAIN}', records[field])
    pieces[#pieces + 1] = struct.pack(head.format, count, sum, least, most, last, moment)
  end
  redis.call('SET', key, table.concat(pieces), 'KEEPTTL')
end`

const REPLACE = `
  ${RECORDS}
  ${PLAIN_RECORDS}
  local records, dirty = {}, false
  local bytes = redis.pcall('GET', key)
  if type(bytes) == 'table' then return bytes.err end
  if bytes then
    local head = headOf(bytes, tonumber(offsets))
    if not head then return '${NO_CHUNK}' end
    records = recordsOf(bytes, head)
  end
  ${replacingIn('records')}`

const CLEAR = `
${RECORDS}
${PLAIN_RECORDS}
local function clear(key, fields, gone)
  local bytes = redis.call('GET', key)
  local size = bytes and (string.byte(bytes, 8) or 0) * 8
  local head = bytes and headOf(bytes, size)
  if not head then return end
  local records = recordsOf(bytes, head)
  for _, field in ipairs(fields) do
    if gone(field) then records[field] = nil end
  end
  saveRecords(key, records, size)
end`

export const writeSummaries: Script = writing({ functions: MERGE, body: APPLY }, { numbers: true })

export const replaceSummaries: Script = writing(
  replacing(REPLACE, 'if dirty then saveRecords(key, records, tonumber(offsets)) end'),
  { replaces: true, numbers: true },
)

export const deleteSummaries: Script = deletingRange(CLEAR)

/** Reads the numbers of one summary, as texts; nil if there is none. KEYS: the chunk. ARGV: the field. */
export const summaryScript: Script = script(`
${PACKED}
${RECORDS}
local bytes = redis.call('GET', KEYS[1])
if not bytes then return false end
local head = headOf(bytes, (string.byte(bytes, 8) or 0) * 8)
if not head then return redis.error_reply('${NO_CHUNK}') end
local wanted, at = tonumber(ARGV[1]), head.start
for _, field in ipairs(presentIn(head.bits)) do
  if field == wanted then
    local numbers = { struct.unpack(head.format, bytes, at) }
    for i = 1, 6 do numbers[i] = string.format('%.17g', numbers[i]) end
    numbers[7] = nil
    return numbers
  end
  at = at + head.stride
end
return false`)
