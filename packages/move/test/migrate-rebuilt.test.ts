import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { type AnyTimeseries, digest, migrate, openLegacy, planMigration } from '../src/index.ts'
import { allOf, timeseriesOf } from './support/samples.ts'

const START = 1_709_200_000
const END = START + 300 * 3_333
const HOUR = 3_600

/** The same points in time's order, with values that differ. */
async function filled(config: object, valueAt: (index: number) => unknown): Promise<AnyTimeseries> {
  const timeseries = timeseriesOf(config)
  await timeseries.bulkInsert(
    Array.from({ length: 300 }, (_, index) => ({
      name: `n${index % 3}`,
      value: valueAt(index),
      timestamp: START + index * 3_333,
    })) as never,
  )
  return timeseries
}

const FINE = { quarter: { step: 900 }, hour: { step: '1h' } }
const OTHER = {
  half: { step: 1_800 },
  day: { step: 'daily', zone: 'Asia/Kathmandu', resolution: 1_800 },
  month: { step: 'monthly', zone: 'America/Caracas' },
}

const VALUES: readonly [type: object, value: (index: number) => unknown, to?: object][] = [
  [{ type: 'count' }, (index) => index / 8],
  [{ type: 'series', valueType: 'int' }, (index) => index],
  [{ type: 'gauge', valueType: 'datetime' }, (index) => new Date(index * 1e6)],
  [{ type: 'histogram', valueType: 'int64' }, (index) => BigInt(index % 7)],
  [{ type: 'set', valueType: 'inet' }, (index) => `10.0.0.${index % 11}`],
  [{ type: 'summary' }, (index) => (index * 37) % 101],
  [{ type: 'distribution' }, (index) => (index * 37) % 101],
  [{ type: 'unique' }, (index) => `user ${index % 50}`],
  [{ type: 'histogram', valueType: 'float' }, (index) => index / 3, { type: 'distribution', accuracy: 0.02 }],
  [{ type: 'histogram', valueType: 'int64' }, (index) => BigInt(index), { type: 'distribution', accuracy: 0.01 }],
  [{ type: 'set', valueType: 'int' }, (index) => index % 50, { type: 'unique', valueType: 'int', precision: 10 }],
  [{ type: 'series', valueType: 'int' }, (index) => index, { type: 'series', valueType: 'int64' }],
  [{ type: 'gauge', valueType: 'string' }, (index) => `${index}`, { type: 'gauge', valueType: 'text' }],
]

