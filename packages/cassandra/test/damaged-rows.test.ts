import { describe, expect, it } from 'vitest'
import { CellsOfRows } from '../src/store/decode-rows.ts'
import { codecOf } from '../src/values/codecs.ts'

const delta = (times: number, length = 24): Buffer => {
  const bytes = Buffer.alloc(24)
  bytes.writeDoubleBE(times, 16)
  return bytes.subarray(0, length)
}
const row = (b: unknown, d: unknown) => ({ i: 7, r: 0, value: 1, b, d })

describe('a row of deltas', () => {
  it.each(['count', 'histogram'] as const)('of a %s that holds no number is refused', (type) => {
    const cells = () => new CellsOfRows(type, codecOf('float'), 'a')
    const damaged = [
      ...[Number.NaN, Number.POSITIVE_INFINITY, '5'].map((base) => row(base, null)),
      ...[delta(Number.NaN), delta(Number.NEGATIVE_INFINITY), delta(1, 23)].map((bytes) => row(1, [bytes])),
    ]
    for (const each of damaged) {
      const reading = () => cells().add(each)
      expect(reading).toThrow(/a row is damaged.*i = 7, r = 0/)
      expect(reading).toThrow(expect.objectContaining({ retry: 'never' }))
    }
    const sound = cells()
    sound.add(row(2, [delta(0.5), delta(-1)]))
    sound.add({ ...row(null, null), r: 1 })
    const [first, second] = [1.5, 0].map((sum) => (type === 'count' ? sum : new Map([[1, sum]])))
    expect(sound.cells.map(({ value }) => value)).toEqual([first, second])
  })
})
