import type { CellValue, OriginalType, Scalar } from '@kairos/core/driver'

/** A cell's value after a change; undefined if a sum would not be finite: then nothing changes. */
export const merge: Record<OriginalType, (value: CellValue, change: CellValue) => CellValue | undefined> = {
  series: (value, change) => [...(value as Scalar[]), ...(change as Scalar[])],
  histogram(value, change) {
    const counts = new Map(value as Map<Scalar, number>)
    for (const [scalar, times] of change as Map<Scalar, number>) counts.set(scalar, (counts.get(scalar) ?? 0) + times)
    return [...counts.values()].every(Number.isFinite) ? counts : undefined
  },
  count: (value, change) => finite((value as number) + (change as number)),
  gauge: (_value, change) => change,
  set: (value, change) => new Set([...(value as Set<Scalar>), ...(change as Set<Scalar>)]),
}

const finite = (sum: number) => (Number.isFinite(sum) ? sum : undefined)
