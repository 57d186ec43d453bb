// Every value is bound as the bytes of its CQL type. A client passes bytes through as they are, whatever its options (`useBigIntAsLong`), so that
// none of its classes is needed to make a value, and two installed copies of it cannot clash.

/** Most parts, sub-windows and resolution buckets are 0: nobody writes into bytes that were bound. */
const ZERO = Buffer.alloc(8)

export function int(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** Any safe integer. */
export function bigint(value: number): Buffer {
  if (value === 0) return ZERO
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), 0)
  bytes.writeUInt32BE(value - Math.floor(value / 0x1_0000_0000) * 0x1_0000_0000, 4)
  return bytes
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
