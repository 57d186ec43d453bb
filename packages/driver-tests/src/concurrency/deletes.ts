import { setImmediate } from 'node:timers/promises'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { dataOf } from '../internal/data.ts'
import { isEmpty } from '../internal/kinds.ts'
import { claim, same, show } from '../internal/same.ts'
import { TYPES } from '../internal/types.ts'
import { writersConfig } from './writers.ts'

const NAMES = 6
const ROUNDS = { short: 3, long: 40 } as const

/** A simultaneous delete and write of one name: either may come first, but the name is listed only if the write came last. */
export function deleteRaceTests(size: 'short' | 'long'): DriverTest[] {
  return ofTypes(TYPES, (type) => ({
    title: `concurrency: ${type}: a delete and a write at once have one order, in the cells as in the list of names`,
    async run(context) {
      const { timeseries: writer } = await context.emptied(writersConfig(type))
      const { timeseries: deleter } = await context.timeseries(writersConfig(type), 1)
      const alone = await dataOf(type, [7])
      const names = Array.from({ length: NAMES }, (_, index) => `raced ${index}`)
      for (let round = 0; round < ROUNDS[size]; round++) {
        await Promise.all(names.map((name) => writer.insert(name, 1)))
        await Promise.all(
          names.flatMap((name, index) => {
            const [writing, deleting] = index % 2 === 0 ? [0, round] : [round, 0]
            return [afterTurns(writing, () => writer.insert(name, 7)), afterTurns(deleting, () => deleter.delete(name))]
          }),
        )
        const written: string[] = []
        for (const name of names) {
          const [[, minute]] = [...(await writer.get(name, 'writers minute'))] as [[number, unknown]]
          const hours = [...(await writer.get(name, 'writers hour')).values()]
          const cells = [minute, ...hours].filter((cell) => !isEmpty(cell))
          for (const cell of cells) same(cell, alone, `${name}, round ${round}: all that may be left`)
          if (cells.length > 0) written.push(name)
        }
        for (const [who, timeseries] of Object.entries({ writer, deleter })) {
          const listed = await timeseries.list()
          const what = `round ${round}: names with data ${show(written)}, and the ${who} lists ${show(listed)}`
          claim(show(listed) === show(written), what)
        }
      }
      await writer.deleteAll()
    },
  }))
}

/** Calls after this many turns of the event loop, so that the two calls overlap differently in each round. */
async function afterTurns(turns: number, call: () => Promise<unknown>): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await setImmediate()
  await call()
}
