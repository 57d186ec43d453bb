import { type DriverTest, ofTypes } from '../driver-test.ts'
import type { Fault } from '../fault-proxy.ts'
import { kinds } from '../internal/kinds.ts'
import { openPatiently } from '../internal/patient.ts'
import { ALL_TYPES } from '../internal/types.ts'
import type { DriverTestOptions } from '../options.ts'
import { batchOf, type Cell, cell, usualCells, usualConfig } from '../store/cells.ts'
import { placeOf } from '../test-context.ts'
import { expectTruth } from './write-report.ts'

const ROUNDS = { short: 12, long: 400 } as const
const FAULTS: readonly Fault[] = ['cut-reply', 'cut-request']
/** Which of a write's requests fails: the first, the second, the third. */
const REQUESTS = 3

/** Failures of the store itself, which only `failing` can cause. */
export function failingTests({ failing, size = 'short' }: DriverTestOptions): DriverTest[] {
  return ofTypes(ALL_TYPES, (type) => ({
    title: `failing: ${type}: what a write says about each cell is true, whatever happens to its requests`,
    // Its requests are those of a histogram, and some clients take seconds to connect again.
    long: type === 'distribution',
    skip: () => (failing === undefined ? 'describeDriver was not given `failing`' : null),
    async run(context) {
      const opened = await usualCells(context, type)
      const { change } = kinds[type]
      const plan = { fault: null as Fault | null, passing: 0 }
      const decide = (): Fault | null => {
        if (plan.fault === null || plan.passing-- > 0) return null
        const { fault } = plan
        plan.fault = null
        return fault
      }
      const { driver, close } = await failing!({ place: placeOf(usualConfig(type)), decide })
      try {
        const { store } = await openPatiently(driver, opened.schema)
        for (let round = 0; round < ROUNDS[size]; round++) {
          const names = [context.name(), context.name(), context.name()]
          const cells = names.flatMap((name, seed): Cell[] => [
            ...[1, 2, 3, 4].map((bucket) => cell(name, 'minute', bucket, 0, change(seed + bucket))),
            ...[60, 61, 130].map((minute) => cell(name, 'hour', Math.floor(minute / 60), minute, change(minute))),
          ])
          plan.fault = FAULTS[round % FAULTS.length]!
          plan.passing = Math.floor(round / FAULTS.length) % REQUESTS
          const what = `${plan.fault}, of request ${plan.passing + 1} of a write`
          const failure = await store.write(batchOf(opened.schema, cells)).then(
            () => null,
            (error: unknown) => error,
          )
          plan.fault = null
          await expectTruth(opened, cells, failure, what)
        }
      } finally {
        plan.fault = null
        await driver.close()
        await close?.()
      }
    },
  }))
}
