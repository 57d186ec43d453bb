import type { CellValue, TimeseriesType } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { deltaKindOf } from '../src/folding/delta-kinds.ts'
import { deltasOf } from '../src/folding/deltas.ts'
import { setOfDeltas } from '../src/folding/set-of-deltas.ts'
import { CellsOfRows } from '../src/store/decode-rows.ts'
import { codecOf } from '../src/values/codecs.ts'

const row = (b: unknown, d: readonly Buffer[] | null) => ({ i: 7, r: 0, value: 1, b, d })

/** Makes deltas and bases of a type, and reads rows of it. */
async function rowsOf(type: TimeseriesType) {
  const deltas = (await deltaKindOf(type))!
  const set = (change: CellValue, timestamp = 1): Buffer[] => {
    const bytes = setOfDeltas(deltas, change, { timestamp, expiresAt: 0 }, Buffer.alloc(4))
    const elements: Buffer[] = []
    for (let at = 4; at < bytes.length; at += 4 + bytes.readInt32BE(at))
      elements.push(bytes.subarray(at + 4, at + 4 + bytes.readInt32BE(at)))
    expect(elements.length).toBe(bytes.readInt32BE(0))
    return elements
  }
  return {
    set,
    delta: (change: CellValue, timestamp = 1): Buffer => set(change, timestamp)[0]!,
    base: (...changes: readonly Buffer[]) => deltas.fold(null, deltasOf(changes))!,
    valuesOf(...rows: readonly object[]): unknown[] {
      const cells = new CellsOfRows({ type, codec: codecOf('float'), deltas }, 'a')
      for (const each of rows) cells.add(each as ReturnType<typeof row>)
      return cells.cells.map(({ value }) => value)
    },
  }
}

function expectDamage(reading: () => unknown): void {
  expect(reading).toThrow(/a row is damaged.*i = 7, r = 0/)
  expect(reading).toThrow(expect.objectContaining({ retry: 'never' }))
}

/** The same bytes with some set. */
function changed(bytes: Uint8Array, offset: number, ...to: readonly number[]): Buffer {
  const copy = Buffer.from(bytes)
  copy.set(to, offset)
  return copy
}

