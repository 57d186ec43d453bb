import { ExactSum } from '../values/exact-sum.ts'
import { byOperator, extreme } from './order.ts'
import { totalTimes } from './sums.ts'
import type { Visit } from './visit.ts'

/** The difference of the largest and the smallest value; null without data. Of bigints a bigint. */
export function range(visit: Visit): number | bigint | null {
  const [least, most] = extremes(visit)
  if (least === null || most === null) return null
  if (typeof least === 'bigint' && typeof most === 'bigint') return most - least
  return Number(most) - Number(least)
}

/** Of the population: the mean of the squared distances from the mean; null without data. */
export function variance(visit: Visit): number | null {
  const found = scaledVariance(visit)
  return found && found.variance / found.scale / found.scale
}

/** The square root of the variance; null without data. Finite also where the variance is too large for a number, or too small. */
export function stddev(visit: Visit): number | null {
  const found = scaledVariance(visit)
  return found && Math.sqrt(found.variance) / found.scale
}

/** The variance of the values times a power of two which brings their squares into the middle of what doubles can hold. */
function scaledVariance(visit: Visit): { readonly variance: number; readonly scale: number } | null {
  const width = range(visit)
  if (width === null) return null
  // Equal values, whose mean may be rounded.
  if (Number(width) === 0) return { variance: 0, scale: 1 }
  const numbers = fromLeast(visit)
  const scale = scaleFor(Number(width))
  return { variance: varianceOf((see) => numbers((value, times) => see(value * scale, times))), scale }
}

type VisitNumbers = (see: (value: number, times: number) => void) => void

/** Bigints, which may be too large for doubles, as distances from the smallest: they have the same variance. */
function fromLeast(visit: Visit): VisitNumbers {
  const [least, most] = extremes(visit)
  if (typeof least !== 'bigint' || typeof most !== 'bigint') {
    return (see) => visit((value, times) => see(Number(value), times))
  }
  const distance = (value: unknown): number =>
    typeof value === 'bigint' ? Number(value - least) : Number(value) - Number(least)
  return (see) => visit((value, times) => see(distance(value), times))
}

/** The largest exponent of a scale: neither it nor a double divided by it is infinite. */
const LARGEST = 1_000

function scaleFor(width: number): number {
  const exponent = Math.floor(Math.log2(width))
  return 2 ** -Math.max(-LARGEST, Math.min(LARGEST, exponent))
}

/**
 * In two passes, each of exact sums, so that the order of the values does not show. The mean is kept as two doubles: one is too coarse where values are
 * large and close together, such as timestamps.
 */
function varianceOf(visit: VisitNumbers): number {
  const times = totalTimes(visit as Visit)
  const high = total(visit, (add, value, times) => add(value, times)) / times
  const low =
    total(visit, (add, value, times) => {
      add(value, times)
      add(-high, times)
    }) / times
  const squares = total(visit, (add, value, times) => {
    const distance = distanceFrom(value, high, low)
    add(distance * distance, times)
  })
  return squares / times
}

type AddTimes = (value: number, times: number) => void

function total(visit: VisitNumbers, addTo: (add: AddTimes, value: number, times: number) => void): number {
  const sum = new ExactSum()
  const add: AddTimes = (value, times) => (times === 1 ? sum.add(value) : sum.addTimes(value, times))
  visit((value, times) => addTo(add, value, times))
  return sum.total
}

/** `value - high - low`, with the error of the first subtraction. Source: D. E. Knuth, 1969. */
function distanceFrom(value: number, high: number, low: number): number {
  const difference = value - high
  const subtracted = difference - value
  const error = value - (difference - subtracted) - (high + subtracted)
  return difference + (error - low)
}

function extremes(visit: Visit): readonly (number | bigint | null)[] {
  return [extreme(visit, byOperator, -1), extreme(visit, byOperator, 1)] as (number | bigint | null)[]
}
