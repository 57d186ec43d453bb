import { floatText } from '../number-text.ts'
import type { Series } from '../series.ts'
import type { ZoneClock } from '../zone-clock.ts'

type Format = (list: readonly Series[], fields: URLSearchParams, clock: ZoneClock) => Response

/** What `/render` answers, by the name of the format. */
export const formats: Readonly<Record<'json' | 'csv' | 'raw', Format>> = {
  json: (list, fields) => Response.json(list.flatMap((series) => jsonOf(series, fields.has('noNullPoints')))),
  csv: (list, _, clock) => text(list.map((series) => csvOf(series, clock)).join(''), 'text/csv; charset=utf-8'),
  raw: (list) => text(list.map(rawOf).join(''), 'text/plain; charset=utf-8'),
}

function text(body: string, type: string): Response {
  return new Response(body, { headers: { 'content-type': type } })
}

function jsonOf({ name, tags, start, step, values }: Series, noNullPoints: boolean): object[] {
  const points = values.map((value, at) => [value, start + at * step] as const)
  const datapoints = noNullPoints ? points.filter(([value]) => value !== null) : points
  return noNullPoints && datapoints.length === 0 ? [] : [{ target: name, tags, datapoints }]
}

function csvOf({ name, start, step, values }: Series, clock: ZoneClock): string {
  const quoted = /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name
  const timeOf = (seconds: number): string =>
    new Date(clock.localOf(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ')
  return values.map((value, at) => `${quoted},${timeOf(start + at * step)},${value ?? ''}\r\n`).join('')
}

function rawOf({ name, start, end, step, values }: Series): string {
  const list = values.map((value) => (value === null ? 'None' : floatText(value)))
  return `${name.replace(/[\r\n]/g, ' ')},${start},${end},${step}|${list.join(',')}\n`
}
