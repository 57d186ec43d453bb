import { RequestError } from '@kairos/events/http'
import { AGGREGATES, type Aggregate, aggregateNamed } from './aggregates.ts'
import { parseOffset } from './at-time.ts'
import type { NodeOrTag } from './nodes.ts'
import { flatSeries, isSeriesValue, type Source, type Value } from './scope.ts'
import type { Series } from './series.ts'

/** What Grafana's editor learns about a parameter. */
export interface ParamInfo {
  readonly type: string
  readonly required: boolean
  readonly multiple: boolean
  readonly default?: number | string | boolean | undefined
  readonly options?: readonly string[] | undefined
  readonly suggestions?: readonly (number | string)[] | undefined
}

/** A parameter of a function, which reads what was given for it. */
export interface Param<T> extends ParamInfo {
  /** Given unevaluated: a `Source`. */
  readonly lazy: boolean
  /** @throws RequestError; `path` is how messages call it */
  read(given: readonly (Value | Source)[], path: string): T
}

type Check<T> = (value: Value, path: string) => T

function wrong(path: string, expected: string, value: unknown): RequestError {
  const found = Array.isArray(value) ? 'series' : value === undefined ? 'left out' : JSON.stringify(value).slice(0, 64)
  return new RequestError(400, `${path} must be ${expected}, not ${found}`)
}

function single<T>(type: string, expected: string, check: Check<T>, info: Partial<ParamInfo> = {}): Param<T> {
  return {
    type,
    required: true,
    multiple: false,
    lazy: false,
    ...info,
    read([value], path) {
      if (value === undefined || value === null) throw wrong(path, expected, value)
      return check(value as Value, path)
    },
  }
}

/** May be left out, or be None. */
export function optional<T, D extends T | null>(param: Param<T>, fallback: D): Param<T | D> {
  const shown = typeof fallback === 'object' || fallback === Number.POSITIVE_INFINITY ? undefined : fallback
  return {
    ...param,
    required: false,
    default: shown as ParamInfo['default'],
    read: (given, path) => (given[0] === undefined || given[0] === null ? fallback : param.read(given, path)),
  }
}

/** Any number of them, at the end. */
export function many<T>(param: Param<T>, least = 0): Param<readonly T[]> {
  return {
    ...param,
    required: least > 0,
    multiple: true,
    read(given, path) {
      if (given.length < least) throw wrong(path, 'given at least once', undefined)
      return given.map((value) => param.read([value], path))
    },
  }
}

/** With values that Grafana's editor offers. */
export function suggesting<T>(param: Param<T>, ...suggestions: readonly (number | string)[]): Param<T> {
  return { ...param, suggestions }
}

export const series: Param<readonly Series[]> = {
  ...single('seriesList', 'series', (value, path) => {
    if (!isSeriesValue(value)) throw wrong(path, 'series', value)
    return flatSeries(value)
  }),
}

/** Lists of series, of which each is by itself: `mapSeries` makes them. */
export const seriesLists: Param<readonly (readonly Series[])[]> = single('seriesLists', 'series', (value, path) => {
  if (!isSeriesValue(value)) throw wrong(path, 'series', value)
  return value.map((item) => (Array.isArray(item) ? (item as readonly Series[]) : [item as Series]))
})

/** Series at a time that the function chooses. */
export const source: Param<Source> = {
  ...single('seriesList', 'series', () => null as never),
  lazy: true,
  read([given], path) {
    if (given === undefined) throw wrong(path, 'series', given)
    // What reduceSeries gives was read already.
    if (Array.isArray(given)) throw wrong(path, 'series that can be read at other times', given)
    return given as Source
  },
}

/** A number, series or None. */
export const any: Param<number | readonly Series[]> = single('any', 'a number or series', (value, path) =>
  isSeriesValue(value) ? flatSeries(value) : numberOf(value, path),
)

function numberOf(value: Value, path: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw wrong(path, 'a number', value)
}

