/** The scale in four bytes, then the unscaled digits as the shortest big-endian two's complement. */
export function decimal(canonical: string): Buffer {
  const [whole = '', fraction = ''] = canonical.split('.')
  const scale = Buffer.allocUnsafe(4)
  scale.writeInt32BE(fraction.length)
  return Buffer.concat([scale, varint(BigInt(whole + fraction))])
}

function varint(value: bigint): Buffer {
  // The bits of the value or its complement, and one for the sign.
  const bits = (value < 0n ? ~value : value).toString(2).length + 1
  const length = Math.ceil(bits / 8)
  return Buffer.from(
    BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, '0'),
    'hex',
  )
}
