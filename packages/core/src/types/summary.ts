import type { Summary } from '../api/sketches.ts'
import type { SummaryValue } from '../contract/sketches.ts'
import { isRecord } from '../internal/kinds.ts'
import { summaryTransforms } from '../transforms/summary.ts'
import { ExactSum } from '../values/exact-sum.ts'
import type { TypeRules } from './rules.ts'

/** Six numbers about the values. */
export const summary: TypeRules = {
  idempotent: false,
  counts: false,
  many: false,
  accumulate(change, value, _times, seconds) {
    const [number, at] = [value as number, seconds!]
    // As drivers see it: where values come slowly, most cells have only one.
    if (change === undefined) return { count: 1, sum: number, min: number, max: number, last: number, lastAt: at }
    return growing(change as SummaryValue | GrowingSummary).see(number, at)
  },
  absorb: (change, later) =>
    change === undefined
      ? (later as SummaryValue)
      : growing(change as SummaryValue | GrowingSummary).unite(later as SummaryValue),
  // Of two values at the same moment the one that arrived last shows.
  ordered: true,
  settle: (change) => (change instanceof GrowingSummary ? change.value : (change as SummaryValue)),
  sumOf: (change) => (change as SummaryValue).sum,
  size: () => 1,
  weight: () => 1,
  split: (change) => [change],
  empty: () => null,
  emptyCost: 1,
  decode: (value) => value,
  holds: isSummary,
  merger() {
    const all = new GrowingSummary()
    return { add: (data) => all.unite(data as SummaryValue), result: () => all.checked }
  },
  transforms: summaryTransforms,
}

/** As `Summary` and as `SummaryValue`: a number in each of their fields. */
export function isSummary(data: unknown): data is Summary {
  return isRecord(data) && FIELDS.every((field) => typeof data[field] === 'number')
}

const FIELDS: readonly (keyof SummaryValue)[] = ['count', 'sum', 'min', 'max', 'last', 'lastAt']

function growing(change: SummaryValue | GrowingSummary): GrowingSummary {
  if (change instanceof GrowingSummary) return change
  const { count, sum, min, max, last, lastAt } = change
  const isValue = count === 1 && sum === last && min === last && max === last
  return isValue ? new GrowingSummary().see(last, lastAt) : new GrowingSummary().unite(change)
}

/** A summary to which more is added. It is its own sum, since each object more costs as much as an addition. */
export class GrowingSummary extends ExactSum {
  /** How many, while values are added one by one. */
  #seen = 0
  /** Once summaries are. */
  #count: ExactSum | undefined
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #last = 0
  #lastAt = Number.NEGATIVE_INFINITY

  /** Adds one value. */
  see(value: number, seconds: number): this {
    if (this.#count === undefined) this.#seen++
    else this.#count.add(1)
    this.add(value)
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    if (seconds >= this.#lastAt) {
      this.#last = value
      this.#lastAt = seconds
    }
    return this
  }

  unite({ count, sum, min, max, last, lastAt }: SummaryValue): this {
    if (this.#count === undefined) {
      this.#count = new ExactSum()
      this.#count.add(this.#seen)
    }
    this.#count.add(count)
    this.add(sum)
    this.#min = Math.min(this.#min, min)
    this.#max = Math.max(this.#max, max)
    if (lastAt >= this.#lastAt) {
      this.#last = last
      this.#lastAt = lastAt
    }
    return this
  }

  /** Its sum is infinite if it is too large for a number. */
  get value(): SummaryValue {
    return this.#with(this.#count?.total ?? this.#seen, this.total)
  }

  /** @throws KAIROS_INVALID_VALUE */
  get checked(): SummaryValue {
    return this.#with(this.#count?.finiteTotal ?? this.#seen, this.finiteTotal)
  }

  #with(count: number, sum: number): SummaryValue {
    return { count, sum, min: this.#min, max: this.#max, last: this.#last, lastAt: this.#lastAt }
  }
}
