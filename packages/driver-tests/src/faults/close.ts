import type { DriverTest } from '../driver-test.ts'
import { failureOf } from '../internal/agree.ts'
import { createAnyTimeseries } from '../internal/any-timeseries.ts'
import { same } from '../internal/same.ts'
import { usualConfig } from '../store/cells.ts'
import { NOW, placeOf } from '../test-context.ts'

export const closeTests: readonly DriverTest[] = [
  {
    types: ['count'],
    title: 'close: calls in flight finish, later ones are refused, and other timeseries on the driver continue',
    async run(context) {
      const config = { ...usualConfig('count'), now: () => NOW }
      const driver = await context.driver(placeOf(config))
      const [closed, open] = [createAnyTimeseries(driver, config), createAnyTimeseries(driver, config)]
      const name = context.name()
      const writes = Array.from({ length: 20 }, () => closed.insert(name))
      await Promise.all([closed.close(), closed.close()])
      const ended = await Promise.all(writes)
      same(ended.length, 20, 'writes that were in flight as it closed')
      const calls = {
        insert: closed.insert(name),
        get: closed.get(name, 'minute'),
        list: closed.list(),
        deleteAll: closed.deleteAll(),
      }
      for (const [call, promise] of Object.entries(calls))
        await failureOf(promise, 'KAIROS_CLOSED', `${call} after close`)
      same([...(await open.get(name, 'minute')).values()], [20], 'what was written before the close')
      await open.insert(name)
      await open.delete(name)
      await open.close()
    },
  },
  {
    title: 'close: a driver closes twice, with and without ever having been opened',
    async run(context) {
      const [type] = await context.types()
      const config = { ...usualConfig(type!), now: () => NOW }
      const unused = await context.ownDriver(placeOf(config))
      await unused.close()
      await unused.close()
      const used = await context.ownDriver(placeOf(config))
      const timeseries = createAnyTimeseries(used, config)
      const name = context.name()
      await timeseries.insert(name, 1)
      await timeseries.delete(name)
      await timeseries.close()
      await used.close()
      await used.close()
    },
  },
  {
    title: 'close: a later driver at the same place finds what an earlier one wrote',
    async run(context) {
      if (context.options.shared === false) return
      for (const type of await context.types()) {
        const config = { ...usualConfig(type), now: () => NOW }
        const name = context.name()
        const writing = await context.ownDriver(placeOf(config))
        const writer = createAnyTimeseries(writing, config)
        await writer.insert(name, [3, 4])
        const written = await writer.get(name, 'minute')
        await writing.close()
        const reader = createAnyTimeseries(await context.ownDriver(placeOf(config)), config)
        same(await reader.get(name, 'minute'), written, `a ${type}, read by a driver made after the first was closed`)
        await reader.delete(name)
      }
    },
  },
]
