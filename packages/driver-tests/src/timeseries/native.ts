import type { DriverTest } from '../driver-test.ts'
import { type AnyTimeseries, createAnyTimeseries } from '../internal/any-timeseries.ts'
import { isEmpty } from '../internal/kinds.ts'
import { claim, same } from '../internal/same.ts'
import { placeOf } from '../test-context.ts'

const STEPS = 2
const CONFIG = { 'native second': { step: 1, steps: STEPS }, 'native minute': { step: 60, resolution: 1, steps: 60 } }

/**
 * The order in which each name's buckets are written, in seconds from the first one: where a name expires by its first write or by its last
 * one, a bucket ends too early.
 */
const WRITTEN = { 'native forwards': [0, 1], 'native backwards': [1, 0] } as const

/** The only test that waits for real time, and only where the store expires cells by itself: it may be late, but never early. */
export const nativeTest: DriverTest = {
  title: 'expiry: buckets of a few seconds live to their last instant and are gone after it, by the real clock',
  async run(context) {
    await Promise.all(
      (await context.types()).map(async (type) => {
        const config = { type, intervals: CONFIG }
        const driver = await context.driver(placeOf(config))
        if (driver.capabilities.expiry[type] !== 'native') return
        const timeseries = createAnyTimeseries(driver, config)
        await timeseries.deleteAll()
        await watch(timeseries)
        await timeseries.deleteAll()
        await timeseries.close()
      }),
    )
  },
}

async function watch(timeseries: AnyTimeseries): Promise<void> {
  const start = second()
  for (const [name, offsets] of Object.entries(WRITTEN)) {
    for (const offset of offsets) await timeseries.insert(name, 1, { timestamp: start + offset })
  }
  const names = Object.keys(WRITTEN)
  for (;;) {
    const before = second()
    const seen = await Promise.all(names.map((name) => look(timeseries, name, start)))
    const listed = await timeseries.list()
    const now = second()
    // A read at the end of a second may show either side of it.
    if (now === before) {
      const expected = [start, start + 1].filter((moment) => now - moment < STEPS)
      const extent = expected.length === 0 ? undefined : { first: expected[0], last: expected.at(-1) }
      for (const [index, { live, seconds }] of seen.entries()) {
        const what = `of ${names[index]}, ${now - start} seconds after the first bucket began`
        same(live, expected, `live buckets ${what}`)
        same(seconds, extent, `properties ${what}`)
      }
      claim(
        names.every((name) => listed.includes(name)),
        'the names live on in the longer interval',
      )
      if (expected.length === 0) return
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function look(
  timeseries: AnyTimeseries,
  name: string,
  start: number,
): Promise<{ readonly live: readonly number[]; readonly seconds: unknown }> {
  const range = { start, end: start + 1, transform: isEmpty }
  const found = await timeseries.series(name, 'native second', range)
  const { 'native second': seconds } = await timeseries.properties(name)
  return { live: [...found].filter(([, empty]) => !empty).map(([moment]) => moment), seconds }
}

function second(): number {
  return Math.floor(Date.now() / 1000)
}
