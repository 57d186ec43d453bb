import { OVERFLOW } from './applying.ts'
import type { ChunkScripts } from './chunk-scripts.ts'
import { deletingRange } from './delete.ts'
import { SKETCHES, SKETCHES_HEAD } from './packed.ts'
import { readFields, reading } from './read.ts'
import { replacing, replacingIn } from './replace.ts'
import { type Script, script } from './script.ts'
import { writing } from './write.ts'

const NO_CHUNK = 'WRONGTYPE the key does not hold a chunk of sketches'

/** What a chunk may grow beyond twice what it has with each cell once, in bytes, before its cells are united. */
const SLACK = 512

/**
 * Chunks of sketches: see "What it stores" in the README. After the byte SKETCHES come two numbers of four bytes, how long the chunk was when its cells were last
 * united and how long it is, and then a record for each change: its field, the length of a sketch in three bytes, and the sketch. Writes append records,
 * which takes the server no longer than to copy them; a reader unites them.
 *
 * `unite` is Lua for `united(values)`, one sketch of several, or nil if one of them is damaged.
 */
const RECORDS = (unite: string): string => `
local byte, cut = string.byte, string.sub
${unite}
-- The sketches by field; nil if the bytes are not a chunk.
local function cellsIn(bytes)
  if #bytes < ${SKETCHES_HEAD} or byte(bytes) ~= ${SKETCHES} then return nil end
  local lists, at = {}, ${SKETCHES_HEAD} + 1
  while at <= #bytes do
    local field, a, b, c = byte(bytes, at, at + 3)
    local last = c and at + 3 + a * 65536 + b * 256 + c
    if not last or last > #bytes then return nil end
    local list = lists[field] or {}
    lists[field] = list
    list[#list + 1] = cut(bytes, at + 4, last)
    at = last + 1
  end
  local cells = {}
  for field, list in pairs(lists) do
    cells[field] = #list == 1 and list[1] or united(list)
    if not cells[field] then return nil end
  end
  return cells
end
local function saveCells(key, cells)
  local fields = {}
  for field in pairs(cells) do fields[#fields + 1] = field end
  if #fields == 0 then return redis.call('UNLINK', key) end
  table.sort(fields)
  local pieces, size = { '' }, ${SKETCHES_HEAD}
  for _, field in ipairs(fields) do
    local sketch = cells[field]
    pieces[#pieces + 1] = struct.pack('>I1I3', field, #sketch)
    pieces[#pieces + 1] = sketch
    size = size + 4 + #sketch
  end
  pieces[1] = struct.pack('>I1I4I4', ${SKETCHES}, size, size)
  redis.call('SET', key, table.concat(pieces), 'KEEPTTL')
end`

/** A string that is appended to has room for twice as much from then on: when the next chunk begins, the cells of the one before it are united. */
const CLOSE = `
local function closeBefore(key)
  local start, ordinal = string.match(key, '^(.*[:.])(-?%d+)$')
  local before = start .. string.format('%d', ordinal - 1)
  local head = redis.pcall('GETRANGE', before, 0, ${SKETCHES_HEAD - 1})
  if type(head) == 'table' or byte(head) ~= ${SKETCHES} or cut(head, 2, 5) == cut(head, 6) then return end
  local cells = cellsIn(redis.call('GET', before))
  if cells then saveCells(before, cells) end
end`

/** Where sums may overflow, cells are united at once, and those that would are rejected. */
const APPLY = `
  local change = given[first]
  if ofLeft == -2 then
    redis.call('SET', ofKey, change)
    closeBefore(ofKey)
    return
  end
  local head = redis.pcall('GETRANGE', ofKey, 0, ${SKETCHES_HEAD - 1})
  if type(head) == 'table' then return head.err end
  if #head < ${SKETCHES_HEAD} or byte(head) ~= ${SKETCHES} then return '${NO_CHUNK}' end
  local least, size = struct.unpack('>I4I4', head, 2)
  if last > first then
    local held, rejected, count = redis.call('GET', ofKey), {}, 0
    local cells = #held == size and cellsIn(held)
    if not cells then return '${NO_CHUNK}' end
    for field, sketch in pairs(cellsIn(change)) do
      count = count + 1
      local both, overflows = sketch, false
      if cells[field] then both, overflows = united({ cells[field], sketch }) end
      if not both and not overflows then return '${NO_CHUNK}' end
      if overflows then rejected[#rejected + 1] = string.format('%d', field) else cells[field] = both end
    end
    saveCells(ofKey, cells)
    if #rejected == 0 then return end
    return '${OVERFLOW}', #rejected < count and rejected or nil
  end
  local records = cut(change, ${SKETCHES_HEAD + 1})
  -- What has another length than it should stays so, and is refused by every read.
  if redis.call('APPEND', ofKey, records) ~= size + #records then return '${NO_CHUNK}' end
  size = size + #records
  if size > least * 2 + ${SLACK} then
    local cells = cellsIn(redis.call('GET', ofKey))
    if cells then
      saveCells(ofKey, cells)
      return
    end
  end
  redis.call('SETRANGE', ofKey, 5, struct.pack('>I4', size))`

const REPLACE = (records: string): string => `
  ${records}
  local bytes, cells, dirty = redis.pcall('GET', key), {}, false
  if type(bytes) == 'table' then return bytes.err end
  if bytes then cells = cellsIn(bytes) end
  if not cells then return '${NO_CHUNK}' end
  ${replacingIn('cells')}`

const CLEAR = (records: string): string => `
${records}
local function clear(key, fields, gone)
  local cells = cellsIn(redis.call('GET', key) or '')
  if not cells then return end
  for _, field in ipairs(fields) do
    if gone(field) then cells[field] = nil end
  end
  saveCells(key, cells)
end`

/** The scripts for sketches of a kind. `shown` is Lua that returns the sketch `held` as a client shall have it. */
export function sketchScripts(unite: string, shown: string): ChunkScripts {
  const records = RECORDS(unite)
  return {
    write: writing({ functions: `${records}${CLOSE}`, body: APPLY }),
    replace: writing(replacing(REPLACE(records), 'if dirty then saveCells(key, cells) end'), { replaces: true }),
    deleteRange: deletingRange(CLEAR(records)),
    read: readChunks,
    fields: readFields,
    cell: script(`
${records}
local bytes = redis.call('GET', KEYS[1])
if not bytes then return false end
local cells = cellsIn(bytes)
if not cells then return redis.error_reply('${NO_CHUNK}') end
local held = cells[tonumber(ARGV[1])]
if not held then return false end
${shown}`),
  }
}

const readChunks: Script = reading(
  `elements[1] = redis.call('GET', key) or nil
  if elements[1] then room = room - #elements[1] / 100 end
  return elements`,
  true,
)
