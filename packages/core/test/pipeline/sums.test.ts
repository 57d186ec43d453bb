import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnyTimeseries, createAny } from '../support/any-timeseries.ts'
import { failureOf } from '../support/failure.ts'

const intervals = { minute: { step: 60 }, hour: { step: 3_600, resolution: 60 } }
const NAMES = ['a', 'b', 'c']

/** Numbers of every magnitude, so that a sum with intermediate rounding would differ. */
const term = fc.oneof(
  fc.double({ min: -1e300, max: 1e300, noNaN: true }),
  fc.constantFrom(1e16, -1e16, 1, 0.1, 0.4, 1e-9, 1e200, -1e200),
)
/** The same terms twice, the second time in another order. */
const shuffled = fc
  .array(term, { minLength: 1, maxLength: 12 })
  .chain((terms) =>
    fc.tuple(fc.constant(terms), fc.shuffledSubarray(terms, { minLength: terms.length, maxLength: terms.length })),
  )

/** One term per cell: by name first, then by minute. */
async function counted(terms: readonly number[]): Promise<AnyTimeseries> {
  const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
  await counts.bulkInsert(
    terms.map((value, index) => ({
      name: NAMES[index % NAMES.length],
      value,
      timestamp: 60 * Math.floor(index / NAMES.length),
    })),
  )
  return counts
}

const only = (answer: Map<number, unknown>): unknown => [...answer.values()][0]

describe('the sum of counts does not show the order of its terms', () => {
  it.each<[what: string, sum: (counts: AnyTimeseries) => Promise<Map<number, unknown>>]>([
    ['collapsed', (counts) => counts.series(NAMES, 'minute', { start: 0, steps: 4, collapse: true })],
    ['condensed', (counts) => counts.get(NAMES, 'hour', { condense: true })],
    ['condensed and collapsed', (counts) => counts.series(NAMES, 'hour', { start: 0, steps: 2, collapse: true })],
  ])('%s, of several names', async (_what, sum) => {
    await fc.assert(
      fc.asyncProperty(shuffled, async ([terms, others]) => {
        expect(only(await sum(await counted(others)))).toBe(only(await sum(await counted(terms))))
      }),
    )
  })

  it('joined', async () => {
    await fc.assert(
      fc.asyncProperty(shuffled, async ([terms, others]) => {
        const join = async (values: readonly number[]): Promise<unknown> => {
          const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
          const names = values.map((_, index) => `n${index}`)
          await counts.bulkInsert(values.map((value, index) => ({ name: names[index], value, timestamp: 0 })))
          return only(await counts.get(names, 'minute'))
        }
        expect(await join(others)).toBe(await join(terms))
      }),
    )
  })

  it('as people write them', async () => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    for (const [name, value] of Object.entries({ x: 0.0159, y: 0.0119, z: 0.0272 })) await counts.insert(name, value)
    expect(only(await counts.get(['x', 'y', 'z'], 'minute'))).toBe(0.055)
    expect(only(await counts.get(['y', 'z', 'x'], 'minute'))).toBe(0.055)
    for (const [index, value] of [1e16, 1, -1e16].entries())
      await counts.insert('large', value, { timestamp: 60 * index })
    expect(only(await counts.series('large', 'minute', { start: 0, steps: 3, collapse: true }))).toBe(1)
  })
})

/** Joins cells whose values a store or a function of the caller gave. */
async function merged(type: string, rows: readonly unknown[], options = {}): Promise<unknown> {
  const timeseries = createAny('memory:', { type, intervals, now: () => 0 })
  const names = rows.map((_, index) => `n${index}`)
  for (const name of names) await timeseries.insert(name, 1)
  let next = 0
  return only(await timeseries.get(names, 'minute', { processRow: () => rows[next++], ...options }))
}

describe("the times of a histogram's value", () => {
  const times = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(2 ** 53, 2 ** 53 - 1, 2 ** 60, 1e200))

  it('do not show their order, though no integer holds them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(times, { minLength: 1, maxLength: 8 }), async (terms) => {
        const rows = terms.map((count) => new Map([['x', count]]))
        const exact = terms.reduce((sum, count) => sum + BigInt(count), 0n)
        expect(await merged('histogram', rows)).toEqual(new Map([['x', Number(exact)]]))
        expect(await merged('histogram', [...rows].reverse())).toEqual(new Map([['x', Number(exact)]]))
      }),
    )
  })

  it('counted by a transform, too', async () => {
    const row = new Map([
      ['x', 2 ** 53],
      ['y', 1],
      ['z', 1],
    ])
    expect(await merged('histogram', [row], { transform: 'count' })).toBe(2 ** 53 + 2)
    expect(await merged('histogram', [new Map([...row].reverse())], { transform: 'count' })).toBe(2 ** 53 + 2)
  })

  it('whose keys a readFunc makes equal are added exactly', async () => {
    const histogram = createAny('memory:', { type: 'histogram', intervals, now: () => 0, readFunc: () => 'all' })
    await histogram.insert('a', [1, 1, 2, 3])
    expect(only(await histogram.get('a', 'minute'))).toEqual(new Map([['all', 4]]))
  })
})

describe('what is merged and adds up to more than a number holds', () => {
  it.each<[what: string, ask: (counts: AnyTimeseries) => Promise<unknown>]>([
    ['joined', (counts) => counts.get(['a', 'b'], 'minute')],
    ['condensed', (counts) => counts.get('c', 'hour', { condense: true })],
    ['collapsed', (counts) => counts.series('c', 'minute', { start: 0, steps: 2, collapse: true })],
  ])('is refused: counts %s', async (_what, ask) => {
    const counts = createAny('memory:', { type: 'count', intervals, now: () => 0 })
    for (const name of ['a', 'b', 'c']) await counts.insert(name, 1e308)
    await counts.insert('c', 1e308, { timestamp: 60 })
    await failureOf(() => ask(counts), 'KAIROS_INVALID_VALUE')
    // Intermediate sums may be larger.
    await counts.insert('less', -1e308)
    expect(only(await counts.get(['a', 'b', 'less'], 'minute'))).toBe(1e308)
  })

  it('is refused: the times of a value', async () => {
    const row = new Map([['x', 1e308]])
    await failureOf(() => merged('histogram', [row, row]), 'KAIROS_INVALID_VALUE')
  })

  it('what a function of the caller made infinite is so', async () => {
    expect(await merged('count', [Number.POSITIVE_INFINITY, 1])).toBe(Number.POSITIVE_INFINITY)
  })
})
