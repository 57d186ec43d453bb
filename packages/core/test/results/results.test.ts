import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cumulative, delta, movingAverage, rateOf } from '../../src/results.ts'
import { createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'

/** A result of minutes. */
function of(...values: readonly (number | null)[]): Map<number, number | null> {
  return new Map(values.map((value, minute) => [minute * 60, value]))
}

describe('delta', () => {
  it('is the difference to the last number, across nulls', () => {
    expect(delta(of(10, 12, null, 17, 15))).toEqual(of(null, 2, null, 5, -2))
    expect(delta(of(null, 3))).toEqual(of(null, null))
    expect(delta(of())).toEqual(new Map())
  })

  it('of a counter that starts again is what it has grown since', () => {
    expect(delta(of(10, 12, 3, null, 4, 4), { reset: true })).toEqual(of(null, 2, 3, null, 1, 0))
    expect(delta(of(10, 3), { reset: false })).toEqual(of(null, -7))
  })

  it('takes any keys', () => {
    expect(delta(new Map(Object.entries({ a: 1, b: 5 })))).toEqual(new Map(Object.entries({ a: null, b: 4 })))
  })
})

describe('rateOf', () => {
  it('is the difference per second since then', () => {
    expect(rateOf(of(60, 120, null, 60))).toEqual(of(null, 1, null, -0.5))
    expect(rateOf(of(60, 30), { reset: true })).toEqual(of(null, 0.5))
  })
})

describe('cumulative', () => {
  it('adds exactly; a null adds nothing', () => {
    expect(cumulative(of(0.1, 0.2, null, 0.3))).toEqual(of(0.1, 0.30000000000000004, 0.30000000000000004, 0.6))
    expect(cumulative(of(null, 1e16, 1, -1e16))).toEqual(of(0, 1e16, 1e16, 1))
  })

  it('undoes delta', () =>
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const [first = 0] = values
        const sums = [...cumulative(delta(of(...values))).values()]
        expect(sums.map((sum) => sum + first)).toEqual(values)
      }),
    ))
})

describe('movingAverage', () => {
  it('is the mean of the last n, of fewer at the beginning and without nulls', () => {
    expect(movingAverage(of(1, 2, 6, null, null, null, 4), 3)).toEqual(of(1, 1.5, 3, 4, 6, null, 4))
    expect(movingAverage(of(1, 2), 1)).toEqual(of(1, 2))
    expect(movingAverage(of(1, 2), 10)).toEqual(of(1, 1.5))
  })

  it('forgets what has left the window, however large', () => {
    expect(movingAverage(of(1e300, 0.1, 0.3), 2)).toEqual(of(1e300, 5e299, 0.2))
    const [up, none] = [Number.POSITIVE_INFINITY, Number.NaN]
    expect(movingAverage(of(up, 1, 3, -up, up, none, 1, 1), 2)).toEqual(of(up, up, 2, -up, none, none, none, 1))
  })

  it('is the same as of each window by itself', () =>
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }))),
        fc.integer({ min: 1, max: 5 }),
        (values, n) => {
          const alone = values.map((_, index) => {
            const window = values.slice(Math.max(0, index - n + 1), index + 1)
            return [...movingAverage(of(...window), n).values()].at(-1)!
          })
          expect(movingAverage(of(...values), n)).toEqual(of(...alone))
        },
      ),
    ))

  it.each([0, 1.5, '3', undefined])('refuses n = %o', async (n) => {
    const error = await failureOf(() => movingAverage(of(1), n as number), 'KAIROS_INVALID_CONFIG')
    expect(error.path).toBe('n')
  })
})

describe('all of them', () => {
  const all = [delta, rateOf, cumulative, (result: Map<number, number | null>) => movingAverage(result, 2)]

  it('leave the result as it is, and can be sent as it can', async () => {
    const counts = createAny('memory:', { type: 'count', intervals: { minute: { step: 60 } }, now: () => 60 })
    await counts.insert('a', 3)
    const result = (await counts.series('a', 'minute', { steps: 2 })) as Map<number, number>
    for (const change of all) {
      const changed = change(result)
      expect(JSON.parse(JSON.stringify(changed))).toEqual([...changed])
    }
    expect(result).toEqual(of(0, 3))
  })

  it('refuse what is not a Map of numbers', async () => {
    for (const change of all) {
      for (const result of [new Map([[0, 5n]]), new Map([[0, [1]]]), new Map([[0, undefined]]), [1, 2], null]) {
        await failureOf(() => change(result as never), 'KAIROS_INVALID_VALUE')
      }
    }
  })

  it.each([{ reset: 1 }, { rest: true }, null])('refuse the options %o', async (options) => {
    await failureOf(() => delta(of(1), options as never), 'KAIROS_INVALID_CONFIG')
    await failureOf(() => rateOf(of(1), options as never), 'KAIROS_INVALID_CONFIG')
  })
})
