import { describe, expect, it } from 'vitest'
import { digest } from '../src/index.ts'
import { allOf, filledSample, SAMPLES, timeseriesOf } from './support/samples.ts'

describe('a digest', () => {
  it.each(SAMPLES)('is the same in memory and in SQLite, of a %s', async (sample) => {
    const [memory, sqlite] = await Promise.all([filledSample(sample), filledSample(sample, 'sqlite::memory:')])
    const [one, other] = [await digest(memory), await digest(sqlite)]
    expect(one).toEqual(other)
    expect(one.cells).toBe((await allOf(memory.cells())).length)
    await Promise.all([memory.close(), sqlite.close()])
  })

  it('is another one when a cell changes, is missing, or lies elsewhere', async () => {
    const digests = await Promise.all(
      [
        [['a', 1, 0]],
        [['a', 2, 0]],
        [['b', 1, 0]],
        [['a', 1, 60]],
        [
          ['a', 1, 0],
          ['b', 1, 0],
        ],
        [],
      ].map(async (points) => {
        const counts = timeseriesOf({ type: 'count', intervals: { minute: { step: 60 } } })
        for (const [name, value, timestamp] of points as [string, number, number][])
          await counts.insert(name, value, { timestamp })
        return (await digest(counts)).digest
      }),
    )
    expect(new Set(digests).size).toBe(digests.length)
    expect(digests.at(-1)).toBe('0'.repeat(32))
  })

  it('is the sum of those of its intervals and of its parts', async () => {
    const counts = timeseriesOf({
      type: 'count',
      intervals: { minute: { step: 60 }, hour: { step: '1h' } },
    })
    await counts.insert('a', 1, { timestamp: 0 })
    await counts.insert('b', 3, { timestamp: 7200 })
    const { intervals, cells } = await digest(counts)
    expect(cells).toBe(4)
    expect(await digest(counts, { intervals: ['hour'] })).toMatchObject(intervals.hour!)
    expect((await digest(counts, { names: ['b'], start: 7200 })).cells).toBe(2)
  })

  it('refuses what is not a timeseries', async () => {
    await expect(digest({} as never)).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG' })
  })
})
