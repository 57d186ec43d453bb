import type { TimeseriesType } from '@kairos/core/driver'
import { double } from '../values/cql-bytes.ts'
import type { DeltaKind } from './delta-kind.ts'

const numbers: DeltaKind = {
  base: 'double',
  encode: (change) => double(change as number),
  fold(base, deltas) {
    const sum = deltas.reduce(
      (total, { change }) => total + change.readDoubleBE(0),
      typeof base === 'number' ? base : 0,
    )
    return Number.isFinite(sum) ? double(sum) : undefined
  },
}

/** The kind of a type; undefined: it has no deltas. Loads what only this type needs. */
export async function deltaKindOf(type: TimeseriesType): Promise<DeltaKind | undefined> {
  if (type === 'count' || type === 'histogram') return numbers
  if (type === 'summary') return (await import('./summary-deltas.ts')).summaryDeltas
  if (type === 'distribution') return (await import('./distribution-deltas.ts')).distributionDeltas
  if (type === 'unique') return (await import('./unique-deltas.ts')).uniqueDeltas()
  return undefined
}
