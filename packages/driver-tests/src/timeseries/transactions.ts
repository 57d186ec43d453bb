import { type DriverTest, ofTypes } from '../driver-test.ts'
import { type AnyTimeseries, collect, createAnyTimeseries } from '../internal/any-timeseries.ts'
import { kinds } from '../internal/kinds.ts'
import { same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import type { DriverTestOptions } from '../options.ts'
import { NOW, placeOf } from '../test-context.ts'

const MINUTE = 'transaction minute'
const INTERVALS = { [MINUTE]: { step: 60, steps: 3 }, 'transaction hour': { step: 3600, resolution: 60 } }

/** Every call of a timeseries passes the driver's own options to the store: one that forgets them is outside the transaction. */
export function transactionTests({ transactions }: DriverTestOptions): DriverTest[] {
  return ofTypes(ALL_TYPES, (type) => ({
    title: `transactions: ${type}: every call is part of the transaction that it is given, and a rollback undoes them all`,
    skip: () => (transactions === undefined ? 'describeDriver was not given `transactions`' : null),
    async run() {
      const config = { type, intervals: INTERVALS }
      const clock = { now: NOW }
      const { driver, begin, close } = await transactions!({ place: placeOf(config) })
      const timeseries = createAnyTimeseries(driver, { ...config, now: () => clock.now })
      const sweeps = driver.capabilities.expiry[type] === 'sweep'
      try {
        await timeseries.deleteAll()
        await timeseries.insert('kept', 1)
        const before = await seenOf(timeseries, {})
        const { options, rollback } = await begin()
        try {
          await timeseries.insert('inserted', 1, options)
          await timeseries.bulkInsert([{ name: 'many', value: 1 }], options)
          const written = new Map(before)
          for (const [what, answer] of before)
            for (const name of ['inserted', 'many']) written.set(what.replace('kept', name), answer)
          written.set('list', ['inserted', 'kept', 'many'])
          same(await seenOf(timeseries, options, ['kept', 'inserted', 'many']), written, 'reads inside the transaction')
          await timeseries.delete('inserted', { end: NOW, ...options })
          same(await timeseries.list(options), ['kept', 'many'], 'names after a range was deleted in the transaction')
          if (driver.capabilities.replace !== undefined) {
            const cell = { name: 'set', interval: MINUTE, start: NOW - (NOW % 60) }
            const replace = { mode: 'replace', ...options }
            await timeseries.write([{ ...cell, value: kinds[type].change(1) }], replace)
            same(
              await timeseries.list(options),
              ['kept', 'many', 'set'],
              'names after a cell was set in the transaction',
            )
            await timeseries.write([{ ...cell, value: null }], replace)
          }
          await timeseries.delete('kept', options)
          same(await timeseries.list(options), ['many'], 'names after a delete inside the transaction')
          clock.now += 3600
          same(await timeseries.expire(undefined, options), sweeps ? 1 : 0, 'cells expired inside the transaction')
          clock.now = NOW
          await timeseries.deleteAll(options)
          same(await timeseries.list(options), [], 'names after everything was deleted inside the transaction')
        } finally {
          await rollback()
        }
        same(await seenOf(timeseries, {}), before, 'what is left after the rollback')
      } finally {
        await timeseries.deleteAll().finally(() => timeseries.close())
        await driver.close()
        await close?.()
      }
    },
  }))
}

/** What each reading call answers, with these options. */
async function seenOf(
  timeseries: AnyTimeseries,
  options: object,
  names: readonly string[] = ['kept'],
): Promise<Map<string, unknown>> {
  const seen = new Map<string, unknown>([['list', await timeseries.list(options)]])
  for (const name of names) {
    seen.set(`properties of ${name}`, await timeseries.properties(name, options))
    seen.set(`get of ${name}`, await timeseries.get(name, MINUTE, options))
    seen.set(`series of ${name}`, await timeseries.series(name, MINUTE, { start: NOW - 60, end: NOW, ...options }))
    seen.set(`iterate of ${name}`, await collect(timeseries.iterate(name, MINUTE, options)))
  }
  return seen
}
