import type {
  CellStore,
  CellValue,
  CellWrite,
  OldestLive,
  Records,
  Scalar,
  StorageDriver,
  StoreSchema,
  TimeseriesType,
  WriteFailure,
} from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { checkType } from '../toolkit/check-type.ts'
import { configChangedFailure, failedWrite } from '../toolkit/failures.ts'
import { isValueType, VALUE_TYPES } from '../values/value-types.ts'
import { ID_SECONDS, memoryCapabilities } from './memory-capabilities.ts'
import { MemoryCells } from './memory-cells.ts'
import { type MemoryStreams, openMemoryEvents } from './memory-events.ts'

/** The data of one type. */
interface Shelf {
  schema: string
  /** By interval. */
  readonly records: Map<string, string>
  readonly cells: MemoryCells
  /** When each batch that came with an id was stored, by `performance.now`; the oldest first. */
  readonly ids: Map<string, number>
}

/** A driver with places of its own. */
export function createMemoryDriver(): StorageDriver {
  const shelves = new Map<TimeseriesType, Shelf>()
  const namespaces = new Map<string, MemoryStreams>()
  return {
    spec: 1,
    id: 'memory',
    capabilities: memoryCapabilities,
    async open(schema, { replace = {}, oldestLive = {} } = {}) {
      checkSchema(schema)
      const shelf = shelves.get(schema.type) ?? newShelf(schema)
      shelves.set(schema.type, shelf)
      replaceRecords(shelf, schema, replace, oldestLive)
      for (const [interval, { record }] of Object.entries(schema.intervals))
        if (!shelf.records.has(interval)) shelf.records.set(interval, record)
      return {
        store: createStore(shelf, schema),
        records: { schema: shelf.schema, intervals: Object.fromEntries(shelf.records) },
      }
    },
    openEvents: async (schema) => openMemoryEvents(namespaces, schema),
    async close() {
      shelves.clear()
      namespaces.clear()
    },
  }
}

function newShelf({ record }: StoreSchema): Shelf {
  return { schema: record, records: new Map(), cells: new MemoryCells(), ids: new Map() }
}

/** A type or valueType that this driver does not know must not be stored as something else. */
function checkSchema({ type, valueType }: StoreSchema): void {
  checkType(type, 'memory')
  if (isValueType(valueType)) return
  throw new KairosError(
    'KAIROS_UNSUPPORTED',
    `valueType must be one of ${VALUE_TYPES.join(', ')} in the memory store, not ${describe(valueType)}`,
    { driver: 'memory', feature: 'valueType' },
  )
}

/**
 * Replaces the records that are as core saw them and cover no live cell. Check and replacement are one step, since nothing is awaited in
 * between.
 */
function replaceRecords(shelf: Shelf, schema: StoreSchema, replace: Partial<Records>, oldestLive: OldestLive): void {
  const isLive = (interval: string): boolean =>
    shelf.cells.live({ [interval]: oldestLive[interval] ?? Number.NEGATIVE_INFINITY }).length > 0
  let replaced = [...shelf.records.keys()]
  if (replace.schema === undefined) {
    replaced = replaced.filter(
      (interval) => shelf.records.get(interval) === replace.intervals?.[interval] && !isLive(interval),
    )
  } else {
    // A schema is replaced together with everything stored under it, or not at all.
    if (shelf.schema !== replace.schema || replaced.some(isLive)) return
    shelf.schema = schema.record
  }
  for (const interval of replaced) {
    shelf.records.delete(interval)
    shelf.cells.remove(null, interval, Number.POSITIVE_INFINITY)
  }
}