describe('a migration to other buckets', () => {
  it.each(VALUES)('gives what %o would have held there', async (type, value, to: object = type) => {
    const source = await filled({ ...type, intervals: FINE }, value)
    const target = timeseriesOf({ ...to, intervals: { ...OTHER, ...FINE } })
    const { verified, plan } = await migrate(source, target, { verify: true, parallel: 2, start: START, end: END })
    expect(plan.intervals.map(({ from, how }) => `${how} from ${from}`)).toEqual([
      'rebuilt from quarter',
      'rebuilt from quarter',
      'copied from hour',
      'rebuilt from quarter',
      'copied from quarter',
    ])
    expect(verified!.equal).toBe(true)
    const direct = await filled({ ...to, intervals: { ...OTHER, ...FINE } }, (index) => {
      const own = value(index)
      return 'accuracy' in to && typeof own === 'bigint' ? Number(own) : own
    })
    expect((await digest(target)).digest).toBe((await digest(direct)).digest)
  })

  it('makes a summary of counts, each bucket one value, from the finest', async () => {
    const source = await filled({ type: 'count', intervals: FINE }, (index) => index)
    const target = timeseriesOf({ type: 'summary', intervals: { hour: { step: '1h' } } })
    const { plan, verified } = await migrate(source, target, { verify: true })
    expect(plan.intervals).toEqual([{ interval: 'hour', from: 'quarter', how: 'rebuilt' }])
    expect(plan.notes.map(({ reason, text }) => `${reason}: ${text}`)).toEqual([
      'type: a count does not hold single values: each bucket of the source becomes one value, so that sums are exact, and count, min, max and last are those of its buckets',
      'left: "hour" of the source is not carried over',
    ])
    expect(verified!.equal).toBe(true)
    const [counts, summaries] = [await allOf(source.cells({ intervals: ['hour'] })), await allOf(target.cells())]
    expect(summaries.map(({ value }) => (value as { sum: number }).sum)).toEqual(counts.map(({ value }) => value))
    const quarters = await allOf(source.cells({ intervals: ['quarter'], names: 'n0' }))
    const [first] = summaries
    const own = quarters.filter(({ start }) => start < first!.start + HOUR)
    expect(first!.value).toMatchObject({ count: own.length, lastAt: own.at(-1)!.start, last: own.at(-1)!.value })
    const copied = await planMigration(source, target, { from: { hour: 'hour' } })
    expect(copied.intervals).toEqual([{ interval: 'hour', from: 'hour', how: 'copied' }])
  })

  it('says that values are in the order of the buckets they come from', async () => {
    const source = await filled({ type: 'series', intervals: FINE }, (index) => index)
    const target = timeseriesOf({ type: 'series', intervals: { day: { step: 'daily' } } })
    expect((await planMigration(source, target)).notes.map(({ reason }) => reason)).toEqual(['left', 'order'])
  })

  it('takes the finest that reaches back far enough, and leaves out buckets of which it keeps a part', async () => {
    const now = (): number => END
    const kept = { quarter: { step: 900, steps: 50 }, hour: { step: '1h', steps: 100 } }
    const source = await filled({ type: 'count', intervals: kept, now }, (index) => index)
    const target = timeseriesOf({
      type: 'count',
      intervals: { day: { step: 'daily', steps: 4 }, pair: { step: '2h', steps: 3 } },
      now,
    })
    const { plan, verified } = await migrate(source, target, { verify: true })
    expect(plan.intervals).toEqual([
      { interval: 'day', from: 'hour', how: 'rebuilt' },
      { interval: 'pair', from: 'quarter', how: 'rebuilt' },
    ])
    expect(plan.notes.map(({ text }) => text)).toEqual([
      '"day" keeps 4 buckets, fewer than "hour" of the source: what is older is not carried over',
      '"pair" keeps 3 buckets, fewer than "quarter" of the source: what is older is not carried over',
    ])
    expect(verified!.equal).toBe(true)
    const all = timeseriesOf({ type: 'count', intervals: { day: { step: 'daily' } }, now })
    const { plan: more } = await migrate(source, all)
    expect(more.notes.map(({ text }) => text)).toEqual([
      '"quarter" of the source is not carried over',
      '"day" is made from "hour" of the source, which keeps 100 buckets: those that began before 2024-03-07T20:00:00.000Z are not carried over',
    ])
    const direct = await filled({ type: 'count', intervals: { day: { step: 'daily' } } }, (index) => index)
    const days = await allOf(direct.cells())
    expect((await allOf(all.cells())).map(({ value }) => value)).toEqual(
      days.filter(({ start }) => start >= Date.UTC(2024, 2, 8) / 1_000).map(({ value }) => value),
    )
    // Asked for, the finer one serves too.
    expect(
      (
        await migrate(source, timeseriesOf({ type: 'count', intervals: { day: { step: 'daily' } }, now }), {
          from: { day: 'quarter' },
        })
      ).cells,
    ).toBe(0)
  })

  it('makes whole buckets where the time is limited, and continues where it was aborted', async () => {
    const source = await filled({ type: 'count', intervals: FINE }, (index) => index)
    const target = timeseriesOf({ type: 'count', intervals: { day: { step: 'daily' } } })
    const [start, end] = [START + 100_000, START + 400_000]
    const { verified, cells } = await migrate(source, target, { verify: true, start, end })
    const direct = await filled({ type: 'count', intervals: { day: { step: 'daily' } } }, (index) => index)
    expect(await allOf(target.cells())).toEqual(await allOf(direct.cells({ start, end })))
    expect([verified!.equal, cells]).toEqual([true, 15])
    expect((await migrate(source, target, { verify: true, since: start })).verified!.source).toEqual(
      await digest(direct, { start }),
    )
  })

  it('ends at a cell that lies in two buckets, so long ago that nothing before has looked there', async () => {
    const now = (): number => Date.UTC(2040, 0, 1) / 1_000
    const source = timeseriesOf({ type: 'count', intervals: { hour: { step: '1h' } }, now })
    const target = timeseriesOf({ type: 'count', intervals: { day: { step: 'daily', zone: 'America/Caracas' } }, now })
    // Half past four hours behind UTC, from 2007 to 2016.
    await source.insert('n', 1, { timestamp: Date.UTC(2010, 5, 1, 4) / 1_000 })
    await expect(migrate(source, target)).rejects.toThrow('that from 2010-06-01T04:00:00.000Z to')
    expect(await allOf(target.cells())).toEqual([])
  })

  it.each([
    [{ week: { step: 'weekly' } }, { month: { step: 'monthly' } }, {}, 'whole buckets of week of the source'],
    [{ hour: { step: '1h' } }, { day: { step: 'daily', zone: 'Asia/Kathmandu' } }, {}, '`intervals` leaves it out'],
    [FINE, { day: { step: 'daily' } }, { from: { day: 'year' } }, 'from.day must be one of hour, quarter, not "year"'],
    [FINE, { day: { step: 'daily' } }, { from: { year: 'hour' } }, 'from must be an object with keys among day'],
  ])('is refused from %o to %o', async (from, to, options, message) => {
    const [source, target] = [from, to].map((intervals) => timeseriesOf({ type: 'count', intervals }))
    await expect(migrate(source!, target!, options as never)).rejects.toThrow(message)
  })

  it.each([
    [{ type: 'count' }, { type: 'gauge' }, 'target must be a timeseries of count or summary, not "gauge (float)"'],
    [{ type: 'histogram', valueType: 'string' }, { type: 'distribution' }, 'of histogram (string), not'],
    [{ type: 'set' }, { type: 'unique' }, 'of set (float) or unique (float), not "unique (string, precision 12)"'],
    [{ type: 'gauge', valueType: 'float' }, { type: 'gauge', valueType: 'int' }, 'of gauge (float), not "gauge (int)"'],
    [{ type: 'distribution' }, { type: 'distribution', accuracy: 0.05 }, 'distribution (accuracy 0.01), not'],
  ])('is refused from %o to %o', async (from, to, message) => {
    const [source, target] = [from, to].map((config) => timeseriesOf({ ...config, intervals: FINE }))
    await expect(migrate(source!, target!)).rejects.toThrow(message)
  })
})

