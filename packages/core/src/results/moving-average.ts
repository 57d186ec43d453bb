import { describe } from '../internal/describe.ts'
import { invalidOption } from '../internal/invalid-option.ts'
import { withJson } from '../internal/json.ts'
import { ExactSum } from '../values/exact-sum.ts'
import { entriesOf } from './checked.ts'

/**
 * The mean of each value and of the `n` - 1 entries before it: of fewer at the beginning, and without the nulls among them; null where all are null. It counts
 * entries, not time, so the result should have all its buckets. Sums are exact, so no value leaves a trace once it is out of the window.
 * @throws KAIROS_INVALID_VALUE if a value is neither a number nor null, KAIROS_INVALID_CONFIG if `n` is not a whole number from 1
 * @example `movingAverage(await load.series('web', 'minute', { steps: 60 }), 5)`
 */
export function movingAverage<Key>(result: ReadonlyMap<Key, number | null>, n: number): Map<Key, number | null> {
  if (!Number.isSafeInteger(n) || n < 1)
    throw invalidOption('n', `n must be a whole number of at least 1, not ${describe(n)}`)
  const window = new Window()
  const averages = new Map<Key, number | null>()
  const values: (number | null)[] = []
  for (const [key, value] of entriesOf(result)) {
    values.push(value)
    window.add(value, 1)
    if (values.length > n) window.add(values[values.length - 1 - n]!, -1)
    averages.set(key, window.mean)
  }
  return withJson(averages)
}

/** What is not finite cannot be subtracted again, so it is counted. */
class Window {
  readonly #sum = new ExactSum()
  #count = 0
  #up = 0
  #down = 0
  #none = 0

  /** Adds a value, or takes it out again. */
  add(value: number | null, sign: 1 | -1): void {
    if (value === null) return
    this.#count += sign
    if (Number.isFinite(value)) this.#sum.add(value * sign)
    else if (value === Number.POSITIVE_INFINITY) this.#up += sign
    else if (value === Number.NEGATIVE_INFINITY) this.#down += sign
    else this.#none += sign
  }

  get mean(): number | null {
    if (this.#count === 0) return null
    if (this.#none > 0 || (this.#up > 0 && this.#down > 0)) return Number.NaN
    if (this.#up > 0) return Number.POSITIVE_INFINITY
    if (this.#down > 0) return Number.NEGATIVE_INFINITY
    return this.#sum.total / this.#count
  }
}
