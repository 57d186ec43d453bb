import { type DriverTest, ofTypes } from '../driver-test.ts'
import type { AnyTimeseries } from '../internal/any-timeseries.ts'
import { same } from '../internal/same.ts'
import { TRANSFORMS } from '../internal/transforms.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { NOW } from '../test-context.ts'

const MINUTE = 'merged reads minute'
const DAY = 'merged reads day'
const INTERVALS = { [MINUTE]: { step: 60 }, [DAY]: { step: 'daily', resolution: '1h' } }

const STAGES: readonly object[] = [
  {},
  { condense: true },
  { collapse: true },
  { every: '2h' },
  { every: 'daily', zone: 'Asia/Tokyo' },
  { split: true, condense: true },
  { split: true, collapse: true },
]

/** Reads that the store merges, beside those that core merges because the capability is hidden from it. */
export const mergedReadTests: readonly DriverTest[] = ofTypes(ALL_TYPES, (type) => ({
  title: `merges: ${type}: reads give the same answers where the store merges and where core does`,
  async skip(context) {
    const { merges = {} } = await context.capabilities()
    return merges[type] === undefined ? `capabilities.merges leaves out ${type}` : null
  },
  async run(context) {
    const config = { type, intervals: INTERVALS }
    const { timeseries } = await context.emptied(config)
    const { timeseries: plain } = await context.timeseries(config, 0, true)
    const start = NOW - 86_400
    const points = ['a', 'b', 'c'].flatMap((name, own) =>
      Array.from({ length: 30 }, (_, index) => ({
        name,
        value: (index * 7 + own) % 5,
        timestamp: start + index * 2_879,
      })),
    )
    await timeseries.bulkInsert(points)
    for (const interval of [MINUTE, DAY]) {
      for (const names of ['a', ['a', 'b', 'c'], ['c', 'nobody'], ['nobody']]) {
        for (const transform of TRANSFORMS[type]) {
          for (const stages of STAGES) {
            const options = { ...stages, start, end: NOW, ...(transform !== undefined && { transform }) }
            const read = (each: AnyTimeseries) => each.series(names, interval, options)
            same(
              await read(timeseries),
              await read(plain),
              `series of ${interval} with ${JSON.stringify([names, options])}`,
            )
          }
        }
        const read = (each: AnyTimeseries) => each.get(names, interval, { timestamp: start })
        same(await read(timeseries), await read(plain), `get of ${interval} with ${JSON.stringify(names)}`)
      }
    }
    await timeseries.deleteAll()
  },
}))
