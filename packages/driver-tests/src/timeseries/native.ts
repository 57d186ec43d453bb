import type { DriverTest } from '../driver-test.ts'
import { type AnyTimeseries, createAnyTimeseries } from '../internal/any-timeseries.ts'
import { isEmpty } from '../internal/kinds.ts'
import { claim, same } from '../internal/same.ts'
import { placeOf } from '../test-context.ts'

const STEPS = 2
const CONFIG = { 'native second': { step: 1, steps: STEPS }, 'native minute': { step: 60, resolution: 1, steps: 60 } }

/** The only test that waits for the clock on the wall, and only where the store expires by itself: that must be late, but never early. */
export const nativeTest: DriverTest = {
  title: 'expiry: buckets of a few seconds live to their instant and are gone after it, by the real clock',
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
  // The latest first and the earliest last: an expiry taken from the last write would shorten the others'.
  const seconds = [1, 2, 0].map((offset) => start + offset)
  for (const timestamp of seconds) await timeseries.insert('native', 1, { timestamp })
  const last = Math.max(...seconds) + STEPS
  for (;;) {
    const before = second()
    const found = await timeseries.series('native', 'native second', { start, end: start + 2, transform: isEmpty })
    const listed = await timeseries.list()
    const properties = await timeseries.properties('native')
    const now = second()
    // What was read while a second ended may show both sides of it.
    if (now === before) {
      const live = [...found].filter(([, empty]) => !empty).map(([moment]) => moment)
      const expected = [...seconds].sort((a, b) => a - b).filter((moment) => now - moment < STEPS)
      same(live, expected, `live buckets, ${now - start} seconds after they were written`)
      const extent = expected.length === 0 ? undefined : { first: expected[0], last: expected.at(-1) }
      same(properties['native second'], extent, `their extent, ${now - start} seconds after they were written`)
      claim(listed.includes('native'), 'the name lives on in the longer interval')
      if (now > last) return
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function second(): number {
  return Math.floor(Date.now() / 1000)
}
