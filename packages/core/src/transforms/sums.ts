import { ExactSum } from '../values/exact-sum.ts'
import type { Values } from './values.ts'
import type { Visit } from './visit.ts'

export function totalTimes(visit: Visit): number {
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

export function sum(visit: Visit, values: Values): number | bigint {
  return areBigints(visit, values) ? sumOfBigints(visit) : sumOfFloats(visit, 1)
}

export function mean(visit: Visit, values: Values): number | null {
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
