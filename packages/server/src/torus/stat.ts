import { RequestError } from '@kairos/events/http'
import { quoted } from '../http/quoted.ts'

/** One `stat` of a request: `avg(app.hits)`, or several names, `sum(app.a,app.b)`. */
export interface Stat {
  /** As it was asked for. */
  readonly spec: string
  /** A transform or a macro; null: neither. */
  readonly called: string | null
  readonly names: readonly string[]
}

const CALL = /^([A-Za-z0-9_.]+)\(([^()]+)\)$/

/** @throws RequestError */
export function parseStat(spec: string): Stat {
  const [, called = null, inside = spec] = CALL.exec(spec) ?? []
  const names = inside.split(',').filter((name) => name !== '')
  if (names.length > 0) return { spec, called, names: [...new Set(names)] }
  throw new RequestError(400, `stat must be a name or function(name), not ${quoted(spec)}`)
}
