import { type DriverTest, ofTypes } from '../driver-test.ts'
import { createAnyTimeseries } from '../internal/any-timeseries.ts'
import { isEmpty } from '../internal/kinds.ts'
import { claim, same } from '../internal/same.ts'
import { TYPES } from '../internal/types.ts'
import { placeOf } from '../test-context.ts'

const INTERVALS = { 'clock minute': { step: 60, steps: 3 }, 'clock hour': { step: 3600, resolution: 60, steps: 2 } }
/** How far `Date` is from the store's clock, in seconds: an hour, a month. */
const SKEWS = [-3600, -30 * 86_400, 3600]

/** Whatever `Date` says, in a test with a fake one or on a machine whose clock is wrong: acknowledged writes can be read. */
export const clockTests: readonly DriverTest[] = ofTypes(TYPES, (type) => ({
  title: `clock: ${type}: a write can be read when Date differs from the store's clock`,
  async run(context) {
    const driver = await context.driver(placeOf({ type }))
    for (const skew of SKEWS) {
      const warned: string[] = []
      const [now, warn] = [Date.now, process.emitWarning]
      Date.now = () => now() + skew * 1_000
      process.emitWarning = (warning: string | Error) => void warned.push(String(warning))
      try {
        const timeseries = createAnyTimeseries(driver, { type, intervals: INTERVALS })
        await timeseries.deleteAll()
        const { stored } = await timeseries.insert('a', 1)
        same(stored, 2, `values stored, with Date ${skew} seconds off`)
        const minute = [...(await timeseries.get('a', 'clock minute')).values()][0]
        claim(!isEmpty(minute), `with Date ${skew} seconds off, the minute that was just written is empty`)
        same(await timeseries.list(), ['a'], `names, with Date ${skew} seconds off`)
        await timeseries.deleteAll()
        await timeseries.close()
      } finally {
        Date.now = now
        process.emitWarning = warn
      }
      if (driver.capabilities.expiry[type] === 'native')
        claim(warned.length > 0, `Date is ${skew} seconds off the store's clock, and nobody was warned`)
    }
  },
}))
