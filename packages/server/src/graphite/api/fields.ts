import { RequestError } from '@kairos/events/http'
import { quoted } from '../../http/quoted.ts'
import { parseAtTime } from '../at-time.ts'
import type { Range } from '../series.ts'
import type { ZoneClock } from '../zone-clock.ts'

/** All values of a field, as Graphite's clients write it: `target`, or `target[]`. */
export function listOf(fields: URLSearchParams, name: string): string[] {
  const plain = fields.getAll(name)
  return (plain.length > 0 ? plain : fields.getAll(`${name}[]`)).filter((text) => text.trim() !== '')
}

/** A field; of several the last, as Graphite reads them: that of a form comes after those of the URL. */
export function fieldOf(fields: URLSearchParams, name: string): string | undefined {
  return fields.getAll(name).at(-1)
}

/** @throws RequestError */
export function textOf(fields: URLSearchParams, name: string): string {
  const text = fieldOf(fields, name)
  if (text !== undefined && text !== '') return text
  throw new RequestError(400, `${name} must be given`)
}

/** Undefined: it is left out. @throws RequestError */
export function wholeNumber(fields: URLSearchParams, name: string): number | undefined {
  const text = fieldOf(fields, name)
  if (text === undefined || text === '') return undefined
  if (/^\d{1,15}$/.test(text) && Number(text) >= 1) return Number(text)
  throw new RequestError(400, `${name} must be a whole number of at least 1, not ${quoted(text)}`)
}

/** What `from` and `until` say; by default the last day. The future has no data, and is left out. @throws RequestError */
export function rangeOf(fields: URLSearchParams, clock: ZoneClock, now: number): Range {
  const asked = fieldOf(fields, 'now')
  const reference = asked === undefined ? now : parseAtTime(asked, clock, now)
  const start = Math.floor(parseAtTime(fieldOf(fields, 'from') || '-1d', clock, reference))
  const until = Math.floor(parseAtTime(fieldOf(fields, 'until') || 'now', clock, reference))
  if (start >= until) throw new RequestError(400, `from must be before until, not ${start} and ${until}`)
  return { start, end: start < now ? Math.min(until, Math.ceil(now)) : until }
}
