import type { Scalar } from '../contract/cells.ts'
import { ExactSum } from '../values/exact-sum.ts'
import type { Accumulated, TypeRules } from './rules.ts'

/** A counter. */
export const count: TypeRules = {
  idempotent: false,
  counts: true,
  many: false,
  accumulate(change, value, times = 1) {
    if (times !== 1) return withTimes(change, value as number, times)
    if (change === undefined) return value
    if (typeof change === 'number') {
      // Nearly all counts are whole numbers, whose plain sum is exact.
      const total = change + (value as number)
      if (Number.isSafeInteger(total) && Number.isSafeInteger(change) && Number.isSafeInteger(value)) return total
    }
    const sum = change instanceof ExactSum ? change : new ExactSum()
    if (sum !== change) sum.add(change as number)
    sum.add(value as number)
    return sum
  },
  absorb: (change, later) => count.accumulate(change, later as Scalar),
  ordered: false,
  settle: (change) => (change instanceof ExactSum ? change.total : (change as number)),
  size: () => 1,
  weight: () => 1,
  split: (change) => [change],
  empty: () => 0,
  emptyCost: 1,
  decode: (value) => value,
  holds: (data) => typeof data === 'number',
  // Nearly all counts are whole numbers, whose plain sum is exact.
  mergeSimply(data) {
    let total = 0
    for (const value of data as readonly number[]) {
      total += value
      if (!Number.isSafeInteger(value) || !Number.isSafeInteger(total)) return undefined
    }
    return total
  },
  merger() {
    const sum = new ExactSum()
    return { add: (data) => sum.add(data as number), result: () => sum.finiteTotal }
  },
}

function withTimes(change: Accumulated | undefined, value: number, times: number): Accumulated {
  const product = value * times
  if (Number.isSafeInteger(value) && Number.isSafeInteger(product)) return count.accumulate(change, product)
  const sum = change instanceof ExactSum ? change : new ExactSum()
  if (sum !== change && change !== undefined) sum.add(change as number)
  sum.addTimes(value, times)
  return sum
}
