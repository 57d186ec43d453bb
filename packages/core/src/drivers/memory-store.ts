import type { CellStore, CellWrite, StoreSchema, SweepQuery, TimeseriesType, WriteFailure } from '../contract/cells.ts'
import type { CellReplacement } from '../contract/replacing.ts'
import { configChangedFailure, failedWrite } from '../toolkit/failures.ts'
import { sameValue } from '../toolkit/same-value.ts'
import { memoryKinds } from './memory-kinds.ts'
import type { MemoryShelf } from './memory-shelf.ts'

/** The cells of a shelf as the contract has them. `removeShelf` takes the shelf itself away. */
export function createMemoryStore(
  shelf: MemoryShelf,
  schema: StoreSchema<TimeseriesType>,
  removeShelf: () => void,
): CellStore {
  const { cells } = shelf
  const { copy, merge } = memoryKinds[schema.type]
  // Each call looks at them.
  const intervals = Object.entries(schema.intervals)

  /** @throws StoreFailure if the records that the store was opened with were replaced */
  function checkRecords(): void {
    if (!shelf.covers(schema.record, intervals)) throw configChangedFailure()
  }

  /** Applies a change; false if its sum would not be finite. */
  function apply(written: CellWrite): boolean {
    const cell = cells.find(written)
    if (cell === undefined) {
      cells.insert(written, copy(written.change))
      return true
    }
    const value = merge(cell.value, written.change)
    if (value === undefined) return false
    cell.value = value
    return true
  }

  function fits(written: CellWrite): boolean {
    const cell = cells.find(written)
    return cell === undefined || merge(copy(cell.value), written.change) !== undefined
  }

  /** Sets a cell; false if it does not hold what was expected. */
  function put(replacement: CellReplacement): boolean {
    const { name, interval, value, expected } = replacement
    const cell = cells.find(replacement)
    const found = cell?.value ?? null
    if (expected !== undefined && !sameValue(found, expected)) return false
    if (value === null) cells.remove([name], interval, replacement)
    else if (cell === undefined) cells.insert(replacement, copy(value))
    else cell.value = copy(value)
    return true
  }

  /** Name by name, how many cells were removed. */
  function* sweeping({ oldestLive, names }: SweepQuery): Generator<number, void> {
    for (const [interval, oldest] of Object.entries(oldestLive)) {
      const range = { first: Number.NEGATIVE_INFINITY, last: oldest - 1 }
      for (const name of names ?? cells.names(interval)) yield cells.remove([name], interval, range)
    }
  }

  /** Where sweeps in several calls have come to. */
  const sweeps = new WeakMap<SweepQuery, ReturnType<typeof sweeping>>()

  return {
    async write({ cells: changes, id, returning }) {
      checkRecords()
      if (id !== undefined) {
        if (shelf.hasStored(id)) return { repeated: true }
        // All or nothing: an id that was kept for a part would have a repeat do nothing for the rest.
        if (!changes.every(fits)) throw overflowed(changes)
        shelf.remember(id)
      }
      const notApplied: CellWrite[] = []
      for (const change of changes) if (!apply(change)) notApplied.push(change)
      if (notApplied.length > 0) throw overflowed(notApplied)
      return returning ? { counts: changes.map((change) => cells.find(change)!.value as number) } : undefined
    },
    async replace({ cells: replacements }) {
      checkRecords()
      return { unexpected: replacements.filter((replacement) => !put(replacement)) }
    },
    async read(query) {
      checkRecords()
      return cells.within(query).map(({ name, bucket, resolutionBucket, value }) => ({
        name,
        bucket,
        resolutionBucket,
        value: copy(value),
      }))
    },
    async bounds(query) {
      checkRecords()
      return cells.bounds(query)
    },
    async names(query) {
      checkRecords()
      return cells.live(query)
    },
    async delete(names) {
      checkRecords()
      for (const [interval] of intervals) cells.remove(names, interval)
    },
    async deleteRange({ names, interval, range }) {
      checkRecords()
      cells.remove(names, interval, range)
    },
    async sweep(query) {
      checkRecords()
      const { limit, looks = Number.POSITIVE_INFINITY } = query
      const steps = (query.looks === undefined ? undefined : sweeps.get(query)) ?? sweeping(query)
      sweeps.set(query, steps)
      let swept = 0
      for (let looked = 0; looked < looks && swept < limit; looked++) {
        const step = steps.next()
        if (step.done) return { swept, done: true }
        swept += step.value
      }
      return { swept, done: false }
    },
    async drop(interval) {
      checkRecords()
      if (interval !== null) {
        shelf.removeInterval(interval)
        return
      }
      shelf.dropped = true
      removeShelf()
    },
  }
}

function overflowed(notApplied: readonly CellWrite[]): WriteFailure {
  return failedWrite('a sum would be larger than a number can hold', { retry: 'never', notApplied })
}
