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
    const all = change === undefined ? new GrowingSummary() : growing(change as SummaryValue | GrowingSummary)
    return all.see(value as number, seconds!)
  },
  absorb: (change, later) =>
    change === undefined
      ? (later as SummaryValue)
      : growing(change as SummaryValue | GrowingSummary).add(later as SummaryValue),
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
    return { add: (data) => all.add(data as SummaryValue), result: () => all.checked }
  },
  transforms: summaryTransforms,
}

/** As `Summary` and as `SummaryValue`: a number in each of their fields. */
export function isSummary(data: unknown): data is Summary {
  return isRecord(data) && FIELDS.every((field) => typeof data[field] === 'number')
}

const FIELDS: readonly (keyof SummaryValue)[] = ['count', 'sum', 'min', 'max', 'last', 'lastAt']

function growing(change: SummaryValue | GrowingSummary): GrowingSummary {
  return change instanceof GrowingSummary ? change : new GrowingSummary().add(change)
}

/** A summary to which more is added. */
export class GrowingSummary {
  /** How many, while values are added one by one. */
  #seen = 0
  /** Once summaries are. */
  #count: ExactSum | undefined
  readonly #sum = new ExactSum()
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #last = 0
  #lastAt = Number.NEGATIVE_INFINITY

  /** Adds one value. */
  see(value: number, seconds: number): this {
    if (this.#count === undefined) this.#seen++
    else this.#count.add(1)
    this.#sum.add(value)
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    if (seconds >= this.#lastAt) {
      this.#last = value
      this.#lastAt = seconds
    }
    return this
  }

  add({ count, sum, min, max, last, lastAt }: SummaryValue): this {
    if (this.#count === undefined) {
      this.#count = new ExactSum()
      this.#count.add(this.#seen)
    }
    this.#count.add(count)
    this.#sum.add(sum)
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
    return this.#with(this.#count?.total ?? this.#seen, this.#sum.total)
  }

  /** @throws KAIROS_INVALID_VALUE */
  get checked(): SummaryValue {
    return this.#with(this.#count?.finiteTotal ?? this.#seen, this.#sum.finiteTotal)
  }

  #with(count: number, sum: number): SummaryValue {
    return { count, sum, min: this.#min, max: this.#max, last: this.#last, lastAt: this.#lastAt }
  }
}
