// Every value is bound as the bytes of its CQL type. The client passes bytes through unchanged, whatever its options (`useBigIntAsLong`). So the driver
// needs none of the client's classes, and two installed copies of the client cannot clash.

// Bound bytes are never modified, so equal values may share them: most rows of a batch have the same TTL and bucket, and no resolution bucket.
const ZERO = Buffer.alloc(8)
let latestInt = 0
let latestIntBytes = ZERO.subarray(4)
let latestBigint = 0
let latestBigintBytes = ZERO

/** A value of type int. */
export function int(value: number): Buffer {
  if (value === latestInt) return latestIntBytes
  latestInt = value
  latestIntBytes = Buffer.allocUnsafe(4)
  latestIntBytes.writeInt32BE(value)
  return latestIntBytes
}

/** A value of type bigint, from a safe integer. */
export function bigint(value: number): Buffer {
  if (value === 0) return ZERO
  if (value === latestBigint) return latestBigintBytes
  latestBigint = value
  latestBigintBytes = Buffer.allocUnsafe(8)
  writeBigint(latestBigintBytes, value, 0)
  return latestBigintBytes
}

/** Writes the eight bytes of a bigint. */
export function writeBigint(bytes: Buffer, value: number, offset: number): void {
  const high = Math.floor(value / 0x1_0000_0000)
  bytes.writeInt32BE(high, offset)
  bytes.writeUInt32BE(value - high * 0x1_0000_0000, offset + 4)
}

/** A value of type double. */
export function double(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeDoubleBE(value)
  return bytes
}

/** A value of type text. */
export function text(value: string): Buffer {
  return Buffer.from(value, 'utf8')
}

/** A bigint column as the client returns it: a number, a BigInt or an object of a class of its own, depending on its options. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'object' && value !== null && 'toNumber' in value && typeof value.toNumber === 'function')
    return value.toNumber()
  return Number(value)
}
