import type { Scalar } from '../contract/cells.ts'
import { isMap } from '../internal/collections.ts'
import { ExactSum } from '../values/exact-sum.ts'
import { MAP_COST, type Merger, pieces, type TypeRules } from './rules.ts'

/** How often each value was seen. */
export const histogram: TypeRules = {
  idempotent: false,
  counts: true,
  many: true,
  accumulate(change, value, times = 1) {
    const counts = (change as Map<Scalar, number> | undefined) ?? new Map<Scalar, number>()
    see(counts, value, times)
    return counts
  },
  absorb(change, later) {
    const counts = (change as Map<Scalar, number> | undefined) ?? new Map<Scalar, number>()
    for (const [value, times] of later as ReadonlyMap<Scalar, number>) see(counts, value, times)
    return counts
  },
  ordered: false,
  size: (change) => (change as ReadonlyMap<Scalar, number>).size,
  weight: (change) => [...(change as ReadonlyMap<Scalar, number>).values()].reduce((sum, times) => sum + times, 0),
  split: (change, limit) => pieces(change as ReadonlyMap<Scalar, number>, limit).map((piece) => new Map(piece)),
  empty: () => new Map(),
  emptyCost: MAP_COST,
  decode(value, each) {
    const decoded = new Times()
    for (const [scalar, times] of value as ReadonlyMap<Scalar, number>) decoded.see(each(scalar), times)
    return decoded.result()
  },
  holds: isMap,
  merger: () => new Times(),
}

/** Of changes whose times are not all safe integers: their exact sums, whose totals the changes have. */
const sums = new WeakMap<Map<Scalar, number>, Map<Scalar, ExactSum>>()

function see(counts: Map<Scalar, number>, value: Scalar, times: number): void {
  const before = counts.get(value) ?? 0
  const total = before + times
  if (Number.isSafeInteger(total) && Number.isSafeInteger(before) && Number.isSafeInteger(times)) {
    counts.set(value, total)
    return
  }
  const exact = sums.get(counts) ?? new Map<Scalar, ExactSum>()
  sums.set(counts, exact)
  let sum = exact.get(value)
  if (sum === undefined) {
    sum = new ExactSum()
    sum.add(before)
    exact.set(value, sum)
  }
  sum.add(times)
  counts.set(value, sum.total)
}

/** Counts by value, added exactly: plain numbers while those are exact, as nearly all are. */
class Times implements Merger {
  readonly #times = new Map<unknown, number>()
  /** For those that are not. */
  #sums: Map<unknown, ExactSum> | undefined

  add(data: unknown): void {
    for (const [value, times] of data as ReadonlyMap<unknown, number>) this.see(value, times)
  }

  see(value: unknown, times: number): void {
    const before = this.#times.get(value)
    if (before === undefined) {
      this.#times.set(value, times)
      return
    }
    const total = before + times
    const sum = this.#sums?.get(value)
    if (sum !== undefined) sum.add(times)
    else if (Number.isSafeInteger(total) && Number.isSafeInteger(before) && Number.isSafeInteger(times))
      this.#times.set(value, total)
    else {
      const exact = new ExactSum()
      exact.add(before)
      exact.add(times)
      this.#sums ??= new Map()
      this.#sums.set(value, exact)
    }
  }

  /** @throws KAIROS_INVALID_VALUE */
  result(): Map<unknown, number> {
    for (const [value, sum] of this.#sums ?? []) this.#times.set(value, sum.finiteTotal)
    return this.#times
  }
}
