import type { Applying } from './applying.ts'
import { REPLACE_NUMBERS } from './numbers.ts'
import type { Script } from './script.ts'
import { type ChunkType, writing } from './write.ts'

/** The cells of a chunk, one after the other. `load`, `same` and `put` are those of the type. */
export function replacing(kind: string, finish = ''): Applying {
  const body = `
  ${kind}
  local i, ordinalInChunk = first, 0
  while i <= last do
    local mark, size, expected = given[i], tonumber(given[i + 1]), tonumber(given[i + 2])
    local at = i + 3
    local expectedAt = at + math.max(size, 0)
    i = expectedAt + math.max(expected, 0)
    ordinalInChunk = ordinalInChunk + 1
    local held = load(mark)
    if type(held) == 'table' and held.err then return held.err end
    if expected == -2 or same(held, expectedAt, expected) then put(held, mark, at, size)
    else
      unexpected[#unexpected + 1] = ordinal
      unexpected[#unexpected + 1] = ordinalInChunk
    end
  end
  ${finish}`
  return { body }
}

/** Of cells that are one text each. */
const SAME = `
  local function same(held, at, size)
    if size < 0 or not held then return size < 0 and not held end
    return held == given[at]
  end`

/** Cells of a chunk that is taken apart into a table, by field; whether one was replaced is in `dirty`. */
export const replacingIn = (cells: string): string => `
  local function load(field) return ${cells}[tonumber(field)] end
  ${SAME}
  local function put(held, field, at, size)
    ${cells}[tonumber(field)] = size >= 0 and given[at] or nil
    dirty = true
  end`

/** A cell that is a field of a hash. */
const TEXT = `
  local function load(field) return redis.pcall('HGET', key, field) end
  ${SAME}
  local function put(held, field, at, size)
    if size < 0 then redis.call('HDEL', key, field) else redis.call('HSET', key, field, given[at]) end
  end`

const IN_SLICES = `
  local function inSlices(command, elements)
    for i = 1, #elements, 4000 do redis.call(command, key, unpack(elements, i, math.min(i + 3999, #elements))) end
  end
  local function begins(element, mark) return string.sub(element, 1, #mark) == mark end`

/** Elements are added before others are removed, so that the key, and with it its expiry, stays. */
const SET = `${IN_SLICES}
  local function load(mark)
    local members = redis.pcall('SMEMBERS', key)
    if members.err then return members end
    local held = { list = {}, has = {} }
    for _, member in ipairs(members) do
      if begins(member, mark) then
        held.list[#held.list + 1] = member
        held.has[member] = true
      end
    end
    return held
  end
  local function same(held, at, size)
    if #held.list ~= math.max(size, 0) then return false end
    for i = at, at + size - 1 do
      if not held.has[given[i]] then return false end
    end
    return true
  end
  local function put(held, mark, at, size)
    local added, removed = {}, {}
    for i = at, at + size - 1 do
      added[#added + 1] = given[i]
      held.has[given[i]] = nil
    end
    for _, member in ipairs(held.list) do
      if held.has[member] then removed[#removed + 1] = member end
    end
    inSlices('SADD', added)
    inSlices('SREM', removed)
  end`

const HISTOGRAM = `${IN_SLICES}
  local function load(mark)
    local pairs = redis.pcall('HGETALL', key)
    if pairs.err then return pairs end
    local held = { list = {}, times = {} }
    for i = 1, #pairs, 2 do
      if begins(pairs[i], mark) then
        held.list[#held.list + 1] = pairs[i]
        held.times[pairs[i]] = tonumber(pairs[i + 1])
      end
    end
    return held
  end
  local function same(held, at, size)
    if #held.list * 2 ~= math.max(size, 0) then return false end
    for i = at, at + size - 1, 2 do
      if held.times[given[i]] ~= tonumber(given[i + 1]) then return false end
    end
    return true
  end
  local function put(held, mark, at, size)
    local set, removed = {}, {}
    for i = at, at + size - 1, 2 do
      set[#set + 1] = given[i]
      set[#set + 1] = given[i + 1]
      held.times[given[i]] = nil
    end
    for _, field in ipairs(held.list) do
      if held.times[field] then removed[#removed + 1] = field end
    end
    inSlices('HSET', set)
    inSlices('HDEL', removed)
  end`

const SERIES = `${IN_SLICES}
  local function load(mark)
    local elements = redis.pcall('LRANGE', key, 0, -1)
    if elements.err then return elements end
    local held = { list = {}, rest = {}, size = #elements }
    for _, element in ipairs(elements) do
      local list = begins(element, mark) and held.list or held.rest
      list[#list + 1] = element
    end
    return held
  end
  local function same(held, at, size)
    if #held.list ~= math.max(size, 0) then return false end
    for i, element in ipairs(held.list) do
      if element ~= given[at + i - 1] then return false end
    end
    return true
  end
  local function put(held, mark, at, size)
    local elements = held.rest
    for i = at, at + size - 1 do elements[#elements + 1] = given[i] end
    inSlices('RPUSH', elements)
    redis.call('LTRIM', key, held.size, -1)
  end`

/**
 * Replaces cells of chunks: as the script that writes them, with other arguments for each cell: its field, or the offset before its elements; the number of
 * elements of its value, or -1 for no cell; that of what is expected, -1 for no cell, or -2 for anything; then those elements.
 * Reply: nil or a list of errors, as that one's; and two numbers for each cell that held something else: ordinals of the chunk and of the cell in it.
 */
export const replaceScripts: Readonly<Record<ChunkType, Script>> = {
  count: writing(replacing(REPLACE_NUMBERS, 'finish()'), { replaces: true, numbers: true }),
  numbers: writing(replacing(REPLACE_NUMBERS, 'finish()'), { replaces: true, numbers: true }),
  gauge: writing(replacing(TEXT), { replaces: true }),
  histogram: writing(replacing(HISTOGRAM), { replaces: true }),
  series: writing(replacing(SERIES), { replaces: true }),
  set: writing(replacing(SET), { replaces: true }),
}
