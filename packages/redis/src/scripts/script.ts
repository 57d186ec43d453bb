import { createHash } from 'node:crypto'

/** A Lua script, and the name by which a server that has run it once knows it. Commands of Redis 6.2 and no later ones. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** Indentation is for people: what is sent on callers' pipelines, again and again, goes without. */
export function script(text: string): Script {
  const short = text.trim().replace(/\n\s+/g, '\n')
  return { text: short, sha: createHash('sha1').update(short).digest('hex') }
}

/**
 * For scripts that find keys in an index, which nobody can declare before it is read. All are in the slot of the declared ones. Dragonfly reads
 * the line, to others it is a comment.
 */
export function indexedScript(text: string): Script {
  return script(`--!df flags=allow-undeclared-keys\n${text.trim()}`)
}

/** What one call may cost, counted in elements: a few milliseconds of the server's, and a reply of a few hundred kilobytes. */
export const PAGE = '3000'

/** The score of a chunk, which its name begins with. */
export const SCORE_OF = `
local function scoreOf(chunk) return tonumber(string.match(chunk, '^-?%d+')) end`

/** The bucket of a field in the chunk of a score, as Layout places them; needs `buckets` and `fanOut` of the layout. */
export const BUCKET_OF_FIELD = `
local function bucketOf(score, field)
  if buckets == 1 then return score end
  field = tonumber(field)
  if field < 128 then return score * buckets + math.floor(field / fanOut) end
  return score * buckets + math.floor((field - 128) / 16384)
end`
