import type { Scalar } from '../contract/cells.ts'
import { pieces, type TypeRules } from './rules.ts'

/** A list of values in order of arrival. */
export const series: TypeRules = {
  idempotent: false,
  counts: false,
  many: true,
  accumulate(change, value) {
    if (change === undefined) return [value]
    ;(change as Scalar[]).push(value)
    return change
  },
  absorb(change, later) {
    const all = (change as Scalar[] | undefined) ?? []
    for (const value of later as readonly Scalar[]) all.push(value)
    return all
  },
  ordered: true,
  size: (change) => (change as readonly Scalar[]).length,
  weight: (change) => (change as readonly Scalar[]).length,
  split: (change, limit) => pieces(change as readonly Scalar[], limit),
  empty: () => [],
  emptyCost: 2,
  decode: (value, each) => (value as readonly Scalar[]).map((scalar) => each(scalar)),
  holds: Array.isArray,
  merger() {
    const all: unknown[] = []
    return {
      add(data) {
        for (const value of data as readonly unknown[]) all.push(value)
      },
      result: () => all,
    }
  },
}
