import { withJson } from '../internal/json.ts'
import { ExactSum } from '../values/exact-sum.ts'
import { entriesOf } from './checked.ts'

/**
 * The sum of each value and all before it. A null adds nothing: it becomes the sum so far. Each sum is exact and rounded once.
 * @throws KAIROS_INVALID_VALUE if a value is neither a number nor null
 * @example `cumulative(await sales.series('shop', 'day', { steps: 3 })) // Map { 0 => 5, 86400 => 5, 172800 => 9 } of 5, 0, 4`
 */
export function cumulative<Key>(result: ReadonlyMap<Key, number | null>): Map<Key, number> {
  const sum = new ExactSum()
  const sums = new Map<Key, number>()
  for (const [key, value] of entriesOf(result)) {
    if (value !== null) sum.add(value)
    sums.set(key, sum.total)
  }
  return withJson(sums)
}
