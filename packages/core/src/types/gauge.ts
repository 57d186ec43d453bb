import type { Scalar } from '../contract/cells.ts'
import type { TypeRules } from './rules.ts'

/** The last value written. */
export const gauge: TypeRules = {
  idempotent: true,
  counts: false,
  many: false,
  accumulate: (_change, value) => value,
  absorb: (_change, later) => later,
  ordered: true,
  size: () => 1,
  weight: () => 1,
  split: (change) => [change],
  empty: () => null,
  emptyCost: 1,
  decode: (value, each) => each(value as Scalar),
  holds: () => true,
  merger() {
    let last: unknown
    return {
      add(data) {
        last = data
      },
      result: () => last,
    }
  },
}
