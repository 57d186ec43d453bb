import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CellQuery,
  type CellWrite,
  failedWrite,
  type OldestLive,
  type StoredCell,
  type TimeseriesType,
} from '@kairos/core/driver'
import { readJson, replaceJson } from './files.ts'
import { merge } from './merge.ts'

export type Cell = StoredCell & { readonly interval: string }
const SUFFIX = '.cells.json'

/** The cells of one type in one folder: each file has those of one name. Not for concurrent use. */
export class Cells {
  readonly #folder: string
  readonly #type: TimeseriesType

  constructor(folder: string, type: TimeseriesType) {
    this.#folder = folder
    this.#type = type
  }

  async write(changes: readonly CellWrite[]): Promise<void> {
    const notApplied: CellWrite[] = []
    for (const [name, own] of Map.groupBy(changes, (change) => change.name)) {
      try {
        notApplied.push(...(await this.#merge(name, own)))
      } catch (cause) {
        // Changes are sorted by name: those of this name and of later ones are not stored.
        notApplied.push(...changes.slice(changes.indexOf(own[0]!)))
        throw failedWrite(`cannot write the file of ${JSON.stringify(name)}`, { retry: 'never', notApplied, cause })
      }
    }
    if (notApplied.length > 0) throw failedWrite('a sum is too large', { retry: 'never', notApplied })
  }

  async read({ names, interval, range: { first, last } }: CellQuery): Promise<Cell[]> {
    const found: Cell[] = []
    for (const name of names) found.push(...(await this.#load(this.#pathOf(name))))
    return found.filter((cell) => cell.interval === interval && cell.bucket >= first && cell.bucket <= last)
  }

  /** The names with a live cell. */
  async names(oldestLive: OldestLive): Promise<string[]> {
    const live: string[] = []
    for (const path of await this.#paths()) {
      const cells = await this.#load(path)
      if (cells.some(({ interval, bucket }) => bucket >= (oldestLive[interval] ?? Infinity))) live.push(cells[0]!.name)
    }
    return live
  }

  /** Deletes the cells that match, and returns how many. */
  async remove(names: readonly string[] | null, isGone: (cell: Cell) => boolean): Promise<number> {
    let removed = 0
    for (const path of names?.map((name) => this.#pathOf(name)) ?? (await this.#paths())) {
      const cells = await this.#load(path)
      const left = cells.filter((cell) => !isGone(cell))
      if (left.length === 0) await rm(path, { force: true })
      else if (left.length < cells.length) await replaceJson(path, left)
      removed += cells.length - left.length
    }
    return removed
  }

  /** Returns the changes that do not fit. */
  async #merge(name: string, changes: readonly CellWrite[]): Promise<CellWrite[]> {
    const cells = new Map((await this.#load(this.#pathOf(name))).map((cell) => [keyOf(cell), cell]))
    const refused = changes.filter(({ change, ...position }) => {
      const before = cells.get(keyOf(position))
      const value = before === undefined ? change : merge[this.#type](before.value, change)
      if (value !== null) cells.set(keyOf(position), { ...position, value })
      return value === null
    })
    await replaceJson(this.#pathOf(name), [...cells.values()])
    return refused
  }

  async #load(path: string): Promise<Cell[]> {
    return (await readJson<Cell[]>(path)) ?? []
  }

  async #paths(): Promise<string[]> {
    const files = await readdir(this.#folder)
    return files.filter((file) => file.endsWith(SUFFIX)).map((file) => join(this.#folder, file))
  }

  /** A hash, since a name may be too long for a file name, and differ from another only in case. */
  #pathOf(name: string): string {
    return join(this.#folder, createHash('sha256').update(name).digest('hex') + SUFFIX)
  }
}

function keyOf({ interval, bucket, resolutionBucket }: Omit<Cell, 'name' | 'value'>): string {
  return JSON.stringify([interval, bucket, resolutionBucket])
}
