import { KairosError } from '@kairos/core'
import { type AnyTimeseries, collect } from '../internal/any-timeseries.ts'
import { intervalOf, type Scenario } from './scenario.ts'

/** The names that vectors use for errors. */
const ERRORS: Readonly<Record<string, string>> = {
  KAIROS_INVALID_RANGE: 'range',
  KAIROS_UNKNOWN_TRANSFORM: 'transform',
}

/** An error, as the answer to a question. */
interface ErrorAnswer {
  readonly $error: string
}

/** The answer to a scenario's question, in the shapes that `expectedOf` gives. */
export async function answerOf(timeseries: AnyTimeseries, scenario: Scenario): Promise<unknown> {
  try {
    return asMaps(await ask(timeseries, scenario))
  } catch (error) {
    const name = KairosError.is(error) ? ERRORS[error.code] : undefined
    if (name === undefined) throw error
    return { $error: name } satisfies ErrorAnswer
  }
}

async function ask(timeseries: AnyTimeseries, scenario: Scenario): Promise<unknown> {
  const { method, interval = '', options = {} } = scenario.query
  const name = withPatterns(scenario.query.name ?? '') as string | object
  const known = intervalOf(scenario, interval)
  switch (method) {
    case 'get':
      return timeseries.get(name, known, options)
    case 'series':
      return timeseries.series(name, known, options)
    case 'iterate':
      return collect(timeseries.iterate(name, known, options))
    case 'query': {
      const answer = await timeseries.query(name, options)
      return { ...answer, interval: answer.interval.slice(intervalOf(scenario, '').length) }
    }
    case 'top':
      return timeseries.top(known, options)
    case 'cells':
      return cellsOf(timeseries, scenario)
    case 'list':
      return timeseries.list()
    case 'properties':
      return timeseries.properties(String(name))
  }
}

function withPatterns(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPatterns)
  if (typeof value !== 'object' || value === null) return value
  if ('$pattern' in value) return new RegExp(value.$pattern as string)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withPatterns(each)]))
}

/** Every cell as it is stored: its name, interval, start, start of its resolution bucket, and value. */
async function cellsOf(timeseries: AnyTimeseries, scenario: Scenario): Promise<unknown[]> {
  const cells: unknown[] = []
  for await (const { name, interval, start, resolutionStart = start, value } of timeseries.cells())
    cells.push([name, interval.slice(intervalOf(scenario, '').length), start, resolutionStart, value])
  return cells
}

/** What the scenario expects: with maps and sets made from JSON. */
export function expectedOf(scenario: Scenario): unknown {
  const expected = decode(scenario.expected)
  if (scenario.query.method !== 'properties' || !(expected instanceof Map)) return expected
  return new Map(Array.from(expected, ([interval, extent]) => [intervalOf(scenario, String(interval)), extent]))
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode)
  if (typeof value !== 'object' || value === null) return value
  if ('$map' in value) {
    const entries = value.$map as readonly (readonly [unknown, unknown])[]
    return new Map(entries.map(([key, item]) => [decode(key), decode(item)]))
  }
  return '$set' in value ? new Set((value.$set as readonly unknown[]).map(decode)) : value
}

/** A vector writes an object of transforms, or of properties, as a map. */
function asMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asMaps)
  if (value instanceof Map) return new Map(Array.from(value, ([key, item]) => [key, asMaps(item)]))
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('hex') }
  if (typeof value !== 'object' || value === null || value instanceof Set) return value
  return new Map(Object.entries(value).map(([key, item]) => [key, asMaps(item)]))
}
