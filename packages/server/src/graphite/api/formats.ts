import { floatText } from '../number-text.ts'
import type { Series } from '../series.ts'
import { turn } from '../turns.ts'
import type { ZoneClock } from '../zone-clock.ts'

type Format = (list: readonly Series[], fields: URLSearchParams, clock: ZoneClock) => Response

/** What `/render` answers, by the name of the format. */
export const formats: Readonly<Record<'json' | 'csv' | 'raw', Format>> = {
  json: (list, fields) => made(jsonOf(list, fields.has('noNullPoints')), 'application/json'),
  csv: (list, _, clock) => made(csvOf(list, clock), 'text/csv; charset=utf-8'),
  raw: (list) => made(rawOf(list), 'text/plain; charset=utf-8'),
}

/** Characters that are made before others have a turn. */
const PIECE = 262_144

/** An answer of many parts. A long one is made in pieces while it is taken: millions of points would hold up all else. */
function made(parts: Iterable<string>, type: string): Response {
  const pieces = piecesOf(parts)
  const first = pieces.next().value ?? ''
  const body = first.length < PIECE ? first : ReadableStream.from(encoded(first, pieces))
  return new Response(body, { headers: { 'content-type': type } })
}

async function* encoded(first: string, others: Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode(first)
  for (const piece of others) {
    await turn()
    yield encoder.encode(piece)
  }
}

function* piecesOf(parts: Iterable<string>): Generator<string, void> {
  let piece = ''
  for (const part of parts) {
    piece += part
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}

function* jsonOf(list: readonly Series[], noNullPoints: boolean): Iterable<string> {
  let before = '['
  for (const { name, tags, start, step, values } of list) {
    if (noNullPoints && values.every((value) => value === null)) continue
    yield `${before}{"target":${JSON.stringify(name)},"tags":${JSON.stringify(tags)},"datapoints":[`
    before = ','
    let between = ''
    for (const [at, value] of values.entries()) {
      if (noNullPoints && value === null) continue
      yield `${between}[${numberText(value)},${start + at * step}]`
      between = ','
    }
    yield ']}'
  }
  yield before === '[' ? '[]' : ']'
}

/** As JSON has it, which knows finite numbers only. */
function numberText(value: number | null): string {
  return Number.isFinite(value) ? String(value) : 'null'
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
