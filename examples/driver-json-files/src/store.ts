import { rm } from 'node:fs/promises'
import * as kairos from '@kairos/core/driver'
import { inTurn, readJson, replaceJson } from './files.ts'
import { merge } from './merge.ts'
import { type Cell, liveNames, remove, type Saved, select } from './records.ts'

type Value = kairos.CellValue | null

const isIn = ({ interval, range: { first, last } }: kairos.CellQuery) => {
  return (cell: Cell) => cell.interval === interval && cell.bucket >= first && cell.bucket <= last
}

/** The calls of one timeseries, which is one file. */
export function createStore(path: string, schema: kairos.StoreSchema, opened: Saved): kairos.CellStore {
  const own = Object.keys(schema.intervals)

  /** Runs calls one after the other, and only while the records are those that the store was opened with. */
  function run<T>(work: (saved: Saved) => T, save: typeof replaceJson = async () => {}): Promise<T> {
    return inTurn(path, async () => {
      const saved = await readJson<Saved>(path)
      const isCurrent = (name: string) => saved?.intervals.get(name)?.id === opened.intervals.get(name)!.id
      if (saved === null || !own.every(isCurrent)) throw kairos.configChangedFailure()
      const result = work(saved)
      await save(path, saved)
      return result
    })
  }

  /** Sets each cell to what `next` makes of its value; null: no cell. Returns those for which it is undefined: they stay as they are. */
  function set<C extends Omit<Cell, 'value'>>(cells: readonly C[], next: (cell: C, found: Value) => Value | undefined) {
    const change = ({ cells: held }: Saved) =>
      cells.filter((cell) => {
        const { name, interval, bucket, resolutionBucket } = cell
        const key = JSON.stringify([name, interval, bucket, resolutionBucket])
        const value = next(cell, held.get(key)?.value ?? null)
        if (value === null) held.delete(key)
        else if (value !== undefined) held.set(key, { name, interval, bucket, resolutionBucket, value })
        return value === undefined
      })
    return run(change, replaceJson).catch((cause) => {
      if (cause.configChanged) throw cause
      throw kairos.failedWrite(`cannot write ${path}`, { retry: 'never', notApplied: cells, cause })
    })
  }

  const read = (query: kairos.CellQuery) =>
    run((saved) => select(saved, query.names, isIn(query)).map(([, cell]) => cell))
  return {
    async write({ cells }) {
      const notApplied = await set(cells, ({ change }, found) =>
        found === null ? change : merge[schema.type](found, change),
      )
      if (notApplied.length > 0) throw kairos.failedWrite('a sum is too large', { retry: 'never', notApplied })
    },
    async replace({ cells }) {
      const unexpected = await set(cells, ({ value, expected }, found) =>
        expected === undefined || kairos.sameValue(found, expected) ? value : undefined,
      )
      return { unexpected }
    },
    read,
    async bounds(query) {
      const buckets = (await read(query)).map(({ bucket }) => bucket).sort((a, b) => a - b)
      return buckets.length === 0 ? null : { first: buckets[0]!, last: buckets.at(-1)! }
    },
    names: (query) => run((saved) => kairos.pageOfNames(liveNames(saved, query.oldestLive), query)),
    async delete(names) {
      await run((saved) => remove(saved, names, ({ interval }) => own.includes(interval)), replaceJson)
    },
    async deleteRange(query) {
      await run((saved) => remove(saved, query.names, isIn(query)), replaceJson)
    },
    async sweep({ oldestLive, names }) {
      const isExpired = ({ interval, bucket }: Cell) => bucket < (oldestLive[interval] ?? -Infinity)
      return { swept: await run((saved) => remove(saved, names, isExpired), replaceJson), done: true }
    },
    async drop(gone) {
      if (gone === null)
        return run(
          () => {},
          (path) => rm(path),
        )
      await run((saved) => {
        saved.intervals.delete(gone)
        remove(saved, null, ({ interval }) => interval === gone)
      }, replaceJson)
    },
  }
}
