import { memoryDriver } from '@kairos/core'
import type { StorageDriver, TimeseriesType } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { type Injected, type InjectedCall, type InjectedFault, injectFaults } from '../inject-faults.ts'
import { collect, createAnyTimeseries } from '../internal/any-timeseries.ts'
import { same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import { NOW, placeOf } from '../test-context.ts'

const INTERVALS = { 'injected minute': { step: 60 }, 'injected hour': { step: 3600, resolution: 60 } }
const NAMES = ['a', 'b', 'c']
const WRITES = 12
/** Types to which the same write adds nothing. */
const REPEATABLE: readonly TimeseriesType[] = ['gauge', 'set', 'unique']

/**
 * Core repeats a write whose outcome a failure left open if that adds nothing: for types that merge that way, and drivers that store exactly once. The result is
 * that of one write.
 */
export const injectedTests: readonly DriverTest[] = ofTypes(ALL_TYPES, (type) => ({
  title: `injected: ${type}: writes that fail and are repeated leave the result of one write each`,
  async run(context) {
    const driver = await context.driver(placeOf({ type }))
    const once = driver.capabilities.exactlyOnce !== false
    const repeats = once || REPEATABLE.includes(type)
    const faults: readonly (InjectedFault | undefined)[] = repeats
      ? ['after', undefined, 'before', 'part', undefined, 'after', 'after']
      : ['before', undefined, 'before', 'before']
    const decide = ({ method, number }: InjectedCall): Injected | null => {
      const fault = method === 'write' ? faults[number % faults.length] : undefined
      return fault === undefined ? null : { fault, retry: 'now' }
    }
    const found = await answersAfter(injectFaults(driver, decide), type, once)
    same(found, await answersAfter(memoryDriver(), type, false), 'with faults, and without them on the memory driver')
  },
}))

/** What a timeseries shows after some writes. */
async function answersAfter(driver: StorageDriver, type: TimeseriesType, once: boolean): Promise<Map<string, unknown>> {
  const timeseries = createAnyTimeseries(driver, { type, intervals: INTERVALS, now: () => NOW })
  await timeseries.deleteAll()
  for (let write = 0; write < WRITES; write++) {
    const points = NAMES.map((name, index) => ({
      name,
      value: type === 'count' ? write * 10 + index : [write * 10 + index, write],
      timestamp: NOW + (write % 3) * 60,
    }))
    await timeseries.bulkInsert(points, once ? { delivery: 'once' } : {})
  }
  const answers = new Map<string, unknown>([['names', await timeseries.list()]])
  for (const name of NAMES) {
    for (const interval of Object.keys(INTERVALS))
      answers.set(`${name} in ${interval}`, await collect(timeseries.iterate(name, interval)))
  }
  await timeseries.deleteAll()
  await timeseries.close()
  return answers
}