function createStore(shelf: Shelf, { type, record, intervals }: StoreSchema): CellStore {
  const { cells } = shelf
  const { copy, merge } = kinds[type]

  const own = Object.entries(intervals)

  /** @throws StoreFailure if the records that the store was opened with were replaced */
  function checkRecords(): void {
    const current = own.every(([interval, { record }]) => shelf.records.get(interval) === record)
    if (shelf.schema !== record || !current) throw configChangedFailure()
  }

  /** Applies a change; false if its sum would not be finite. */
  function apply(written: CellWrite): boolean {
    const cell = cells.find(written)
    if (cell === undefined) {
      const { interval, change, ...position } = written
      cells.insert(interval, { ...position, value: copy(change) })
      return true
    }
    const value = merge(cell.value, written.change)
    if (value === undefined) return false
    cell.value = value
    return true
  }

  function fits({ interval, change, ...position }: CellWrite): boolean {
    const cell = cells.find({ ...position, interval })
    return cell === undefined || merge(copy(cell.value), change) !== undefined
  }

  return {
    async write({ cells: changes, id }) {
      checkRecords()
      if (id !== undefined) {
        if (isStored(shelf.ids, id)) return { repeated: true }
        // All or nothing: an id that was kept for a part would have a repeat do nothing for the rest.
        if (!changes.every(fits)) throw overflowed(changes)
        shelf.ids.set(id, performance.now())
      }
      const notApplied = changes.filter((change) => !apply(change))
      if (notApplied.length > 0) throw overflowed(notApplied)
      return {}
    },
    async read(query) {
      checkRecords()
      return cells.within(query).map((cell) => ({ ...cell, value: copy(cell.value) }))
    },
    async bounds(query) {
      checkRecords()
      return cells.bounds(query)
    },
    async names(oldestLive) {
      checkRecords()
      return cells.live(oldestLive)
    },
    async delete(names) {
      checkRecords()
      for (const interval of Object.keys(intervals)) cells.remove(names, interval, Number.POSITIVE_INFINITY)
    },
    async sweep(oldestLive, names) {
      checkRecords()
      let swept = 0
      for (const [interval, oldest] of Object.entries(oldestLive)) swept += cells.remove(names, interval, oldest)
      return swept
    },
  }
}

function overflowed(notApplied: readonly CellWrite[]): WriteFailure {
  return failedWrite('a sum would be larger than a number can hold', { retry: 'never', notApplied })
}

/** Whether a batch with this id was stored; forgets ids that are too old. */
function isStored(ids: Map<string, number>, id: string): boolean {
  const oldest = performance.now() - ID_SECONDS * 1_000
  for (const [known, stored] of ids) {
    if (stored >= oldest) break
    ids.delete(known)
  }
  return ids.has(id)
}

/** Bytes are the only scalars that can be changed in place. */
function copyScalar(scalar: Scalar): Scalar {
  return scalar instanceof Uint8Array ? new Uint8Array(scalar) : scalar
}

interface Kind {
  copy(value: CellValue): CellValue
  /** May change the first value, which belongs to the store. Undefined if a sum would not be finite; then nothing has changed. */
  merge(value: CellValue, change: CellValue): CellValue | undefined
}

/** How a cell of each type is changed and copied: a change stays the writer's, and what was read stays as it was. */
const kinds: Readonly<Record<TimeseriesType, Kind>> = {
  series: {
    copy: (value) => (value as readonly Scalar[]).map(copyScalar),
    merge(value, change) {
      for (const scalar of change as readonly Scalar[]) (value as Scalar[]).push(copyScalar(scalar))
      return value
    },
  },
  histogram: {
    copy: (value) => new Map(value as ReadonlyMap<Scalar, number>),
    merge(value, change) {
      const counts = value as Map<Scalar, number>
      const sums = Array.from(
        change as ReadonlyMap<Scalar, number>,
        ([scalar, times]) => [scalar, (counts.get(scalar) ?? 0) + times] as const,
      )
      if (!sums.every(([, sum]) => Number.isFinite(sum))) return undefined
      for (const [scalar, sum] of sums) counts.set(scalar, sum)
      return counts
    },
  },
  count: {
    copy: (value) => value,
    merge(value, change) {
      const sum = (value as number) + (change as number)
      return Number.isFinite(sum) ? sum : undefined
    },
  },
  gauge: { copy: (value) => copyScalar(value as Scalar), merge: (_value, change) => copyScalar(change as Scalar) },
  set: {
    copy: (value) => new Set(value as ReadonlySet<Scalar>),
    merge(value, change) {
      for (const scalar of change as ReadonlySet<Scalar>) (value as Set<Scalar>).add(scalar)
      return value
    },
  },
}
