import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryDriver } from '../../src/index.ts'
import { createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'

const NOW = 1_700_000_000
const intervals = { minute: { step: 60, steps: 2 }, hour: { step: '1h' } }

function create(type: string): ReturnType<typeof createAny> {
  return createAny(memoryDriver(), { type, intervals, now: () => NOW })
}

describe.each(['count', 'histogram'])('%s: a value with its times', (type) => {
  it('is as many values', async () => {
    const inserts = fc.array(
      fc.record({
        value: fc.oneof(fc.constantFrom(0.1, 1, -3, 2 ** 60, 1e300), fc.double({ noNaN: true, min: -1e6, max: 1e6 })),
        times: fc.integer({ min: 1, max: 5 }),
        list: fc.boolean(),
        age: fc.constantFrom(0, 600),
        rolling: fc.constantFrom(0, 2),
        way: fc.constantFrom('insert', 'points', 'generator'),
      }),
      { minLength: 1, maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(inserts, async (plan) => {
        const [one, other] = [create(type), create(type)]
        for (const { value, times, list, age, rolling, way } of plan) {
          const timestamp = NOW - age
          const given = list ? [value, value] : value
          const copies = Array.from({ length: list ? 2 * times : times }, () => value)
          const point = { name: 'a', value: given, timestamp, times }
          const written =
            way === 'insert'
              ? one.insert('a', given, { timestamp, times, intervals: rolling })
              : one.bulkInsert(way === 'points' ? [point] : new Set([point]).values(), { intervals: rolling })
          expect(await written).toEqual(await other.insert('a', copies, { timestamp, intervals: rolling }))
        }
        expect(await one.get('a', 'hour')).toEqual(await other.get('a', 'hour'))
        expect(await one.get('a', 'minute')).toEqual(await other.get('a', 'minute'))
      }),
      { numRuns: 40 },
    )
  })

  it('needs no list of them', async () => {
    const timeseries = create(type)
    const result = await timeseries.insert('a', 200, { times: 2_000_000 })
    expect(result).toEqual({ stored: 4_000_000, expired: 0 })
    const [read] = (await timeseries.get('a', 'hour')).values()
    expect(read).toEqual(type === 'count' ? 400_000_000 : new Map([[200, 2_000_000]]))
  })

  it.each([0, -1, 1.5, 2 ** 53, Number.NaN, '2', null])('is refused where it is no such number: %s', async (times) => {
    const timeseries = create(type)
    expect(await failureOf(() => timeseries.insert('a', 1, { times }), 'KAIROS_INVALID_CONFIG')).toMatchObject({
      path: 'times',
    })
    await failureOf(() => timeseries.bulkInsert([{ name: 'a', value: 1, times }]), 'KAIROS_INVALID_VALUE')
    expect(await timeseries.list()).toEqual([])
  })
})

it('a product that is larger than a number is refused', async () => {
  const timeseries = create('count')
  await failureOf(() => timeseries.insert('a', 1e308, { times: 2 }), 'KAIROS_INVALID_VALUE')
  await failureOf(() => timeseries.bulkInsert([{ name: 'a', value: -1e308, times: 2 }]), 'KAIROS_INVALID_VALUE')
  expect(await timeseries.list()).toEqual([])
})

it('times beyond the safe integers do not show their order', async () => {
  const most = Number.MAX_SAFE_INTEGER
  const points = [most, 1, 1, 1, most].map((times) => ({ name: 'a', value: 7, times }))
  const [one, other] = [create('histogram'), create('histogram')]
  await one.bulkInsert(points)
  await other.bulkInsert(points.toSorted((a, b) => a.times - b.times))
  expect(await one.get('a', 'hour')).toEqual(await other.get('a', 'hour'))
})

it.each(['series', 'gauge', 'set'])('is refused for a %s', async (type) => {
  const timeseries = create(type)
  await failureOf(() => timeseries.insert('a', 1, { times: 2 }), 'KAIROS_INVALID_CONFIG')
  await failureOf(() => timeseries.bulkInsert([{ name: 'a', value: 1, times: 2 }]), 'KAIROS_INVALID_VALUE')
})
