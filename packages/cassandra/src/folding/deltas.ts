import { writeBigint } from '../values/cql-bytes.ts'

/** One change of a count, as it stands in the set of its row. */
export interface Delta {
  /** When it was made, in microseconds. */
  readonly timestamp: number
  /** Unix seconds; 0: never. */
  readonly expiresAt: number
  readonly delta: number
}

/** Where the fields of a delta begin, and where it ends: timestamp, process, expiry, delta. */
const PROCESS = 8
const EXPIRY = 12
const DELTA = 16
const END = 24
/** Before the only element of a set: how many there are, and its length. */
const HEADER = 8
/** A row that would live longer has no TTL, see ttlOf: never, then. */
const LONGEST = 0x7fff_ffff

/**
 * A set of one delta, as the bytes of its type. The four bytes of `process` keep two writers apart that believe, for a moment, to own one row.
 * A delta is an element and not an entry of a map: a client makes of a map an object whose keys no other object has, and that took it a third of
 * the processor time of a read.
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

/** The deltas of a set as a client gives it: an array, or a Set where the client was told so; null: none. */
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

/** How many of them are older than `timestamp`: the set is in the order of their time. */
export function countOlder(column: unknown, timestamp: number): number {
  let count = 0
  for (const bytes of elementsOf(column)) {
    if (timestampOf(bytes) >= timestamp) break
    count++
  }
  return count
}

/** How many bytes they take, about. */
export function bytesOf(column: unknown): number {
  const { length = 0, size = length } = (column ?? {}) as { length?: number; size?: number }
  return size * (END + 4)
}

/** What a row of deltas comes to. */
export function sumOf(base: unknown, column: unknown): number {
  let sum = typeof base === 'number' ? base : 0
  for (const bytes of elementsOf(column)) sum += bytes.readDoubleBE(DELTA)
  return sum
}

/** Always positive, and a safe integer. */
function timestampOf(bytes: Buffer): number {
  return bytes.readUInt32BE(0) * 0x1_0000_0000 + bytes.readUInt32BE(4)
}

const NONE: readonly Buffer[] = []

function elementsOf(column: unknown): Iterable<Buffer> {
  return column === null || column === undefined ? NONE : (column as Iterable<Buffer>)
}
