import type { TimeseriesType } from './contract.ts'
import { KairosError } from './errors.ts'
import { isDate, isMap, isSet } from './internal/kinds.ts'
import type { Arithmetic, ValueKind } from './values/value-types.ts'

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
 * The built-in transforms of a type, and of its values where they are known beforehand; null where the caller's own functions make the
 * values, which then decide when they are there.
 */
export function knownTransforms(type: TimeseriesType, kind: ValueKind | null): readonly TransformName[] {
  if (type === 'gauge') return []
  if (type === 'count') return ['rate']
  return kind === null ? NUMERIC : BY_ARITHMETIC[kind.arithmetic]
}

export function unknownTransform(name: unknown, known: readonly string[], what: string): KairosError {
  const list = known.length === 0 ? 'none' : known.join(', ')
  return new KairosError(
    'KAIROS_UNKNOWN_TRANSFORM',
    `${what} has no transform ${JSON.stringify(name)}; it has: ${list}`,
    {
      transform: String(name),
      known,
    },
  )
}

/** Values with how often each counts: a list and a set once, a histogram as often as it was seen. */
type Weighted = Iterable<readonly [value: unknown, times: number]>

/**
 * One built-in transform of one piece of data; `seconds` is the span that it covers.
 * Of no data, `mean`, `min` and `max` are null, the others 0 (the rate of a histogram: an empty map).
 */
export function applyTransform(name: TransformName, data: unknown, seconds: number, kind: ValueKind | null): unknown {
  if (typeof data === 'number') return rateOfCount(name, data, seconds)
  const values = weigh(data)
  switch (name) {
    case 'count':
      return totalTimes(values)
    case 'rate':
      return isMap(data) ? ratesOf(data, seconds) : totalTimes(values) / seconds
    case 'sum':
      return sum(values, kind)
    case 'mean':
      return mean(values, kind)
    case 'min':
      return extreme(values, kind, -1)
    case 'max':
      return extreme(values, kind, 1)
  }
}

function rateOfCount(name: TransformName, count: number, seconds: number): number {
  if (name !== 'rate') throw unknownTransform(name, ['rate'], 'a number')
  return count / seconds
}

function weigh(data: unknown): Weighted {
  if (isMap(data)) return data as ReadonlyMap<unknown, number>
  if (Array.isArray(data) || isSet(data)) return once(data as Iterable<unknown>)
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    'a built-in transform needs a list, a set or a map of counts: use a function for data of your own shape',
    {
      path: 'transform',
      value: data,
    },
  )
}

function* once(values: Iterable<unknown>): Generator<readonly [unknown, number]> {
  for (const value of values) yield [value, 1]
}

function totalTimes(values: Weighted): number {
  let total = 0
  for (const [, times] of values) total += times
  return total
}

function ratesOf(counts: ReadonlyMap<unknown, unknown>, seconds: number): Map<unknown, number> {
  return new Map([...counts].map(([value, times]) => [value, (times as number) / seconds]))
}

function sum(values: Weighted, kind: ValueKind | null): number | bigint {
  let bigints = 0n
  let sawBigint = kind?.bigint ?? false
  const numbers = new CompensatedSum()
  for (const [value, times] of values) {
    checkArithmetic(value, 'numeric', 'sum')
    if (typeof value === 'bigint') {
      sawBigint = true
      bigints += value * BigInt(times)
    } else numbers.add((value as number) * times)
  }
  return sawBigint ? bigints : numbers.total
}

function mean(values: Weighted, kind: ValueKind | null): number | null {
  const times = totalTimes(values)
  return times === 0 ? null : Number(sum(values, kind)) / times
}

function extreme(values: Weighted, kind: ValueKind | null, sign: 1 | -1): unknown {
  const compare = (kind?.compare as ((a: unknown, b: unknown) => number) | undefined) ?? byOperator
  let best: unknown
  let found = false
  for (const [value] of values) {
    checkArithmetic(value, 'ordered', sign > 0 ? 'max' : 'min')
    if (!found || compare(value, best) * sign > 0) best = value
    found = true
  }
  return found ? best : null
}

function byOperator(a: unknown, b: unknown): number {
  const [left, right] = [a as number, b as number]
  return left > right ? 1 : left < right ? -1 : 0
}

/** Values that a readFunc made are known only now. */
function checkArithmetic(value: unknown, needed: Arithmetic, name: TransformName): void {
  const has =
    typeof value === 'number' || typeof value === 'bigint'
      ? 'numeric'
      : typeof value === 'string' || isDate(value)
        ? 'ordered'
        : 'counted'
  if (has !== 'numeric' && has !== needed) throw unknownTransform(name, BY_ARITHMETIC[has], `a ${typeof value}`)
}

/** Source: A. Neumaier, 1974. The order of a histogram's or a set's members differs from store to store, and must not show in their sum. */
class CompensatedSum {
  #sum = 0
  #plain = 0
  #correction = 0

  add(value: number): void {
    const next = this.#sum + value
    this.#correction += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum
    this.#sum = next
    this.#plain += value
  }

  get total(): number {
    const total = this.#sum + this.#correction
    return Number.isFinite(total) ? total : this.#plain
  }
}
