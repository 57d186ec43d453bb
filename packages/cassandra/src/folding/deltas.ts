import { writeBigint } from '../values/cql-bytes.ts'

/** One change of a count: an element of the set in its row. */
export interface Delta {
  /** When it was made, in microseconds. */
  readonly timestamp: number
  /** Unix seconds; 0: never. */
  readonly expiresAt: number
  /** What it adds. */
  readonly delta: number
}

/** Byte offsets of a delta's fields after the timestamp, and its length. */
const PROCESS = 8
const EXPIRY = 12
const DELTA = 16
const END = 24
/** Bytes before the only element of a set: the number of elements and the element's length. */
const HEADER = 8
/** Rows that expire later have no TTL (see ttlOf), and so never expire. */
const LONGEST = 0x7fff_ffff

/**
 * A set of one delta, as the bytes of its CQL type. The four bytes of `process` tell two writers apart that for a moment both believe they own a row.
 * Deltas are elements of a set rather than entries of a map: the client turns a map into an object with keys that no other object has, which took a
 * third of the processor time of a read.
 */
export function setOfDelta({ timestamp, expiresAt, delta }: Delta, process: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER + END)
  bytes.writeInt32BE(1, 0)
  bytes.writeInt32BE(END, 4)
  writeBigint(bytes, timestamp, HEADER)
  process.copy(bytes, HEADER + PROCESS, 0, 4)
  bytes.writeInt32BE(expiresAt > LONGEST ? 0 : expiresAt, HEADER + EXPIRY)
  bytes.writeDoubleBE(delta, HEADER + DELTA)
  return bytes
}

/** The deltas of a set as the client returns it: an array, or a Set if so configured; null if empty. */
export function deltasOf(column: unknown): Delta[] {
  const deltas: Delta[] = []
  for (const bytes of elementsOf(column))
    deltas.push({
      timestamp: timestampOf(bytes),
      expiresAt: bytes.readInt32BE(EXPIRY),
      delta: bytes.readDoubleBE(DELTA),
    })
  return deltas
}

/** How many deltas are older than `timestamp`, in microseconds; a set is in the order of their times. */
export function countOlder(column: unknown, timestamp: number): number {
  let count = 0
  for (const bytes of elementsOf(column)) {
    if (timestampOf(bytes) >= timestamp) break
    count++
  }
  return count
}

/** Approximate size of a set of deltas, in bytes. */
export function bytesOf(column: unknown): number {
  const { length = 0, size = length } = (column ?? {}) as { length?: number; size?: number }
  return size * (END + 4)
}

/**
 * The value of a row: its base plus its deltas. Not finite if the row is damaged: no change is so large that sums of them overflow.
 */
export function sumOf(base: unknown, column: unknown): number {
  let sum = typeof base === 'number' ? base : base === null || base === undefined ? 0 : Number.NaN
  for (const bytes of elementsOf(column)) sum += bytes.length === END ? bytes.readDoubleBE(DELTA) : Number.NaN
  return sum
}

/** A positive safe integer. */
function timestampOf(bytes: Buffer): number {
  return bytes.readUInt32BE(0) * 0x1_0000_0000 + bytes.readUInt32BE(4)
}

const NONE: readonly Buffer[] = []

function elementsOf(column: unknown): Iterable<Buffer> {
  return column === null || column === undefined ? NONE : (column as Iterable<Buffer>)
}
