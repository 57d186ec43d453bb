import { memoryDriver } from '@kairos/core'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { type AnyTimeseries, createAnyTimeseries } from '../internal/any-timeseries.ts'
import { same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import type { DriverTestOptions } from '../options.ts'
import { NOW, placeOf } from '../test-context.ts'

export const COPIED = { 'copied minute': { step: 60 }, 'copied day': { step: 'daily', resolution: '1h' } }
const DAY = 86_400

/** Cells as they are read and written by core, in order and again and again. */
export function copyTests(size: DriverTestOptions['size']): DriverTest[] {
  // The first ones are in another order where texts are compared in another way.
  const names = ['a', 'a ', 'A', '\u{ffff}', '😀', ...(size === 'long' ? manyNames() : [])]
  const points = names.flatMap((name, own) =>
    Array.from({ length: 12 }, (_, index) => ({ name, value: (index * 7 + own) % 5, timestamp: index * 7_919 - DAY })),
  )
  return ofTypes(ALL_TYPES, (type) => ({
    title: `cells: ${type}: are read in order, copied to another store, and copied back`,
    async run(context) {
      const config = { type, intervals: COPIED }
      const { timeseries } = await context.emptied(config)
      const other = createAnyTimeseries(memoryDriver(), { ...config, now: () => NOW })
      const { replace } = (await context.driver(placeOf(config))).capabilities
      for (const each of [timeseries, other]) await each.bulkInsert(points)
      const cells = await cellsOf(other)
      same(await cellsOf(timeseries), cells, 'all cells')
      const middle = Math.floor(cells.length / 2)
      same(
        await cellsOf(timeseries, { after: cells[middle - 1]!.cursor }),
        cells.slice(middle),
        'cells behind a cursor',
      )
      await other.deleteAll()
      await other.write(timeseries.cells(), { mode: 'replace' })
      same(await cellsOf(other), cells, 'the copy')
      await timeseries.deleteAll()
      const back = replace === undefined ? {} : { mode: 'replace' }
      await timeseries.write(cells.slice(0, middle), back)
      // Where it was interrupted it is begun again, or continues.
      await timeseries.write(replace === undefined ? cells.slice(middle) : other.cells(), back)
      same(await cellsOf(timeseries), cells, 'the copy of the copy')
      await timeseries.deleteAll()
      same(await cellsOf(timeseries), [], 'cells after everything was deleted')
    },
  }))
}

function manyNames(): string[] {
  return Array.from({ length: 2_000 }, (_, index) => `name ${index}`)
}

async function cellsOf(timeseries: AnyTimeseries, options: object = {}): Promise<{ readonly cursor: string }[]> {
  const cells: { readonly cursor: string }[] = []
  for await (const cell of timeseries.cells(options)) cells.push(cell)
  return cells
}
