import { type CellStore, configChangedFailure, type StoreSchema } from '@kairos/core/driver'
import type { Cells } from './cells.ts'
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
    names: (oldestLive) => guarded(() => cells.names(oldestLive)),
    delete: (names) =>
      guarded(
        async () => void (await cells.remove(names, ({ interval }) => Object.hasOwn(schema.intervals, interval))),
      ),
    sweep: (oldestLive, names) =>
      guarded(() => cells.remove(names, ({ interval, bucket }) => bucket < (oldestLive[interval] ?? -Infinity))),
  }
}
