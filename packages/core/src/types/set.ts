import type { Scalar } from '../contract/cells.ts'
import { isSet } from '../internal/collections.ts'
import { MAP_COST, pieces, type TypeRules } from './rules.ts'

/** A set of values. */
export const set: TypeRules = {
  idempotent: true,
  counts: false,
  many: true,
  accumulate: (change, value) => ((change as Set<Scalar> | undefined) ?? new Set<Scalar>()).add(value),
  absorb(change, later) {
    const all = (change as Set<Scalar> | undefined) ?? new Set<Scalar>()
    for (const value of later as ReadonlySet<Scalar>) all.add(value)
    return all
  },
  ordered: false,
  size: (change) => (change as ReadonlySet<Scalar>).size,
  weight: (change) => (change as ReadonlySet<Scalar>).size,
  split: (change, limit) => pieces(change as ReadonlySet<Scalar>, limit).map((piece) => new Set(piece)),
  empty: () => new Set(),
  emptyCost: MAP_COST,
  decode: (value, each) => new Set(Array.from(value as ReadonlySet<Scalar>, (scalar) => each(scalar))),
  holds: isSet,
  merger() {
    const all = new Set<unknown>()
    return {
      add(data) {
        for (const member of data as ReadonlySet<unknown>) all.add(member)
      },
      result: () => all,
    }
  },
}
