import fc from 'fast-check'
import { expect, it } from 'vitest'
import { binPacking } from '../../src/toolkit/bin-packing.ts'

const { mostLength, packInto, join } = await binPacking()

function pack(times: ReadonlyMap<number, number>): Uint8Array {
  const bytes = new Uint8Array(mostLength(times) + 1)
  return bytes.slice(1, packInto(times, bytes, 1))
}

it.each([
  [1, [255, 1]],
  [2, [256, 1]],
  [4, [65_536, 255]],
  [8, [2 ** 32, 1]],
  [8, [0.5, 1]],
  [8, [-1, 1]],
  [8, [1.7e308, 2]],
])('bins whose times need %i bytes take three more each, and come back', (width, [first, second]) => {
  const times = new Map([
    [-(2 ** 19) + 1, first!],
    [0, second!],
    [2 ** 19 - 1, 1],
  ])
  const packed = pack(times)
  expect([packed[0], packed.length]).toEqual([width, 1 + 3 * (3 + width)])
  expect([...join([packed])!]).toEqual([...times])
})

it('equal bins have equal bytes, whatever their order, and are added up', () => {
  const bins = fc.uniqueArray(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: 1, max: 2 ** 40 })), {
    selector: ([bin]) => bin,
    minLength: 1,
  })
  fc.assert(
    fc.property(bins, bins, (one, other) => {
      const [left, right] = [new Map(one), new Map(other)]
      expect(pack(new Map([...one].sort(([a], [b]) => a - b)))).toEqual(pack(left))
      for (const [bin, times] of right) left.set(bin, (left.get(bin) ?? 0) + times)
      expect(join([pack(new Map(one)), pack(right)])).toEqual(left)
    }),
    { numRuns: 30 },
  )
})

it('times that are infinite together are not joined', () => {
  const large = pack(new Map([[5, 1.7e308]]))
  expect(join([large])).toEqual(new Map([[5, 1.7e308]]))
  expect(join([large, large])).toBeUndefined()
})

it.each<[string, number[]]>([
  ['nothing', []],
  ['no bin', [1]],
  ['another width', [3, 8, 0, 0, 0, 0, 1]],
  ['a part of a bin', [1, 8, 0, 0]],
  ['a bin twice', [1, 8, 0, 0, 1, 8, 0, 0, 1]],
  ['descending bins', [1, 8, 0, 1, 1, 8, 0, 0, 1]],
  ['a bin that is too large', [1, 16, 0, 0, 1]],
  ['times that are not finite', [8, 8, 0, 0, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0]],
])('packed bins are not %s', (_, bytes) => {
  expect(join([pack(new Map([[1, 1]])), Uint8Array.from(bytes)])).toBeUndefined()
})
