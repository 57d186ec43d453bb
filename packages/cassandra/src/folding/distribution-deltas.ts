import { addCounts, bytesOfCounts, MOST_BYTES } from '../values/binned-counts.ts'
import { type DeltaKind, joinedAs, pieceKind } from './delta-kind.ts'

type Counts = ReadonlyMap<number, number>

/** Cassandra's limit for an element of a set is 65,535 bytes. */
const MOST_BINS = Math.floor(65_000 / MOST_BYTES)

const encode: DeltaKind['encode'] = (change) => bytesOfCounts(change as Counts)

/** Counts of bins, added. */
export const distributionDeltas: DeltaKind = pieceKind({
  partsOf(change) {
    const counts = change as Counts
    if (counts.size <= MOST_BINS) return [counts]
    const entries = [...counts]
    return Array.from(
      { length: Math.ceil(entries.length / MOST_BINS) },
      (_, part) => new Map(entries.slice(part * MOST_BINS, (part + 1) * MOST_BINS)),
    )
  },
  encode,
  join(pieces) {
    const value = new Map<number, number>()
    const isSound = pieces.length > 0 && pieces.every(({ change }) => addCounts(change, value))
    return isSound ? joinedAs(value, encode) : undefined
  },
})
