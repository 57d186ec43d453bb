import { type CellStore, configChangedFailure, pageOfNames, type StoreSchema } from '@kairos/core/driver'
import type { Cell, Cells } from './cells.ts'
import { inTurn } from './files.ts'
import { readRecords } from './records.ts'

export function createStore(folder: string, schema: StoreSchema, cells: Cells): CellStore {
  /** Runs calls one after the other, and only while the records are those that the store was opened with. */
  function guarded<T>(work: () => Promise<T>): Promise<T> {
    return inTurn(folder, async () => {
      const records = await readRecords(folder)
      const current = Object.entries(schema.intervals).every(
        ([name, own]) => records?.intervals.get(name) === own.record,
      )
      if (records?.schema !== schema.record || !current) throw configChangedFailure()
      return work()
    })
  }

  return {
    write: (batch) => guarded(() => cells.write(batch.cells)),
    read: (query) => guarded(() => cells.read(query)),
    bounds: (query) =>
      guarded(async () => {
        const buckets = (await cells.read(query)).map(({ bucket }) => bucket).sort((a, b) => a - b)
        return buckets.length === 0 ? null : { first: buckets[0]!, last: buckets.at(-1)! }
      }),
    names: (query) => guarded(async () => pageOfNames(await cells.names(query.oldestLive), query)),
    delete: (names) =>
      guarded(
        async () => void (await cells.remove(names, ({ interval }) => Object.hasOwn(schema.intervals, interval))),
      ),
    deleteRange: ({ names, interval, range: { first, last } }) =>
      guarded(
        async () =>
          void (await cells.remove(
            names,
            (cell) => cell.interval === interval && cell.bucket >= first && cell.bucket <= last,
          )),
      ),
    async sweep({ oldestLive, names }) {
      const isExpired = ({ interval, bucket }: Cell) => bucket < (oldestLive[interval] ?? -Infinity)
      return { swept: await guarded(() => cells.remove(names, isExpired)), done: true }
    },
  }
}