describe('a row of deltas', () => {
  it.each(['count', 'histogram'] as const)('of a %s that holds no number is refused', async (type) => {
    const { delta, valuesOf } = await rowsOf(type)
    for (const base of [Number.NaN, Number.POSITIVE_INFINITY, '5']) expectDamage(() => valuesOf(row(base, null)))
    for (const bytes of [delta(Number.NaN), delta(Number.NEGATIVE_INFINITY), delta(1).subarray(0, 23)])
      expectDamage(() => valuesOf(row(1, [bytes])))
    const sums = [1.5, 0].map((sum) => (type === 'count' ? sum : new Map([[1, sum]])))
    expect(valuesOf(row(2, [delta(0.5), delta(-1)]), { ...row(null, null), r: 1 })).toEqual(sums)
  })

  it('of a summary that holds no six numbers is refused', async () => {
    const { delta, base, valuesOf } = await rowsOf('summary')
    const at = (last: number, lastAt: number) => ({ count: 1, sum: last, min: last, max: last, last, lastAt })
    const six = { count: 2, sum: 9, min: 4, max: 5, last: 4, lastAt: 100 }
    const sound = base(delta(at(3, 50)), delta(six))
    for (const stored of ['5', sound.subarray(0, 55), changed(sound, 8, 0x7f, 0xf0), changed(sound, 40, 0x7f, 0xff)])
      expectDamage(() => valuesOf(row(stored, null)))
    for (const bytes of [delta(six).subarray(0, 60), delta(six).subarray(0, 16), delta(at(Number.NaN, 1))])
      expectDamage(() => valuesOf(row(sound, [bytes])))
    expectDamage(() => valuesOf(row(null, null)))
    // Of two values at one moment that which was written last shows, in whichever row and whether it is folded.
    const rows = [
      row(base(delta(at(7, 100), 9), delta(at(8, 99), 10)), [delta(six, 8)]),
      row(null, [delta(at(1, 100), 7)]),
    ]
    const expected = { count: 5, sum: 25, min: 1, max: 8, last: 7, lastAt: 100 }
    expect([valuesOf(...rows), valuesOf(...rows.reverse())]).toEqual([[expected], [expected]])
  })

  it('of a distribution that holds no counts of bins is refused', async () => {
    const { set, delta, base, valuesOf } = await rowsOf('distribution')
    const counts = new Map([
      [16_384, 300],
      [-17_000, 1],
      [0, 2 ** 53],
      [16_385, 0.5],
      [2 ** 19 - 1, 2 ** 800],
    ])
    const sound = base(delta(counts))
    expect(sound.toString('hex')).toBe(
      'cf890201e88401004340000000000000808001ac0201003fe0000000000000feff1e0071f0000000000000',
    )
    expect(valuesOf(row(sound, [delta(counts)]))).toEqual([
      new Map([...counts].map(([bin, times]) => [bin, 2 * times])),
    ])
    for (const stored of ['5', Buffer.alloc(0), ...[1, 2, 3, 5].map((missing) => sound.subarray(0, -missing))])
      expectDamage(() => valuesOf(row(stored, null)))
    // A bin twice, a count that is not finite, a number that never ends.
    for (const bytes of [Buffer.of(4, 1, 0, 1), Buffer.of(4, 0, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0), Buffer.alloc(20, 255)])
      expectDamage(() => valuesOf(row(bytes, null)))
    expectDamage(() => valuesOf(row(null, null)))
    const many = new Map(Array.from({ length: 9_000 }, (_, index) => [index * 50, 2 ** 60 + index]))
    const elements = set(many)
    expect(elements.length).toBe(3)
    expect(Math.max(...elements.map(({ length }) => length))).toBeLessThan(65_535)
    expect(valuesOf(row(null, elements))).toEqual([many])
    expect(valuesOf(row(base(...elements), null))).toEqual([many])
  })

  it('of a unique that holds no registers is refused', async () => {
    const { delta, base, valuesOf } = await rowsOf('unique')
    const sparse = Uint8Array.of(1, 8, 0, 5, 57, 0, 200, 1)
    const dense = new Uint8Array(258).fill(3)
    dense.set([2, 8])
    const crowded = base(delta(dense), delta(sparse))
    expect([base(delta(sparse)), crowded.length]).toEqual([Buffer.from(sparse), 2 + 192])
    for (const stored of [
      ...['5', Buffer.alloc(0), Buffer.of(1, 8), sparse.subarray(0, 7), crowded.subarray(0, 193), Buffer.alloc(194)],
      // Another form or precision, a register twice or beyond the last one, a rank of 0 or above the most.
      ...[changed(sparse, 0, 2), changed(sparse, 1, 7), changed(sparse, 1, 17), changed(crowded, 0, 2)],
      ...[changed(sparse, 6, 5), changed(sparse, 5, 1), changed(sparse, 4, 0), changed(sparse, 4, 58)],
      ...[changed(crowded, 1, 9), changed(crowded, 2, 255)],
    ])
      expectDamage(() => valuesOf(row(typeof stored === 'string' ? stored : Buffer.from(stored), null)))
    expectDamage(() => valuesOf(row(crowded, [delta(Uint8Array.of(1, 9, 0, 5, 1))])))
    expectDamage(() => valuesOf(row(null, null)))
    dense[7] = 57
    expect(valuesOf(row(crowded, [delta(Uint8Array.of(1, 8, 0, 5, 2))]))).toEqual([dense])
    expect(valuesOf(row(null, [delta(Uint8Array.of(1, 8, 0, 200, 9))]), row(null, [delta(sparse)]))).toEqual([
      Uint8Array.of(1, 8, 0, 5, 57, 0, 200, 9),
    ])
  })

  it.each([8, 12, 16])(
    'of a unique of precision %i holds all registers in less than Cassandra allows',
    async (precision) => {
      const { delta, base, valuesOf } = await rowsOf('unique')
      const registers = 2 ** precision
      // Just as many as are still listed: three bytes for each are more than six bits for each of all.
      const most = Math.floor(registers / 3)
      const entries = Array.from({ length: most }, (_, index) => [index >> 8, index & 255, 1 + (index % 40)])
      const listed = Uint8Array.from([1, precision, ...entries.flat()])
      const all = Uint8Array.from([2, precision, ...Array.from({ length: registers }, (_, index) => index % 49)])
      for (const change of [listed, all]) {
        const bytes = delta(change)
        expect(bytes.length).toBe(16 + 2 + registers * 0.75)
        expect(bytes.length).toBeLessThan(65_535)
        expect(valuesOf(row(null, [bytes]))).toEqual([change])
        expect(valuesOf(row(base(bytes), null))).toEqual([change])
      }
    },
  )
})
