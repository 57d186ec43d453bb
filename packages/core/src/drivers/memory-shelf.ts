import type { IntervalSchema, OldestLive, Records, StoreSchema, TimeseriesType } from '../contract/cells.ts'
import { dictionary } from '../toolkit/dictionary.ts'
import { ID_SECONDS } from './memory-capabilities.ts'
import { MemoryCells } from './memory-cells.ts'

/** The data of one name and type. */
export class MemoryShelf {
  schema: string
  readonly facts: string
  /** By interval. */
  readonly intervals: Map<string, { readonly record: string; readonly facts: string }> = new Map()
  readonly cells: MemoryCells = new MemoryCells()
  /** Stores that were opened before are refused. */
  dropped = false
  /** When each batch that came with an id was stored, by `performance.now`; the oldest first. */
  readonly #ids = new Map<string, number>()

  constructor({ record, facts }: StoreSchema<TimeseriesType>) {
    this.schema = record
    this.facts = facts
  }

  get records(): Records {
    return {
      schema: this.schema,
      intervals: dictionary(Array.from(this.intervals, ([name, { record }]) => [name, record] as const)),
    }
  }

  /** Adds the records that are missing, and renews the facts of the others. */
  addRecords({ intervals }: StoreSchema<TimeseriesType>): void {
    for (const [interval, { record, facts }] of Object.entries(intervals))
      this.intervals.set(interval, { record: this.intervals.get(interval)?.record ?? record, facts })
  }

  /**
   * Replaces the records that are as core saw them and cover no live cell. Check and replacement are one step, since nothing is awaited in
   * between.
   */
  replaceRecords(schema: StoreSchema<TimeseriesType>, replace: Partial<Records>, oldestLive: OldestLive): void {
    const isLive = (interval: string): boolean =>
      this.cells.hasLive({ [interval]: oldestLive[interval] ?? Number.NEGATIVE_INFINITY })
    let replaced = [...this.intervals.keys()]
    if (replace.schema === undefined) {
      replaced = replaced.filter(
        (interval) => this.intervals.get(interval)!.record === replace.intervals?.[interval] && !isLive(interval),
      )
    } else {
      // A schema is replaced together with everything stored under it, or not at all.
      if (this.schema !== replace.schema || replaced.some(isLive)) return
      this.schema = schema.record
    }
    for (const interval of replaced) this.removeInterval(interval)
  }

  removeInterval(interval: string): void {
    this.intervals.delete(interval)
    this.cells.remove(null, interval)
  }

  /** Whether the records are still those of a schema and its intervals. */
  covers(record: string, intervals: readonly (readonly [name: string, own: IntervalSchema])[]): boolean {
    if (this.dropped || this.schema !== record) return false
    for (const [name, own] of intervals) if (this.intervals.get(name)?.record !== own.record) return false
    return true
  }

  /** Whether a batch with this id was stored; forgets ids that are too old. */
  hasStored(id: string): boolean {
    const oldest = performance.now() - ID_SECONDS * 1_000
    for (const [known, stored] of this.#ids) {
      if (stored >= oldest) break
      this.#ids.delete(known)
    }
    return this.#ids.has(id)
  }

  remember(id: string): void {
    this.#ids.set(id, performance.now())
  }
}