function integerOf(value: Value, path: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (Number.isSafeInteger(number)) return number as number
  throw wrong(path, 'a whole number', value)
}

export const float: Param<number> = single('float', 'a number', numberOf)
export const integer: Param<number> = single('integer', 'a whole number', integerOf)
/** From 1 on. */
export const positive: Param<number> = single('integer', 'a whole number of at least 1', (value, path) => {
  const number = integerOf(value, path)
  if (number >= 1) return number
  throw wrong(path, 'a whole number of at least 1', value)
})
export const node: Param<number> = single('node', 'the number of a node', integerOf)
export const nodeOrTag: Param<NodeOrTag> = single('nodeOrTag', 'the number of a node or a tag', (value, path) =>
  typeof value === 'string' ? value : integerOf(value, path),
)
export const limitOrInfinity: Param<number> = single('intOrInf', 'a whole number or inf', (value, path) =>
  value === Number.POSITIVE_INFINITY ? value : integerOf(value, path),
)

export const boolean: Param<boolean> = single('boolean', 'true or false', (value, path) => {
  if (value === true || value === 1 || value === 'true') return true
  if (value === false || value === 0 || value === 'false') return false
  throw wrong(path, 'true or false', value)
})

function textOf(value: Value, path: string): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw wrong(path, 'a text in quotation marks', value)
}

export const string: Param<string> = single('string', 'a text in quotation marks', textOf)
export const tag: Param<string> = { ...string, type: 'tag' }
export const date: Param<string> = { ...string, type: 'date' }

/** One of these texts. */
export function oneOf<const Option extends string>(...options: readonly Option[]): Param<Option> {
  const expected = `one of ${options.join(', ')}`
  return single('string', expected, (value, path) => {
    const found = options.find((option) => option === value)
    if (found !== undefined) return found
    throw wrong(path, expected, value)
  })
}

/** A span of time, as written, and in seconds. */
export interface Span {
  readonly text: string
  readonly seconds: number
}

/** Of any length and either sign. */
export const shift: Param<Span> = single('interval', 'a span such as "1h"', (value, path) => {
  const text = textOf(value, path)
  return { text, seconds: parseOffset(text) }
})

/** At least one second; its sign does not count. */
export const interval: Param<Span> = single('interval', 'a span such as "1h"', (value, path) => {
  const span = shift.read([value], path)
  if (span.seconds === 0) throw wrong(path, 'a span of at least one second', value)
  return { ...span, seconds: Math.abs(span.seconds) }
})

/** A window: this many points, or a span. */
export type Window = { readonly points: number; readonly text: string } | Span

export const intOrInterval: Param<Window> = {
  ...single('intOrInterval', 'a number of points or a span such as "5min"', (value, path): Window => {
    if (typeof value === 'string' && !/^\d+$/.test(value)) {
      const span = interval.read([value], path)
      return { ...span, text: `"${span.text}"` }
    }
    const points = positive.read([value], path)
    return { points, text: String(points) }
  }),
  suggestions: [5, 7, 10, '1min', '5min', '10min', '30min', '1hour'],
}

/** How values are made one: its name and what it does. */
export interface NamedAggregate {
  readonly name: string
  readonly of: Aggregate
}

export const aggregateFunction: Param<NamedAggregate> = {
  ...single('aggFunc', 'the name of an aggregation', (value, path): NamedAggregate => {
    const of = typeof value === 'string' ? aggregateNamed(value) : undefined
    if (of === undefined) throw wrong(path, `one of ${AGGREGATES.join(', ')}`, value)
    return { name: value as string, of }
  }),
  options: AGGREGATES,
}
/** The same for functions that take those of series too. */
export const seriesFunction: Param<NamedAggregate> = { ...aggregateFunction, type: 'aggOrSeriesFunc' }

/** An aggregation that may be left out. */
export function defaultAggregate(name: string): Param<NamedAggregate> {
  return {
    ...aggregateFunction,
    required: false,
    default: name,
    read: (given, path) => aggregateFunction.read([given[0] ?? name], path),
  }
}
