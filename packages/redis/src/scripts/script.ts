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
