import type { TimeseriesType } from './contract/cells.ts'
import { KairosError } from './errors.ts'
import { isMap, isSet } from './internal/collections.ts'
import { describe, textOf } from './internal/describe.ts'
import { withJson } from './internal/json.ts'
import { isDate } from './internal/kinds.ts'
import { ExactSum } from './types/exact-sum.ts'
import type { Arithmetic, ValueKind } from './values/value-kinds.ts'

/** A built-in transform. */
export type TransformName = 'count' | 'rate' | 'sum' | 'mean' | 'min' | 'max'

const COUNTED: readonly TransformName[] = ['count', 'rate']
const ORDERED: readonly TransformName[] = [...COUNTED, 'min', 'max']
const NUMERIC: readonly TransformName[] = [...ORDERED, 'sum', 'mean']
const BY_ARITHMETIC: Readonly<Record<Arithmetic, readonly TransformName[]>> = {
  counted: COUNTED,
  ordered: ORDERED,
  numeric: NUMERIC,
}

/**
 * The built-in transforms of a type and its values. `kind` is null if the caller's functions make the values: then the values themselves
 * decide later.
 */
export function knownTransforms(type: TimeseriesType, kind: ValueKind | null): readonly TransformName[] {
  if (type === 'gauge') return []
  if (type === 'count') return ['rate']
  return kind === null ? NUMERIC : BY_ARITHMETIC[kind.arithmetic]
}

export function unknownTransform(name: unknown, known: readonly string[], what: string): KairosError {
  const list = known.length === 0 ? 'none' : known.join(', ')
  return new KairosError('KAIROS_UNKNOWN_TRANSFORM', `${what} has no transform ${describe(name)}; it has: ${list}`, {
    transform: textOf(name),
    known,
  })
}

/** What is known about the values beforehand. */
export interface Values {
  /** Null if the caller's functions make them. */
  readonly kind: ValueKind | null
  /** That of the timeseries, which those functions may have kept. */
  readonly stored: ValueKind | null
  sumOfNone(): 0 | 0n
}

/**
 * Applies a built-in transform to one piece of data; `seconds` is the time that it covers.
 * Without data, `mean`, `min` and `max` are null, the others 0 (the rate of a histogram: an empty map).
 * @throws KAIROS_UNKNOWN_TRANSFORM, KAIROS_INVALID_CONFIG if a function of the caller made data without such a transform
 */
export function applyTransform(name: TransformName, data: unknown, seconds: number, values: Values): unknown {
  if (typeof data === 'number') return rateOfCount(name, data, seconds)
  const { kind } = values
  const visit = visitorOf(data)
  if (kind === null && name !== 'count' && name !== 'rate') checkValues(name, visit, values.stored)
  switch (name) {
    case 'count':
      return totalTimes(visit)
    case 'rate':
      return isMap(data) ? ratesOf(data, seconds) : totalTimes(visit) / seconds
    case 'sum':
      return areBigints(visit, values) ? sumOfBigints(visit) : sumOfFloats(visit, 1)
    case 'mean':
      return mean(visit, values)
    case 'min':
      return extreme(visit, orderOf(visit, values), -1)
    case 'max':
      return extreme(visit, orderOf(visit, values), 1)
  }
}

function rateOfCount(name: TransformName, count: number, seconds: number): number {
  if (name !== 'rate') throw unknownTransform(name, ['rate'], 'a number')
  return count / seconds
}

/** Calls back with each value and how often it counts: once in a list or a set, as often as seen in a histogram. */
type Visit = (see: (value: unknown, times: number) => void) => void

function visitorOf(data: unknown): Visit {
  if (isMap(data)) {
    return (see) => {
      for (const [value, times] of data) see(value, times as number)
    }
  }
  if (Array.isArray(data) || isSet(data)) {
    return (see) => {
      for (const value of data as Iterable<unknown>) see(value, 1)
    }
  }
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    'a built-in transform must get a list, a set or a map of counts; use a function for data of another shape',
    { path: 'transform', value: data },
  )
}

