import { isMap } from '../internal/collections.ts'
import { ExactSum } from '../values/exact-sum.ts'
import { byOperator, type Compare, isNoNumber } from './order.ts'
import type { Share } from './percentile-name.ts'
import type { Visit } from './visit.ts'

/**
 * The smallest value for which at least this share of the times is at it or below; null without data. PostgreSQL's percentile_disc: always a value
 * that is there. A NaN anywhere is the result, as in the other transforms. `visit` leaves out values whose times are not more than 0.
 */
export function percentile(share: Share, data: unknown, visit: Visit, compare: Compare): unknown {
  return isMap(data) ? ofCounts(share, visit, compare) : ofValues(share, visit, compare)
}

function ofValues(share: Share, visit: Visit, compare: Compare): unknown {
  const values: unknown[] = []
  let numbers = compare === byOperator
  visit((value) => {
    values.push(value)
    numbers &&= typeof value === 'number'
  })
  const none = values.find(isNoNumber)
  if (none !== undefined || values.length === 0) return none ?? null
  // An array of doubles is sorted many times faster.
  const sorted = numbers ? Float64Array.from(values as number[]).sort() : values.sort(compare)
  return sorted[rankOf(share, values.length) - 1]
}

function ofCounts(share: Share, visit: Visit, compare: Compare): unknown {
  const counts: [value: unknown, times: number][] = []
  let total = 0
  let whole = true
  visit((value, times) => {
    counts.push([value, times])
    total += times
    whole &&= Number.isSafeInteger(times) && Number.isSafeInteger(total)
  })
  const none = counts.find(([value]) => isNoNumber(value))
  if (none !== undefined || counts.length === 0) return none === undefined ? null : none[0]
  counts.sort(([a], [b]) => compare(a, b))
  const reached = whole ? byRank(rankOf(share, total)) : byExactSum(share, counts)
  return (counts.find(([, times]) => reached(times)) ?? counts.at(-1)!)[0]
}

/** With which of `count` ordered values the share is reached: from 1, rounded up. */
function rankOf({ numerator, denominator }: Share, count: number): number {
  const product = numerator * count
  // The quotient of two such numbers is not rounded to a whole number, unless it is one.
  if (Number.isSafeInteger(product)) return Math.max(1, Math.ceil(product / denominator))
  return Number((BigInt(numerator) * BigInt(count) - 1n) / BigInt(denominator) + 1n)
}

/** Whether the times of ascending values reach the rank. */
function byRank(rank: number): (times: number) => boolean {
  let before = 0
  return (times) => {
    before += times
    return before >= rank
  }
}

/** The same for times with fractions, or too many to be counted one by one. */
function byExactSum(
  { numerator, denominator }: Share,
  counts: readonly (readonly [unknown, number])[],
): (times: number) => boolean {
  const missing = new ExactSum()
  for (const [, times] of counts) missing.addTimes(times, numerator)
  return (times) => {
    missing.addTimes(times, -denominator)
    return !(missing.total > 0)
  }
}
