import { describe, expect, it } from 'vitest'
import { share, top } from '../../src/index.ts'
import { failureOf } from '../support/failure.ts'
import { filled } from './filled.ts'

describe('top', () => {
  it('most first, ties by value in the order of its kind', async () => {
    const { transformed } = await filled('histogram', 'decimal', ['10', '9.5', '10', '9.5', '2', '-1', '-1', '-1'])
    const all = [
      ['-1', 3],
      ['9.5', 2],
      ['10', 2],
      ['2', 1],
    ]
    expect(await transformed(top(3))).toEqual(all.slice(0, 3))
    expect(await transformed({ most: top(1), all: top(100), n: 'count' })).toEqual({ most: [all[0]], all, n: 8 })
    const read = await filled('histogram', 'decimal', ['10', '9.5'], { readFunc: (text: string) => text })
    expect(await read.transformed(top(1))).toEqual([['9.5', 1]])
    expect(await (await filled('histogram', 'int', [])).transformed(top(3))).toEqual([])
  })

  it('leaves out values whose times are 0 or less', async () => {
    const { timeseries } = await filled('histogram', 'string', ['b', 'a', 'c'])
    const condense = (): Map<string, number> => new Map(Object.entries({ b: 2, a: 2, c: 0, d: -1 }))
    const most = await timeseries.get('a', 'hour', { condense, transform: top(5) })
    expect([...most.values()]).toEqual([
      [
        ['a', 2],
        ['b', 2],
      ],
    ])
    const late = await timeseries.get('a', 'hour', { condense, transform: share((value) => value === 'd') })
    expect([...late.values()]).toEqual([0])
  })

  it.each([0, -1, 1.5, Number.NaN, '3', undefined])('refuses %o', async (n) => {
    const error = await failureOf(() => top(n as number), 'KAIROS_INVALID_CONFIG')
    expect(error.path).toBe('n')
  })
})

it('neither goes into a list, which takes names', async () => {
  const { transformed } = await filled('histogram', 'int', [])
  const error = await failureOf(() => transformed([top(1)]), 'KAIROS_INVALID_CONFIG')
  expect(error.path).toBe('transform')
})

describe('share', () => {
  it('is that of the times', async () => {
    const { transformed } = await filled('histogram', 'int', [0, 0, 0, 20])
    expect(await transformed(share((value: number) => value > 15))).toBe(0.25)
    expect(await transformed({ late: share((value: number) => value > 0), all: share(() => true) })).toEqual({
      late: 0.25,
      all: 1,
    })
    expect(await (await filled('histogram', 'int', [])).transformed(share(() => true))).toBe(null)
  })

  it('refuses what is not a function', async () => {
    expect((await failureOf(() => share(5 as never), 'KAIROS_INVALID_CONFIG')).path).toBe('test')
  })
})

it('both refuse what is not a histogram: before any I/O where that is known', async () => {
  for (const [type, valueType] of [
    ['series', 'int'],
    ['set', 'string'],
    ['count', undefined],
    ['gauge', 'float'],
  ] as const) {
    const { transformed } = await filled(type, valueType, [])
    const error = await failureOf(() => transformed({ x: top(3) }), 'KAIROS_UNKNOWN_TRANSFORM')
    expect(error.transform).toBe('top(3)')
  }
  const { timeseries } = await filled('series', 'int', [4, 4, 5])
  const condense = (rows: Map<number, number[]>): Map<number, number> =>
    new Map([...Map.groupBy([...rows.values()].flat(), (value) => value)].map(([value, { length }]) => [value, length]))
  const condensed = timeseries.get('a', 'hour', { condense, transform: top(1) })
  expect(await condensed).toEqual(new Map([[0, [[4, 2]]]]))
  const list = timeseries.get('a', 'hour', { condense: () => [1], transform: share(() => true) })
  await failureOf(() => list, 'KAIROS_INVALID_CONFIG')
})