describe('what Python kairos wrote', () => {
  it('is migrated, and its buckets without a resolution that does not divide them', async () => {
    const database = new DatabaseSync(':memory:')
    database.exec(`CREATE TABLE count (name TEXT, interval TEXT, i_time INTEGER, r_time INTEGER, count INTEGER);
      INSERT INTO count VALUES ('a', 'week', 201707, NULL, 5), ('a', 'day', 17000, 58285, 1), ('a', 'day', 17000, 58286, 2),
        ('a', 'day', 17001, 58289, 3), ('b', 'day', 17002, 58294, 4)`)
    const intervals = { week: { step: 'weekly' }, day: { step: 86_400, resolution: 25_200 } } as const
    const old = await openLegacy(database, { type: 'count', intervals })
    const target = timeseriesOf({ type: 'count', intervals: { week: { step: 'weekly' }, day: { step: 86_400 } } })
    const { verified, plan } = await migrate(old, target, { verify: true })
    expect(plan.intervals.map(({ how }) => how)).toEqual(['rebuilt', 'copied'])
    expect(verified!.equal).toBe(true)
    expect((await allOf(target.cells())).map(({ name, start, value }) => [name, start, value])).toEqual([
      ['a', 17_000 * 86_400, 3],
      ['a', 17_001 * 86_400, 3],
      ['b', 17_002 * 86_400, 4],
      ['a', 1_486_857_600, 5],
    ])
  })
})
