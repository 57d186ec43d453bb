import type { OriginalType, TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { agree } from '../internal/agree.ts'
import { type AnyTimeseries, collect } from '../internal/any-timeseries.ts'
import { same } from '../internal/same.ts'
import { ALL_TYPES, TYPES } from '../internal/types.ts'
import { NOW } from '../test-context.ts'

const INTERVALS = { 'functions minute': { step: 60 }, 'functions hour': { step: 3600, resolution: 60 } }
const RANGE = { start: NOW - 1200, end: NOW + 3600 }

export const functionTests: readonly DriverTest[] = [
  ...ofTypes(ALL_TYPES, stages),
  ...ofTypes(TYPES, (type) => [errors(type), ...valueTests(type)]),
]

/** Two names that share some buckets and have gaps, and one without data. */
async function fill(type: TimeseriesType, timeseries: AnyTimeseries): Promise<string[]> {
  // Not every store counts in fractions.
  for (const [name, offset, value] of [
    ['one', 0, 1],
    ['one', 60, 2.5],
    ['one', 61, 4],
    ['two', 60, 8],
    ['two', -600, 16],
    ['one', 3600, 32],
    ['two', 3600, 1],
  ] as const)
    await timeseries.insert(name, type === 'count' ? Math.ceil(value) : value, { timestamp: NOW + offset })
  return ['two', 'nobody', 'one']
}

function stages(type: TimeseriesType): DriverTest {
  return {
    title: `reads: ${type}: joins, and the caller's functions at each stage`,
    run: (context) =>
      agree(context, { type, intervals: INTERVALS }, async (timeseries, _clock, answers) => {
        const names = await fill(type, timeseries)
        const ask = async (what: string, options: object, asked: string | string[] | Set<string> = names) => {
          for (const interval of Object.keys(INTERVALS)) {
            answers.set(
              `${what}, series of ${interval}`,
              await timeseries.series(asked, interval, { ...RANGE, ...options }),
            )
            if ('collapse' in options) continue
            answers.set(
              `${what}, get of ${interval}`,
              await timeseries.get(asked, interval, { timestamp: NOW + 61, ...options }),
            )
            answers.set(`${what}, iterate of ${interval}`, await collect(timeseries.iterate(asked, interval, options)))
          }
        }
        const weigh = (rows: ReadonlyMap<number, unknown>) =>
          [...rows].map(([seconds, row]) => [seconds - NOW, sizeOf(row)])
        await ask('one name', {}, 'one')
        await ask('a name without data', {}, 'nobody')
        await ask('a join', {})
        await ask('a join of a set', {}, new Set(names))
        await ask('condense', { condense: true })
        await ask('collapse', { collapse: true })
        await ask('processRow', { processRow: sizeOf }, 'one')
        await ask('joinRows', { joinRows: (rows: unknown[]) => rows.map(sizeOf) })
        await ask('processRow and joinRows', { processRow: sizeOf, joinRows: (rows: number[]) => rows.join('+') })
        await ask('a condense of its own', { condense: weigh })
        await ask('a collapse of its own', { collapse: weigh })
        await ask('a transform', { transform: (data: unknown, seconds: number) => [sizeOf(data), seconds] })
        await ask('condense and transform', {
          condense: true,
          transform: (data: unknown, seconds: number) => [data, seconds],
        })
        if (type !== 'gauge' && type !== 'unique')
          await ask('a transform by name', { transform: ['rate'], condense: true })
      }),
  }
}

function errors(type: OriginalType): DriverTest {
  return {
    title: `reads: ${type}: an error thrown by the caller's function reaches the caller`,
    async run(context) {
      const { timeseries } = await context.emptied({ type, intervals: INTERVALS })
      const names = await fill(type, timeseries)
      const thrown = new Error('from the caller')
      const fail = () => {
        throw thrown
      }
      for (const stage of ['processRow', 'joinRows', 'condense', 'transform']) {
        const caught = await timeseries
          .series(names, 'functions hour', { ...RANGE, [stage]: fail })
          .catch((error) => error)
        same(caught === thrown, true, `the caller's own error came through, from ${stage}`)
      }
      await timeseries.deleteAll()
    },
  }
}

function valueTests(type: OriginalType): DriverTest[] {
  if (type === 'count') return []
  return [
    {
      title: `reads: ${type}: readFunc and writeFunc`,
      run: (context) =>
        agree(
          context,
          {
            type,
            intervals: INTERVALS,
            writeFunc: (value: string) => Number(value) * 10,
            readFunc: (value: number) => `about ${Math.round(value / 40)}`,
          },
          async (timeseries, _clock, answers) => {
            for (const [offset, values] of [
              [0, ['1', '2.5', '3', '3.5']],
              [60, ['8', '11']],
            ] as const)
              await timeseries.insert('one', values, { timestamp: NOW + offset })
            for (const interval of Object.keys(INTERVALS)) {
              answers.set(`get of ${interval}`, await timeseries.get('one', interval))
              answers.set(
                `series of ${interval}`,
                await timeseries.series('one', interval, { ...RANGE, condense: true }),
              )
            }
          },
        ),
    },
  ]
}

/** Something that identifies a cell's data, whatever its type. */
function sizeOf(row: unknown): number {
  if (Array.isArray(row)) return row.length
  if (row instanceof Map) return [...row.values()].reduce((sum, times) => sum + times, 0)
  if (row instanceof Set) return row.size
  if (typeof row === 'object' && row !== null && 'count' in row)
    return typeof row.count === 'function' ? row.count() : (row.count as number)
  return Number(row)
}
