import { isDate } from '../internal/kinds.ts'
import type { Values } from './values.ts'
import type { Visit } from './visit.ts'

export type Compare = (a: unknown, b: unknown) => number

/** Values that the caller's functions passed on keep the order of their kind: decimals are numbers, not texts. */
export function orderOf(visit: Visit, { kind, stored }: Values): Compare {
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

/** The order of `<`: numbers, bigints, dates, texts by code units. */
export function byOperator(a: unknown, b: unknown): number {
  const [left, right] = [a as number, b as number]
  return left > right ? 1 : left < right ? -1 : 0
}

/** The smallest or the largest value; null if there is none. */
export function extreme(visit: Visit, compare: Compare, sign: 1 | -1): unknown {
  let best: unknown = null
  let found = false
  visit((value) => {
    // As in Math.min and Math.max, a NaN anywhere is the result.
    if (!found || isNoNumber(value) || compare(value, best) * sign > 0) best = isNoNumber(best) ? best : value
    found = true
  })
  return best
}

/** NaN, or a Date without a time. */
export function isNoNumber(value: unknown): boolean {
  return Number.isNaN(isDate(value) ? value.getTime() : value)
}
