import type { Scalar } from '../contract/cells.ts'
import { isMap } from '../internal/kinds.ts'
import { pieces, type TypeRules } from './rules.ts'

/** How often each value was seen. */
export const histogram: TypeRules = {
  idempotent: false,
  accumulate(change, value) {
    const counts = (change as Map<Scalar, number> | undefined) ?? new Map<Scalar, number>()
    return add(counts, value, 1)
  },
  size: (change) => (change as ReadonlyMap<Scalar, number>).size,
  weight: (change) => [...(change as ReadonlyMap<Scalar, number>).values()].reduce((sum, times) => sum + times, 0),
  split: (change, limit) => pieces(change as ReadonlyMap<Scalar, number>, limit).map((piece) => new Map(piece)),
  empty: () => new Map(),
  decode(value, each) {
    const decoded = new Map<unknown, number>()
    for (const [scalar, times] of value as ReadonlyMap<Scalar, number>) add(decoded, each(scalar), times)
    return decoded
  },
  holds: isMap,
  merge(data) {
    const merged = new Map<unknown, number>()
    for (const counts of data as readonly ReadonlyMap<unknown, number>[]) {
      for (const [value, times] of counts) add(merged, value, times)
    }
    return merged
  },
}

function add<K>(counts: Map<K, number>, value: K, times: number): Map<K, number> {
  return counts.set(value, (counts.get(value) ?? 0) + times)
}
