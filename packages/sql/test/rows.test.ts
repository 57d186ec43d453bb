import type { CellValue, OriginalType, Scalar } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { dialects } from '../src/dialects/index.ts'
import { slicesOf } from '../src/dialects/rows.ts'
import { layoutOf } from '../src/schema/layout.ts'
import { rowsOf } from '../src/store/encode-cells.ts'

describe('rows of a cell', () => {
  const rowsFor = (type: OriginalType, valueType: string, change: CellValue) => {
    const cells = [{ name: 'a', interval: 'minute', bucket: 1, resolutionBucket: 0, change }]
    return rowsOf(layoutOf(dialects.mysql, { type, valueType, stringLength: 255 }, null), cells, dialects.mysql.codec)
  }

  // Two writers that lock the same rows in different orders end in a deadlock.
  it.each<[valueType: string, members: readonly Scalar[]]>([
    ['int', [10, 9, -1]],
    ['int64', [2n ** 62n, 9n, -1n]],
    ['string', ['b', 'a', 'B']],
    ['boolean', [true, false]],
  ])('have one order, whatever the order in which a set or a histogram of %s was made', (valueType, members) => {
    const backwards = [...members].reverse()
    expect(rowsFor('set', valueType, new Set(members))).toEqual(rowsFor('set', valueType, new Set(backwards)))
    const times = new Map(members.map((member, index) => [member, index + 1]))
    const histogram = rowsFor('histogram', valueType, times)
    expect(histogram).toEqual(rowsFor('histogram', valueType, new Map([...times].reverse())))
    // Each still with its own count.
    expect(histogram[5]).toEqual(members.map((_, index) => index + 1).reverse())
  })

  it('of a series keep the order of arrival', () => {
    expect(rowsFor('series', 'int', [3, 1, 2])[4]).toEqual([3, 1, 2])
  })
})

describe('slices of rows', () => {
  const slices = (values: readonly unknown[], mostRows: number, mostBytes: number) =>
    slicesOf([values, values, values, values, values], mostRows, mostBytes)

  it('end after the given number of rows, and contain every row once', () => {
    expect(slices(Array(6).fill(1), 3, 100)).toEqual([
      [0, 3],
      [3, 6],
    ])
    expect(slices(Array(7).fill(1), 3, 100).at(-1)).toEqual([6, 7])
  })

  it('end before a value that is too long, and a value that is too long by itself gets its own slice', () => {
    expect(slices(['aaaa', 'aa', 'aaaaa', new Uint8Array(20), 'a'], 100, 6)).toEqual([
      [0, 2],
      [2, 3],
      [3, 4],
      [4, 5],
    ])
  })
})
