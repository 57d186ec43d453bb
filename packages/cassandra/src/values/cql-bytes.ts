// Every value is bound as the bytes of its CQL type. A client passes bytes through as they are, whatever its options (`useBigIntAsLong`), so that
// none of its classes is needed to make a value, and two installed copies of it cannot clash.

// Nobody writes into bytes that were bound, so values that come again may share theirs: rows of one batch mostly have one TTL and one bucket, and
// no resolution bucket.
const ZERO = Buffer.alloc(8)
let latestInt = 0
let latestIntBytes = ZERO.subarray(4)
let latestBigint = 0
let latestBigintBytes = ZERO

export function int(value: number): Buffer {
  if (value === latestInt) return latestIntBytes
  latestInt = value
  latestIntBytes = Buffer.allocUnsafe(4)
  latestIntBytes.writeInt32BE(value)
  return latestIntBytes
}

/** Any safe integer. */
export function bigint(value: number): Buffer {
  if (value === 0) return ZERO
  if (value === latestBigint) return latestBigintBytes
  latestBigint = value
  latestBigintBytes = Buffer.allocUnsafe(8)
  writeBigint(latestBigintBytes, value, 0)
  return latestBigintBytes
}

export function writeBigint(bytes: Buffer, value: number, offset: number): void {
  const high = Math.floor(value / 0x1_0000_0000)
  bytes.writeInt32BE(high, offset)
  bytes.writeUInt32BE(value - high * 0x1_0000_0000, offset + 4)
}

export function double(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeDoubleBE(value)
  return bytes
}

export function text(value: string): Buffer {
  return Buffer.from(value, 'utf8')
}

/** A bigint column that a client gave: a number, a BigInt or an object of its own, by its options. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'object' && value !== null && 'toNumber' in value && typeof value.toNumber === 'function')
    return value.toNumber()
  return Number(value)
}
