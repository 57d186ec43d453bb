import type { DriverTest } from '../driver-test.ts'
import { type AnyTimeseries, collect } from '../internal/any-timeseries.ts'
import { claim, same } from '../internal/same.ts'
import { NOW } from '../test-context.ts'

const INTERVALS = { 'order minute': { step: 60 }, 'order hour': { step: 3600, resolution: 60 } }
const KEPT = { 'passing minute': { step: 60, steps: 12_000 } }
const PASSING = 12_000

async function skipFractions(context: Parameters<DriverTest['run']>[0]): Promise<string | null> {
  return (await context.capabilities()).fractionalCounts ? null : 'capabilities.fractionalCounts is false'
}

export const orderTests: readonly DriverTest[] = [
  {
    title: 'reads: count: a sum of fractions does not depend on the order in which they are joined',
    types: ['count'],
    skip: skipFractions,
    async run(context) {
      const { timeseries } = await context.emptied({ type: 'count', intervals: INTERVALS })
      const fractions: Record<string, number> = { x: 0.1, y: -0.3, z: 1e-3, w: 1e16, v: -1e16 }
      for (const [name, fraction] of Object.entries(fractions))
        await timeseries.insert(name, fraction, { timestamp: NOW })
      const orders = [
        ['x', 'y', 'z', 'w', 'v'],
        ['w', 'x', 'v', 'y', 'z'],
        ['z', 'v', 'y', 'x', 'w'],
      ]
      const seen = await Promise.all(orders.map((names) => sumsOf(timeseries, names)))
      for (const [index, sums] of seen.entries())
        same(sums, seen[0], `the sums of ${orders[index]!.join(', ')}, and of ${orders[0]!.join(', ')}`)
      // The double that is nearest to the sum of these doubles, by exact arithmetic.
      same(seen[0]![0], -0.19899999999999998, 'the sum of 0.1, -0.3, 0.001, 1e16 and -1e16')
      await timeseries.deleteAll()
    },
  },
  {
    title: 'writes: count: fractions of one call are added exactly',
    types: ['count'],
    skip: skipFractions,
    async run(context) {
      const { timeseries } = await context.emptied({ type: 'count', intervals: INTERVALS })
      await timeseries.bulkInsert(Array.from({ length: 70 }, () => ({ name: 'a', value: 0.4, timestamp: NOW })))
      same([...(await timeseries.get('a', 'order minute', { timestamp: NOW })).values()], [28], '70 times 0.4')
      await timeseries.deleteAll()
    },
  },
  {
    title: 'reads: count: an iteration shows no bucket that expired before it was read',
    types: ['count'],
    async run(context) {
      const { timeseries, clock } = await context.emptied({ type: 'count', intervals: KEPT })
      await timeseries.bulkInsert(
        Array.from({ length: PASSING }, (_, index) => ({ name: 'a', timestamp: NOW - index * 60 })),
      )
      let shown = 0
      let expired = 0
      for await (const _ of timeseries.iterate('a', 'passing minute')) {
        shown++
        // All but the last ten buckets expire while the first one is processed.
        if (shown === 1) clock.now = NOW + (PASSING - 10) * 60
        else expired++
      }
      clock.now = NOW
      claim(shown < PASSING, `all ${shown} buckets were shown, of which all but 10 expired after the first: ${expired}`)
      clock.now = NOW + (PASSING - 10) * 60
      same((await collect(timeseries.iterate('a', 'passing minute'))).length, 10, 'buckets that are live')
      await timeseries.deleteAll()
    },
  },
]

/** The joined minute, the joined hour condensed, and both collapsed. */
async function sumsOf(timeseries: AnyTimeseries, names: readonly string[]): Promise<unknown[]> {
  const range = { start: NOW, end: NOW }
  const [minute] = (await timeseries.series(names, 'order minute', range)).values()
  const [hour] = (await timeseries.series(names, 'order hour', { ...range, condense: true })).values()
  const [all] = (await timeseries.series(names, 'order hour', { ...range, collapse: true, condense: true })).values()
  return [minute, hour, all]
}
