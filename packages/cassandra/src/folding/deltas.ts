/** One change of a cell: an element of the set in its row. */
export interface Delta {
  /** When it was made, in microseconds. */
  readonly timestamp: number
  /** Unix seconds; 0: never. */
  readonly expiresAt: number
  /** What it adds, in the form of its DeltaKind. */
  readonly change: Buffer
}

/** What `b` holds (its `timestamp` is 0) or a delta. */
export type Piece = Pick<Delta, 'timestamp' | 'change'>

/** Byte offsets of a delta's fields after the timestamp. */
export const PROCESS = 8
export const EXPIRY = 12
export const CHANGE = 16
/** The length of a delta that is one number. */
const NUMBER = 24

/** The deltas of a set as the client returns it: an array, or a Set if so configured; null if empty. */
export function deltasOf(column: unknown): Delta[] {
  const deltas: Delta[] = []
  for (const bytes of elementsOf(column))
    deltas.push({
      timestamp: timestampOf(bytes),
      expiresAt: bytes.readInt32BE(EXPIRY),
      change: bytes.subarray(CHANGE),
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
  let size = 0
  for (const { length } of elementsOf(column)) size += length + 4
  return size
}

/**
 * The value of a row: its base plus its deltas. Not finite if the row is damaged: no change is so large that sums of them overflow.
 */
export function sumOf(base: unknown, column: unknown): number {
  let sum = typeof base === 'number' ? base : base === null || base === undefined ? 0 : Number.NaN
  for (const bytes of elementsOf(column)) sum += bytes.length === NUMBER ? bytes.readDoubleBE(CHANGE) : Number.NaN
  return sum
}

/** What a row holds, to be joined; undefined if it is damaged. */
export function piecesOf(base: unknown, column: unknown): Piece[] | undefined {
  const pieces: Piece[] = []
  if (Buffer.isBuffer(base)) pieces.push({ timestamp: 0, change: base })
  else if (base !== null && base !== undefined) return undefined
  for (const bytes of elementsOf(column)) {
    if (bytes.length <= CHANGE) return undefined
    pieces.push({ timestamp: timestampOf(bytes), change: bytes.subarray(CHANGE) })
  }
  return pieces
}

/** A positive safe integer. */
function timestampOf(bytes: Buffer): number {
  return bytes.readUInt32BE(0) * 0x1_0000_0000 + bytes.readUInt32BE(4)
}

const NONE: readonly Buffer[] = []

function elementsOf(column: unknown): Iterable<Buffer> {
  return column === null || column === undefined ? NONE : (column as Iterable<Buffer>)
}