/** Values made by the caller's functions can only be checked now. */
function checkValues(name: TransformName, visit: Visit, stored: ValueKind | null): void {
  visit((value) => {
    const known = BY_ARITHMETIC[arithmeticOf(value, stored)]
    if (!known.includes(name)) throw unknownTransform(name, known, `the value ${describe(value)}`)
  })
}

function arithmeticOf(value: unknown, stored: ValueKind | null): Arithmetic {
  if (typeof value === 'number' || typeof value === 'bigint') return 'numeric'
  if (typeof value !== 'string') return isDate(value) ? 'ordered' : 'counted'
  // An address that a function passed on has no more order than before.
  return stored === null || stored.normalise(value) === undefined ? 'ordered' : stored.arithmetic
}

function totalTimes(visit: Visit): number {
  let total = 0
  visit((_value, times) => {
    total += times
  })
  // Up to there no addition of whole numbers was rounded.
  if (Number.isSafeInteger(total)) return total
  const exact = new ExactSum()
  visit((_value, times) => exact.add(times))
  return exact.total
}

function ratesOf(counts: ReadonlyMap<unknown, unknown>, seconds: number): Map<unknown, number> {
  return withJson(new Map(Array.from(counts, ([value, times]) => [value, (times as number) / seconds])))
}

function mean(visit: Visit, values: Values): number | null {
  const times = totalTimes(visit)
  if (times === 0) return null
  return areBigints(visit, values) ? Number(sumOfBigints(visit)) / times : sumOfFloats(visit, times)
}

/** Whether the sum is a bigint. A readFunc may return both kinds: then it is a number. */
function areBigints(visit: Visit, { kind, sumOfNone }: Values): boolean {
  if (kind !== null) return kind.bigint ?? false
  let bigints = 0
  let numbers = 0
  visit((value) => {
    if (typeof value === 'bigint') bigints++
    else numbers++
  })
  return bigints + numbers === 0 ? typeof sumOfNone() === 'bigint' : numbers === 0
}

function sumOfBigints(visit: Visit): bigint {
  let total = 0n
  visit((value, times) => {
    total += (value as bigint) * BigInt(times)
  })
  return total
}

/** Scaled by this, any weighted sum of doubles is finite; a power of two, so that nothing is rounded. */
const SCALE = 2 ** -130

/**
 * The sum, divided. Each store returns the members of histograms and sets in its own order, which must affect neither the last digits nor
 * whether an intermediate sum overflows.
 */
function sumOfFloats(visit: Visit, divisor: number): number {
  const total = scaledSum(visit, 1)
  return Number.isFinite(total) ? total / divisor : scaledSum(visit, SCALE) / divisor / SCALE
}

function scaledSum(visit: Visit, scale: number): number {
  const sum = new ExactSum()
  visit((value, times) => {
    const term = Number(value) * scale
    if (times === 1) sum.add(term)
    else sum.addTimes(term, times)
  })
  return sum.total
}

type Compare = (a: unknown, b: unknown) => number

/** Values that the caller's functions passed on keep the order of their kind: decimals are numbers, not texts. */
function orderOf(visit: Visit, { kind, stored }: Values): Compare {
  const known = kind ?? stored
  if (known?.compare === undefined) return byOperator
  const compare = known.compare as Compare
  if (kind !== null) return compare
  let kept = true
  visit((value) => {
    kept &&= known.normalise(value) !== undefined
  })
  return kept ? (a, b) => compare(known.normalise(a), known.normalise(b)) : byOperator
}

function extreme(visit: Visit, compare: Compare, sign: 1 | -1): unknown {
  let best: unknown = null
  let found = false
  visit((value) => {
    // As in Math.min and Math.max, a NaN anywhere is the result.
    if (!found || isNoNumber(value) || compare(value, best) * sign > 0) best = isNoNumber(best) ? best : value
    found = true
  })
  return best
}

function isNoNumber(value: unknown): boolean {
  return Number.isNaN(isDate(value) ? value.getTime() : value)
}

function byOperator(a: unknown, b: unknown): number {
  const [left, right] = [a as number, b as number]
  return left > right ? 1 : left < right ? -1 : 0
}
