import type { OriginalType, TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { agree } from '../internal/agree.ts'
import { collect } from '../internal/any-timeseries.ts'
import { ALL_TYPES, TYPES } from '../internal/types.ts'
import { NOW, placeOf } from '../test-context.ts'

const KEPT = {
  'extent minute': { step: 60, steps: 3 },
  'extent hour': { step: 3600, resolution: 60, steps: 2 },
  'extent day': { step: 'daily', steps: 2 },
}

export const extentTests: readonly DriverTest[] = [...ofTypes(ALL_TYPES, whileTimePasses), ...ofTypes(TYPES, overGaps)]

function whileTimePasses(type: TimeseriesType): DriverTest {
  return {
    title: `extent: ${type}: list, properties, iterate and expire while the clock advances`,
    async run(context) {
      const config = { type, intervals: KEPT }
      const { capabilities } = await context.driver(placeOf(config))
      const sweeps = capabilities.expiry[type] === 'sweep'
      await agree(context, config, async (timeseries, clock, answers) => {
        const glance = async (what: string, names: readonly string[]) => {
          answers.set(`${what}: list`, await timeseries.list())
          for (const name of names) answers.set(`${what}: properties of ${name}`, await timeseries.properties(name))
        }
        const look = async (what: string, names: readonly string[] = ['a', 'b']) => {
          await glance(what, names)
          for (const name of names) {
            for (const interval of Object.keys(KEPT))
              answers.set(`${what}: ${name} in ${interval}`, await collect(timeseries.iterate(name, interval)))
          }
        }
        await look('empty', ['a', 'nobody'])
        for (const [index, offset] of [-120, -61, 0, 59].entries())
          await timeseries.insert('a', index, { timestamp: NOW + offset })
        await timeseries.insert('b', 5, { timestamp: NOW + 3600 })
        await look('written')
        for (const later of [60, 179, 240, 3600, 7200, 90_000, 200_000]) {
          clock.now = NOW + later
          await glance(`${later} seconds later`, ['a', 'b'])
          const expired = later === 240 ? await timeseries.expire('b') : await timeseries.expire()
          if (sweeps) answers.set(`${later} seconds later: cells expired`, expired)
          await look(`${later} seconds later, expired`)
        }
        await timeseries.insert('a', 9)
        await look('written again')
      })
    },
  }
}

function overGaps(type: OriginalType): DriverTest {
  return {
    title: `extent: ${type}: iterate over gaps, many buckets and several names`,
    run: (context) =>
      agree(
        context,
        { type, intervals: { 'holes minute': { step: 60 }, 'holes hour': { step: 3600, resolution: 60 } } },
        async (timeseries, _clock, answers) => {
          const offsets = [...Array.from({ length: 400 }, (_, index) => index * 60), 300_000, 600_000, 600_060]
          await timeseries.bulkInsert(
            offsets.map((offset, index) => ({ name: `n${index % 3}`, value: index, timestamp: NOW + offset })),
          )
          for (const asked of ['n0', ['n0', 'n1', 'n2']]) {
            answers.set(`minutes of ${asked}`, await collect(timeseries.iterate(asked, 'holes minute')))
            answers.set(`hours of ${asked}`, await collect(timeseries.iterate(asked, 'holes hour')))
            const left: number[] = []
            for await (const [seconds] of timeseries.iterate(asked, 'holes minute')) {
              left.push(seconds)
              if (left.length === 10) break
            }
            answers.set(`minutes of ${asked}, left by break`, left)
          }
        },
      ),
  }
}
