import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as kairos from '@kairos/core/driver'
import { readJson, replaceJson } from './files.ts'
import { merge } from './merge.ts'

export type Cell = kairos.StoredCell & { readonly interval: string }
export type Cells = ReturnType<typeof cellsIn>
type Value = kairos.CellValue | null

export function isIn({ interval, range: { first, last } }: kairos.CellQuery): (cell: Cell) => boolean {
  return (cell) => cell.interval === interval && cell.bucket >= first && cell.bucket <= last
}

/** The cells of one timeseries in one folder: each file has those of one name. Not for concurrent use. */
export function cellsIn(folder: string, type: kairos.OriginalType) {
  /** A hash, since a name may be too long for a file name, and differ from another only in case. */
  const pathOf = (name: string) => join(folder, `${createHash('sha256').update(name).digest('hex')}.cells.json`)
  const keyOf = (cell: Omit<Cell, 'value'>) => JSON.stringify([cell.interval, cell.bucket, cell.resolutionBucket])
  const load = async (path: string) => (await readJson<Cell[]>(path)) ?? []
  const store = (path: string, cells: readonly Cell[]) =>
    cells.length === 0 ? rm(path, { force: true }) : replaceJson(path, cells)
  const paths = async () =>
    (await readdir(folder)).filter((file) => file.endsWith('.cells.json')).map((file) => join(folder, file))

  /** Sets each cell to what `next` makes of its value, file by file; null: no cell. */
  async function change<C extends Omit<Cell, 'value'>>(
    changes: readonly C[],
    next: (change: C, found: Value) => Value,
  ) {
    for (const [name, own] of Map.groupBy(changes, (each) => each.name)) {
      try {
        const cells = new Map((await load(pathOf(name))).map((cell) => [keyOf(cell), cell]))
        for (const each of own) {
          const { interval, bucket, resolutionBucket } = each
          const value = next(each, cells.get(keyOf(each))?.value ?? null)
          if (value === null) cells.delete(keyOf(each))
          else cells.set(keyOf(each), { name, interval, bucket, resolutionBucket, value })
        }
        await store(pathOf(name), [...cells.values()])
      } catch (cause) {
        // They are sorted by name: those of this name and of later ones are not stored.
        const notApplied = changes.slice(changes.indexOf(own[0]!))
        throw kairos.failedWrite(`cannot write the file of ${name}`, { retry: 'never', notApplied, cause })
      }
    }
  }

  return {
    async write(changes: readonly kairos.CellWrite[]) {
      const [counts, notApplied]: [number[], kairos.CellWrite[]] = [[], []]
      await change(changes, (each, found) => {
        const value = found === null ? each.change : merge[type](found, each.change)
        if (value === null) notApplied.push(each)
        counts.push(value as number)
        return value ?? found
      })
      if (notApplied.length > 0) throw kairos.failedWrite('a sum is too large', { retry: 'never', notApplied })
      return { counts }
    },
    async replace(cells: readonly kairos.CellReplacement[]) {
      const unexpected: kairos.CellReplacement[] = []
      await change(cells, (cell, found) => {
        if (cell.expected === undefined || kairos.sameValue(found, cell.expected)) return cell.value
        unexpected.push(cell)
        return found
      })
      return { unexpected }
    },
    async read(query: kairos.CellQuery) {
      return (await Promise.all(query.names.map((name) => load(pathOf(name))))).flat().filter(isIn(query))
    },
    /** The names with a live cell. */
    async names(oldestLive: kairos.OldestLive) {
      const isLive = ({ interval, bucket }: Cell) => bucket >= (oldestLive[interval] ?? Infinity)
      const files = await Promise.all((await paths()).map(load))
      return files.filter((cells) => cells.some(isLive)).map(([cell]) => cell!.name)
    },
    /** Deletes the cells that match, and returns how many. */
    async remove(names: readonly string[] | null, isGone: (cell: Cell) => boolean) {
      let removed = 0
      for (const path of names?.map(pathOf) ?? (await paths())) {
        const cells = await load(path)
        const left = cells.filter((cell) => !isGone(cell))
        if (left.length < cells.length) await store(path, left)
        removed += cells.length - left.length
      }
      return removed
    },
  }
}
