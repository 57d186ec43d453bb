import type { CellValue, Scalar, TimeseriesType } from '../contract/cells.ts'
import type { SummaryValue } from '../contract/sketches.ts'
import { Registers } from '../sketches/registers.ts'

/** Bytes are the only scalars that can be changed in place. */
function copyScalar(scalar: Scalar): Scalar {
  return scalar instanceof Uint8Array ? new Uint8Array(scalar) : scalar
}

/** How a cell of a type is changed and copied: a change stays the writer's, and what was read stays as it was. */
interface MemoryKind {
  copy(value: CellValue): CellValue
  /** May change the first value, which belongs to the store. Undefined if a sum would not be finite; then nothing has changed. */
  merge(value: CellValue, change: CellValue): CellValue | undefined
}

/** Times by value, and by bin. */
const times: MemoryKind = {
  copy: (value) => new Map(value as ReadonlyMap<Scalar, number>),
  merge(value, change) {
    const counts = value as Map<Scalar, number>
    const changes = change as ReadonlyMap<Scalar, number>
    for (const [scalar, times] of changes) if (!Number.isFinite((counts.get(scalar) ?? 0) + times)) return undefined
    for (const [scalar, times] of changes) counts.set(scalar, (counts.get(scalar) ?? 0) + times)
    return counts
  },
}

export const memoryKinds: Readonly<Record<TimeseriesType, MemoryKind>> = {
  series: {
    copy: (value) => (value as readonly Scalar[]).map(copyScalar),
    merge(value, change) {
      for (const scalar of change as readonly Scalar[]) (value as Scalar[]).push(copyScalar(scalar))
      return value
    },
  },
  histogram: times,
  count: {
    copy: (value) => value,
    merge(value, change) {
      const sum = (value as number) + (change as number)
      return Number.isFinite(sum) ? sum : undefined
    },
  },
  gauge: { copy: (value) => copyScalar(value as Scalar), merge: (_value, change) => copyScalar(change as Scalar) },
  set: {
    copy: (value) => new Set(value as ReadonlySet<Scalar>),
    merge(value, change) {
      for (const scalar of change as ReadonlySet<Scalar>) (value as Set<Scalar>).add(scalar)
      return value
    },
  },
  summary: {
    copy: (value) => ({ ...(value as SummaryValue) }),
    merge(value, change) {
      const [one, other] = [value as SummaryValue, change as SummaryValue]
      const [count, sum] = [one.count + other.count, one.sum + other.sum]
      if (!(Number.isFinite(count) && Number.isFinite(sum))) return undefined
      const { last, lastAt } = other.lastAt >= one.lastAt ? other : one
      return { count, sum, min: Math.min(one.min, other.min), max: Math.max(one.max, other.max), last, lastAt }
    },
  },
  distribution: times,
  unique: {
    copy: (value) => new Uint8Array(value as Uint8Array),
    merge: (value, change) => Registers.of(value as Uint8Array).merge(change as Uint8Array).bytes,
  },
}
