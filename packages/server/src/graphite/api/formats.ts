import { floatText } from '../number-text.ts'
import type { Series } from '../series.ts'
import type { ZoneClock } from '../zone-clock.ts'
import { answerOf } from './answer-of.ts'

type Format = (list: readonly Series[], fields: URLSearchParams, clock: ZoneClock) => Response

/** What `/render` answers, by the name of the format. */
export const formats: Readonly<Record<'json' | 'csv' | 'raw', Format>> = {
  json: (list, fields) => answerOf(jsonOf(list, fields.has('noNullPoints')), 'application/json'),
  csv: (list, _, clock) => answerOf(csvOf(list, clock), 'text/csv; charset=utf-8'),
  raw: (list) => answerOf(rawOf(list), 'text/plain; charset=utf-8'),
}

/** Points that are written together. */
const AT_ONCE = 5_000

function* jsonOf(list: readonly Series[], noNullPoints: boolean): Iterable<string> {
  let before = '['
  for (const { name, tags, start, step, values } of list) {
    if (noNullPoints && values.every((value) => value === null)) continue
    yield `${before}{"target":${JSON.stringify(name)},"tags":${JSON.stringify(tags)},"datapoints":[`
    before = ','
    let between = ''
    for (let at = 0; at < values.length; at += AT_ONCE) {
      const points = values.slice(at, at + AT_ONCE).map((value, index) => [value, start + (at + index) * step] as const)
      const shown = noNullPoints ? points.filter(([value]) => value !== null) : points
      if (shown.length === 0) continue
      yield between + JSON.stringify(shown).slice(1, -1)
      between = ','
    }
    yield ']}'
  }
  yield before === '[' ? '[]' : ']'
}

function* csvOf(list: readonly Series[], clock: ZoneClock): Iterable<string> {
  for (const { name, start, step, values } of list) {
    const quoted = /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name
    for (const [at, value] of values.entries()) {
      const time = new Date(clock.localOf(start + at * step) * 1000).toISOString().slice(0, 19).replace('T', ' ')
      yield `${quoted},${time},${value ?? ''}\r\n`
    }
  }
}

function* rawOf(list: readonly Series[]): Iterable<string> {
  for (const { name, start, end, step, values } of list) {
    yield `${name.replace(/[\r\n]/g, ' ')},${start},${end},${step}|`
    for (const [at, value] of values.entries())
      yield `${at === 0 ? '' : ','}${value === null ? 'None' : floatText(value)}`
    yield '\n'
  }
}
