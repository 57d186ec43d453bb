import { rm } from 'node:fs/promises'
import { type CellStore, configChangedFailure, pageOfNames } from '@kairos/core/driver'
import { type Cell, type Cells, isIn } from './cells.ts'
import { inTurn } from './files.ts'
import { readRecords, type StoredRecords, writeRecords } from './records.ts'

/** `own` are the intervals of the schema. */
export function createStore(folder: string, own: readonly string[], cells: Cells, opened: StoredRecords): CellStore {
  /** Runs calls one after the other, and only while the records are those that the store was opened with. */
  function guarded<T>(work: (records: StoredRecords) => Promise<T>): Promise<T> {
    return inTurn(folder, async () => {
      const records = await readRecords(folder)
      const isCurrent = (name: string) => records?.intervals.get(name)?.id === opened.intervals.get(name)!.id
      if (records === null || !own.every(isCurrent)) throw configChangedFailure()
      return work(records)
    })
  }

  return {
    write: (batch) => guarded(() => cells.write(batch.cells)),
    replace: (batch) => guarded(() => cells.replace(batch.cells)),
    read: (query) => guarded(() => cells.read(query)),
    async bounds(query) {
      const buckets = (await guarded(() => cells.read(query))).map(({ bucket }) => bucket).sort((a, b) => a - b)
      return buckets.length === 0 ? null : { first: buckets[0]!, last: buckets.at(-1)! }
    },
    names: (query) => guarded(async () => pageOfNames(await cells.names(query.oldestLive), query)),
    delete: (names) => guarded(async () => void (await cells.remove(names, ({ interval }) => own.includes(interval)))),
    deleteRange: (query) => guarded(async () => void (await cells.remove(query.names, isIn(query)))),
    async sweep({ oldestLive, names }) {
      const isExpired = ({ interval, bucket }: Cell) => bucket < (oldestLive[interval] ?? -Infinity)
      return { swept: await guarded(() => cells.remove(names, isExpired)), done: true }
    },
    drop: (gone) =>
      guarded(async (records) => {
        if (gone === null) return rm(folder, { recursive: true })
        await cells.remove(null, ({ interval }) => interval === gone)
        records.intervals.delete(gone)
        await writeRecords(folder, records)
      }),
  }
}
