import type { Scalar } from '../contract/cells.ts'
import { isMap } from '../internal/kinds.ts'
import { exactSum, finite } from './exact-sum.ts'
import { MAP_COST, pieces, type TypeRules } from './rules.ts'

/** How often each value was seen. */
export const histogram: TypeRules = {
  idempotent: false,
  accumulate(change, value) {
    const counts = (change as Map<Scalar, number> | undefined) ?? new Map<Scalar, number>()
    return counts.set(value, (counts.get(value) ?? 0) + 1)
  },
  size: (change) => (change as ReadonlyMap<Scalar, number>).size,
  weight: (change) => [...(change as ReadonlyMap<Scalar, number>).values()].reduce((sum, times) => sum + times, 0),
  split: (change, limit) => pieces(change as ReadonlyMap<Scalar, number>, limit).map((piece) => new Map(piece)),
  empty: () => new Map(),
  emptyCost: MAP_COST,
  decode(value, each) {
    const decoded = new Times()
    for (const [scalar, times] of value as ReadonlyMap<Scalar, number>) decoded.add(each(scalar), times)
    return decoded.settled()
  },
  holds: isMap,
  merge(data) {
    const merged = new Times()
    for (const counts of data as readonly ReadonlyMap<unknown, number>[]) {
      for (const [value, times] of counts) merged.add(value, times)
    }
    return merged.settled()
  },
}

/** Times by value, added exactly: a plain number while that is exact, as nearly all are. */
class Times {
  readonly #times = new Map<unknown, number>()
  /** The terms of those that are not. */
  #terms: Map<unknown, number[]> | undefined

  add(value: unknown, times: number): void {
    const before = this.#times.get(value) ?? 0
    const total = before + times
    const terms = this.#terms?.get(value)
    if (
      terms === undefined &&
      Number.isSafeInteger(total) &&
      Number.isSafeInteger(before) &&
      Number.isSafeInteger(times)
    ) {
      this.#times.set(value, total)
      return
    }
    this.#terms ??= new Map()
    if (terms !== undefined) terms.push(times)
    else this.#terms.set(value, [before, times])
    this.#times.set(value, total)
  }

  /** @throws KAIROS_INVALID_VALUE */
  settled(): Map<unknown, number> {
    for (const [value, terms] of this.#terms ?? []) this.#times.set(value, finite(exactSum(terms), terms))
    return this.#times
  }
}
