import { describe, expect, it } from 'vitest'
import { toPoints } from '../src/index.ts'
import { type AnyTimeseries, createAny } from './support/any-timeseries.ts'
import { collect } from './support/collect.ts'
import { failureOf } from './support/failure.ts'

const intervals = { minute: { step: 60 }, hour: { step: 3_600, resolution: 60 } }
const range = { start: 0, end: 119 }

async function filled(type: string, valueType: string | undefined, values: readonly unknown[]): Promise<AnyTimeseries> {
  const timeseries = createAny('memory:', { type, intervals, now: () => 0, ...(valueType && { valueType }) })
  await timeseries.insert('a', values, { timestamp: 0 })
  return timeseries
}
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('an answer as JSON', () => {
  it.each([
    ['count', undefined, [2, 3], 5, 0],
    ['gauge', 'datetime', [new Date(0)], '1970-01-01T00:00:00.000Z', null],
    ['series', 'int64', [2n ** 62n, -1n], ['4611686018427387904', '-1'], []],
    ['series', 'blob', [new Uint8Array([0, 255, 62]), new Uint8Array()], ['AP8+', ''], []],
    ['set', 'string', ['b', 'a'], ['b', 'a'], []],
    ['set', 'int64', [1n], ['1'], []],
    [
      'histogram',
      'int',
      [5, 5, 1],
      [
        [5, 2],
        [1, 1],
      ],
      [],
    ],
    ['histogram', 'int64', [5n], [['5', 1]], []],
  ])('of a %s of %s', async (type, valueType, values, data, empty) => {
    const timeseries = await filled(type, valueType, values)
    const flat = [
      [0, data],
      [60, empty],
    ]
    expect(json(await timeseries.series('a', 'minute', range))).toEqual(flat)
    expect(json(await timeseries.get('a', 'minute'))).toEqual([[0, data]])
    expect(json(await timeseries.series('a', 'hour', range))).toEqual([[0, [[0, data]]]])
    expect(json(await timeseries.series('a', 'hour', { ...range, condense: true }))).toEqual([[0, data]])
    expect(json(await timeseries.series('a', 'hour', { ...range, collapse: true }))).toEqual([[0, data]])
    // And each part of it, as it is when it is taken out.
    expect(json([...(await timeseries.series('a', 'hour', range)).values()])).toEqual([[[0, data]]])
    if (type === 'histogram' || type === 'set')
      expect(json([...(await timeseries.series('a', 'minute', range))])).toEqual(flat)
    for (const interval of ['minute', 'hour']) {
      const entries = await collect(timeseries.iterate('a', interval))
      expect(json(entries)).toEqual([[0, data]])
      expect(json(entries[0])).toEqual([0, data])
    }
  })

  it('of transforms', async () => {
    const histogram = await filled('histogram', 'int64', [5n, 5n])
    const answer = await histogram.get('a', 'minute', { transform: ['sum', 'rate'] })
    expect(json(answer)).toEqual([[0, { sum: '10', rate: [['5', 2 / 60]] }]])
    expect(json([...(await histogram.get('a', 'minute', { transform: 'rate' })).values()])).toEqual([[['5', 2 / 60]]])
    const own = { at: new Date(0), bytes: Buffer.from('hi'), nested: [{ big: 1n }], undefined }
    expect(json(await histogram.get('a', 'minute', { transform: () => own }))).toEqual([
      [0, { at: '1970-01-01T00:00:00.000Z', bytes: 'aGk=', nested: [{ big: '1' }] }],
    ])
    const frozen = Object.freeze(new Set([1]))
    expect(json(await histogram.get('a', 'minute', { transform: () => frozen }))).toEqual([[0, [1]]])
  })

  it('of large bytes', async () => {
    const blob = new Uint8Array(100_000).map((_, index) => index)
    const timeseries = await filled('gauge', 'blob', [blob])
    expect(json(await timeseries.get('a', 'minute'))).toEqual([[0, Buffer.from(blob).toString('base64')]])
  })

  it('does not show otherwise', async () => {
    const timeseries = await filled('set', 'int', [1])
    const answer = await timeseries.series('a', 'minute', range)
    const plain = new Map([
      [0, new Set([1])],
      [60, new Set()],
    ])
    expect(answer).toStrictEqual(plain)
    expect(Object.getPrototypeOf(answer)).toBe(Map.prototype)
    expect([Object.keys(answer), { ...answer }]).toEqual([[], {}])
    expect(structuredClone(answer)).toStrictEqual(plain)
    expect([...answer]).toStrictEqual([...plain])
    const [entry] = await collect(timeseries.iterate('a', 'minute'))
    for (const same of [entry!, [...entry!], structuredClone(entry!)]) expect(same).toStrictEqual([0, new Set([1])])
    expect([Object.keys(entry!), Object.keys({ ...entry! })]).toEqual([
      ['0', '1'],
      ['0', '1'],
    ])
  })
})

describe('toPoints', () => {
  it.each([
    [{ time: 'iso' }, ['1970-01-01T00:00:00.000Z', '1970-01-01T00:01:00.000Z']],
    [{ time: 'ms' }, [0, 60_000]],
    [{ time: 's' }, [0, 60]],
    [{}, [0, 60]],
    [undefined, [0, 60]],
  ] as const)('%o', async (options, [first, second]) => {
    const counts = await filled('count', undefined, [5])
    expect(toPoints(await counts.series('a', 'minute', range), options)).toEqual([
      { time: first, value: 5 },
      { time: second, value: 0 },
    ])
  })

  it('is JSON as an answer is', async () => {
    const series = await filled('series', 'int64', [5n])
    expect(json(toPoints(await series.get('a', 'minute', { transform: 'sum' })))).toEqual([{ time: 0, value: '5' }])
  })

  it('refuses what has no times: a result by name, or none', async () => {
    const counts = await filled('count', undefined, [5])
    const split = await counts.get(['a', 'b'], 'minute', { split: true })
    for (const time of ['iso', 's'] as const) {
      const error = await failureOf(() => toPoints(split, { time }), 'KAIROS_INVALID_VALUE')
      expect(error.message).toBe('a result must have seconds as keys, not "a"; convert that of each name by itself')
      await failureOf(() => toPoints(undefined as never, { time }), 'KAIROS_INVALID_VALUE')
    }
  })

  it.each([{ time: 'seconds' }, { time: null }, { times: 's' }, null, 'iso', { time: 'constructor' }])(
    '%o is refused',
    async (options) => {
      await failureOf(() => toPoints(new Map(), options as never), 'KAIROS_INVALID_CONFIG')
    },
  )
})
