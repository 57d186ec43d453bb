import { type Script, script } from './script.ts'

/**
 * Reads the chunks of a range of scores, as the indexes list them.
 *
 * ARGV: most elements, after which it stops; score to begin at in the first index, and element of that list; first and last score of the range;
 * indexes.
 *
 * Reply: where to go on (ordinal of the index from 0, score, element), or nothing, as the first item; then one list for each index: chunk, what
 * it holds, chunk, … Parsing many small strings costs a client more than anything else here, so where no value holds a space a chunk comes as
 * one string, joined by spaces.
 */
const reading = (load: string, joined: boolean): Script =>
  script(`
local room = tonumber(ARGV[1])
local replies = { false }
for at = 6, #ARGV do
  local index = ARGV[at]
  local from, skip = ARGV[4], 0
  if at == 6 then from, skip = ARGV[2], tonumber(ARGV[3]) end
  local reply = {}
  replies[#replies + 1] = reply
  local last
  for i, member in ipairs(redis.call('ZRANGEBYSCORE', index, from, ARGV[5], 'WITHSCORES')) do
    if i % 2 == 1 then
      last = member
    else
      -- Pieces of one bucket have one score and stay together.
      if room <= 0 and member ~= reply.score then
        replies[1] = { at - 6, member, 0 }
        return replies
      end
      reply.score = member
      local key = index .. ':' .. last
      ${load}
      skip = 0
      room = room - #elements
      if #elements > 0 then
        reply[#reply + 1] = last
        reply[#reply + 1] = ${joined ? "table.concat(elements, ' ')" : 'elements'}
      end
      if more then
        replies[1] = { at - 6, member, more }
        return replies
      end
    end
  end
end
return replies`)

const whole = (command: string): string => `local elements, more = redis.call('${command}', key), nil`

/** A list is read in parts, since one may be very long. */
const list = `
      local elements, more = redis.call('LRANGE', key, skip, skip + math.max(room, 1) - 1), nil
      if #elements >= room then more = skip + #elements end`

/** One script for chunks whose elements are joined into one string, one for elements apart. */
export interface ReadScripts {
  readonly joined: Script
  readonly apart: Script
}

const pair = (load: string): ReadScripts => ({
  joined: reading(load, true),
  apart: reading(load, false),
})

/** Scripts that read chunks, by the command that reads one. */
export const readHash: ReadScripts = pair(whole('HGETALL'))
export const readList: ReadScripts = pair(list)
export const readSet: ReadScripts = pair(whole('SMEMBERS'))
export const readFields: ReadScripts = pair(whole('HKEYS'))
/** Only whether the chunk is there. */
export const readPresence: ReadScripts = pair(
  `local elements, more = { redis.call('EXISTS', key) == 1 and '1' or nil }, nil`,
)
