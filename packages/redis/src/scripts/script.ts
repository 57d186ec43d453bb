import { createHash } from 'node:crypto'

/** A Lua script, and the hash by which a server that has run it once knows it. It uses only commands that Redis 6.2 has. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** Removes indentation, which pipelines would send again with each call. */
export function script(text: string): Script {
  const short = text.trim().replace(/\n\s+/g, '\n')
  return { text: short, sha: createHash('sha1').update(short).digest('hex') }
}

/**
 * A script that finds keys in an index, so that the caller cannot declare them. All are in the slot of the declared keys. Dragonfly reads the
 * first line; for other servers it is a comment.
 */
export function indexedScript(text: string): Script {
  return script(`--!df flags=allow-undeclared-keys\n${text.trim()}`)
}

/** The most that one call may cost, counted in elements: a few milliseconds of the server's time, and a reply of a few hundred kilobytes. */
export const PAGE = '3000'

/** The reply to a change that arrives after its deadline, before the server's time in milliseconds. */
export const LATE = 'late'

/** Ends a script whose first argument is a deadline that has passed: a request that the network has held back must not be done after its repeat. */
export const IN_TIME: string = `
if ARGV[1] ~= '' then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if now > tonumber(ARGV[1]) then return { '${LATE}', string.format('%d', now) } end
end`

/** The score of a chunk, with which its name begins. */
export const SCORE_OF = `
local function scoreOf(chunk) return tonumber(string.match(chunk, '^-?%d+')) end`

/** The bucket of a field in the chunk with a score, as `Layout.locate` finds it; needs `buckets` and `fanOut` of the layout. */
export const BUCKET_OF_FIELD = `
local function bucketOf(score, field)
  if buckets == 1 then return score end
  field = tonumber(field)
  if field < 16384 then return score * buckets + math.floor(field / fanOut) end
  return score * buckets + math.floor(field / 16384) - 1
end`

/** A name as keys spell it, and back: see `escapePart`. */
export const ESCAPE = `
local function escape(name)
  if not string.find(name, '[^%w._~-]') then return name end
  name = string.gsub(name, '[^%w._~\\128-\\255-]', function(c) return string.format('%%%04x', string.byte(c)) end)
  return (string.gsub(name, '\\194([\\128-\\160])', function(c) return string.format('%%%04x', string.byte(c)) end))
end`

export const UNESCAPE = `
local function unescape(part)
  return (string.gsub(part, '%%(%x%x%x%x)', function(digits)
    local code = tonumber(digits, 16)
    return code < 128 and string.char(code) or '\\194' .. string.char(code)
  end))
end`

/** The names of an interval in the order of their bytes, beside its registry. */
export const NAMES_OF = `
local function namesOf(registry) return registry .. '/names' end`

/**
 * After chunks were taken out of the index of a name: takes the name out of the registry if nothing is left; else its score is that of its newest chunk
 * again. Needs UNESCAPE and NAMES_OF.
 */
export const DELIST = `
local function delist(registry, index, name)
  local newest = redis.call('ZREVRANGE', index, 0, 0, 'WITHSCORES')
  if newest[2] then
    if redis.call('ZSCORE', registry, name) then redis.call('ZADD', registry, newest[2], name) end
  else
    redis.call('ZREM', registry, name)
    redis.call('ZREM', namesOf(registry), unescape(name))
  end
end`
