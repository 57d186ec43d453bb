import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type CellStore, type CellWrite, failedWrite, type StoredCell, type StoreSchema } from '@kairos/core/driver'
import { inTurn, readJson, replaceJson } from './files.ts'
import { merge } from './merge.ts'

type Cell = StoredCell & { readonly interval: string }
const SUFFIX = '.cells.json'

/** The cells of one type in one folder: a file holds all those of one name. */
export function createStore(folder: string, { type, intervals }: StoreSchema): CellStore {
  // A hash, since a name may be longer than a file's may be, and differ from another only in case.
  const pathOf = (name: string) => join(folder, createHash('sha256').update(name).digest('hex') + SUFFIX)
  const load = async (path: string) => (await readJson<Cell[]>(path)) ?? []

  const allPaths = async () =>
    (await readdir(folder)).filter((file) => file.endsWith(SUFFIX)).map((file) => join(folder, file))

  function mergeInto(path: string, changes: readonly CellWrite[]): Promise<void> {
    return inTurn(path, async () => {
      const cells = new Map((await load(path)).map((cell) => [keyOf(cell), cell]))
      for (const { change, ...position } of changes) {
        const before = cells.get(keyOf(position))
        cells.set(keyOf(position), { ...position, value: before ? merge[type](before.value, change) : change })
      }
      await replaceJson(path, [...cells.values()])
    })
  }

  /** Deletes the cells of which that is true, and says how many. */
  async function remove(names: readonly string[] | null, isGone: (cell: Cell) => boolean): Promise<number> {
    let removed = 0
    for (const path of names?.map(pathOf) ?? (await allPaths())) {
      await inTurn(path, async () => {
        const cells = await load(path)
        const left = cells.filter((cell) => !isGone(cell))
        if (left.length === 0) await rm(path, { force: true })
        else if (left.length < cells.length) await replaceJson(path, left)
        removed += cells.length - left.length
      })
    }
    return removed
  }

  const store: Required<Omit<CellStore, 'fetch' | 'decodeRow'>> = {
    async write({ cells }) {
      for (const [name, changes] of Map.groupBy(cells, (cell) => cell.name)) {
        try {
          await mergeInto(pathOf(name), changes)
        } catch (cause) {
          // Cells are sorted by name: those of earlier names are stored, those of this one and of later ones are not.
          const notApplied = cells.slice(cells.indexOf(changes[0]!))
          throw failedWrite(`cannot write the file of ${JSON.stringify(name)}`, { retry: 'never', notApplied, cause })
        }
      }
    },
    async read({ names, interval, range: { first, last } }) {
      const found: Cell[] = []
      for (const name of names) found.push(...(await load(pathOf(name))))
      return found.filter((cell) => cell.interval === interval && cell.bucket >= first && cell.bucket <= last)
    },
    async bounds(query) {
      const buckets = (await store.read(query)).map(({ bucket }) => bucket).sort((a, b) => a - b)
      return buckets.length === 0 ? null : { first: buckets[0]!, last: buckets.at(-1)! }
    },
    async names(oldestLive) {
      const live: string[] = []
      for (const path of await allPaths()) {
        const cells = await load(path)
        if (cells.some(({ interval, bucket }) => bucket >= (oldestLive[interval] ?? Infinity)))
          live.push(cells[0]!.name)
      }
      return live
    },
    async delete(names) {
      await remove(names, ({ interval }) => Object.hasOwn(intervals, interval))
    },
    sweep: (oldestLive, names) => remove(names, ({ interval, bucket }) => bucket < (oldestLive[interval] ?? -Infinity)),
  }
  return store
}

function keyOf({ interval, bucket, resolutionBucket }: Omit<Cell, 'name' | 'value'>): string {
  return JSON.stringify([interval, bucket, resolutionBucket])
}
