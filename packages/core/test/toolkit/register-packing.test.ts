import { expect, it } from 'vitest'
import { registerPacking } from '../../src/toolkit/register-packing.ts'

const { mostLength, packInto, join } = await registerPacking()

function pack(registers: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(mostLength(registers) + 2)
  expect(packInto(registers, bytes, 1)).toBe(bytes.length - 1)
  expect([bytes[0], bytes.at(-1)], 'bytes beside them').toEqual([0, 0])
  return bytes.subarray(1, -1)
}

/** Every third register, this many in all, with different ranks. */
function listOf(precision: number, used: number): Uint8Array {
  const entries = Array.from({ length: used }, (_, place) => [(place * 3) >> 8, (place * 3) & 255, 1 + (place % 40)])
  return Uint8Array.from([1, precision, ...entries.flat()])
}

it.each([8, 12, 16])('registers of precision %i are packed in the shorter form, and come back', (precision) => {
  const all = 2 ** precision
  const few = listOf(precision, all / 4)
  expect(pack(few)).toEqual(few)
  const many = listOf(precision, all / 4 + 1)
  const dense = Uint8Array.from([2, precision, ...Array.from({ length: all }, (_, index) => (index * 7) % 49)])
  for (const registers of [many, dense]) {
    const packed = pack(registers)
    expect([packed[0], packed.length]).toEqual([3, 2 + (all * 6) / 8])
    expect(join([packed])).toEqual(registers)
  }
  expect(pack(dense).subarray(2, 5)).toEqual(Uint8Array.of(0, (7 << 4) | (14 >> 2), ((14 & 3) << 6) | 21))
  const both = dense.slice()
  for (let index = 0; index < many.length - 2; index += 3)
    both[2 + index] = Math.max(both[2 + index]!, many[index + 4]!)
  for (const order of [
    [few, dense, many],
    [many, few, dense],
  ])
    expect(join(order.map(pack))).toEqual(both)
})
