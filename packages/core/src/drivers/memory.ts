import type {
  Capabilities,
  CellPosition,
  CellStore,
  CellValue,
  Scalar,
  StorageDriver,
  StoreSchema,
  TimeseriesType,
} from '../contract/cells.ts'
import { checkDriverOptions } from '../toolkit/options.ts'
import { type MemoryStreams, memoryEventCapabilities, openMemoryEvents } from './memory-events.ts'

const capabilities: Capabilities = {
  expiry: { series: 'sweep', histogram: 'sweep', count: 'sweep', gauge: 'sweep', set: 'sweep' },
  fractionalCounts: true,
  exactlyOnce: false,
  customFetch: false,
  writeOptions: [],
  readOptions: [],
  events: memoryEventCapabilities,
}

interface Cell extends CellPosition {
  value: CellValue
}
/** The cells of one name by interval, each list in the order of buckets; a list is never empty, a name never without lists. */
type Lists = Map<string, Cell[]>

/** What is kept of one type. */
interface Place {
  readonly schema: string
  readonly records: Map<string, string>
  readonly names: Map<string, Lists>
}

/**
 * Keeps everything in this process's memory: for tests, for small things, and as the text that authors of other drivers start from.
 * Timeseries of one type that share a driver object share their data; two driver objects share nothing. Expired cells are hidden at once
 * and deleted by `expire()`.
 */
export function memoryDriver(options: Readonly<Record<string, never>> = {}): StorageDriver {
  checkDriverOptions(options, [], 'memory')
  const places = new Map<TimeseriesType, Place>()
  const namespaces = new Map<string, MemoryStreams>()
  return {
    spec: 1,
    id: 'memory',
    capabilities,
    async open(schema, { replace = {} } = {}) {
      let place = places.get(schema.type)
      if (place === undefined || place.schema === replace.schema) {
        place = { schema: schema.record, records: new Map(), names: new Map() }
        places.set(schema.type, place)
      }
      for (const [interval, { record }] of Object.entries(schema.intervals)) {
        const recorded = place.records.get(interval)
        // Compared, not just replaced: another timeseries may have been faster.
        if (recorded !== undefined && recorded !== replace.intervals?.[interval]) continue
        place.records.set(interval, record)
        trim(place.names, [...place.names.keys()], interval, Number.POSITIVE_INFINITY)
      }
      return {
        store: createStore(place, schema),
        records: { schema: place.schema, intervals: Object.fromEntries(place.records) },
      }
    },
    openEvents: async (schema) => openMemoryEvents(namespaces, schema),
    async close() {
      places.clear()
      namespaces.clear()
    },
  }
}

function createStore({ names }: Place, { type, intervals }: StoreSchema): CellStore {
  const { copy, merge } = kinds[type]
  const listsOf = (wanted: readonly string[], interval: string): Cell[][] =>
    wanted.flatMap((name) => [names.get(name)?.get(interval) ?? []])
  return {
    async write({ cells }) {
      for (const { name, interval, bucket, resolutionBucket, change } of cells) {
        const lists = names.get(name) ?? new Map<string, Cell[]>()
        const list = lists.get(interval) ?? []
        const index = indexOf(list, bucket, resolutionBucket)
        const found = list[index]
        if (found?.bucket === bucket && found.resolutionBucket === resolutionBucket)
          found.value = merge(found.value, change)
        else list.splice(index, 0, { name, bucket, resolutionBucket, value: copy(change) })
        names.set(name, lists.set(interval, list))
      }
    },
    async read({ names: wanted, interval, range }) {
      return listsOf(wanted, interval).flatMap((list) =>
        list
          .slice(indexOf(list, range.first), indexOf(list, range.last + 1))
          .map((cell) => ({ ...cell, value: copy(cell.value) })),
      )
    },
    async bounds({ names: wanted, interval, range }) {
      const bounds = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY }
      for (const list of listsOf(wanted, interval)) {
        const [first, last] = [list[indexOf(list, range.first)], list[indexOf(list, range.last + 1) - 1]]
        if (first === undefined || last === undefined || first.bucket > last.bucket) continue
        bounds.first = Math.min(bounds.first, first.bucket)
        bounds.last = Math.max(bounds.last, last.bucket)
      }
      return bounds.first > bounds.last ? null : bounds
    },
    async names(oldestLive) {
      const lives = ([, lists]: [string, Lists]): boolean =>
        Object.entries(oldestLive).some(
          ([interval, oldest]) => (lists.get(interval)?.at(-1)?.bucket ?? Number.NEGATIVE_INFINITY) >= oldest,
        )
      return [...names].filter(lives).map(([name]) => name)
    },
    async delete(wanted) {
      for (const interval of Object.keys(intervals))
        trim(names, wanted ?? [...names.keys()], interval, Number.POSITIVE_INFINITY)
    },
    async sweep(oldestLive, wanted) {
      let swept = 0
      for (const [interval, oldest] of Object.entries(oldestLive))
        swept += trim(names, wanted ?? [...names.keys()], interval, oldest)
      return swept
    },
  }
}

/** Deletes these names' cells before `oldest`, and what has become empty by it. */
function trim(names: Map<string, Lists>, wanted: readonly string[], interval: string, oldest: number): number {
  let trimmed = 0
  for (const name of wanted) {
    const lists = names.get(name)
    const list = lists?.get(interval)
    if (lists === undefined || list === undefined) continue
    trimmed += list.splice(0, indexOf(list, oldest)).length
    if (list.length === 0) lists.delete(interval)
    if (lists.size === 0) names.delete(name)
  }
  return trimmed
}

/** Where the cell is, or would be: the first one that is not before (bucket, resolutionBucket). */
function indexOf(list: readonly Cell[], bucket: number, resolutionBucket = Number.NEGATIVE_INFINITY): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    const cell = list[middle]!
    if (cell.bucket < bucket || (cell.bucket === bucket && cell.resolutionBucket < resolutionBucket)) low = middle + 1
    else high = middle
  }
  return low
}

/** Bytes are the only scalar that can be changed in place. */
function copyScalar(scalar: Scalar): Scalar {
  return scalar instanceof Uint8Array ? new Uint8Array(scalar) : scalar
}

/**
 * How a cell of each type takes a change in, and how it is copied: a change stays the writer's, and what was read stays as it was.
 * `merge` may change the first value, which is the store's own.
 */
const kinds: Readonly<
  Record<TimeseriesType, { copy(value: CellValue): CellValue; merge(value: CellValue, change: CellValue): CellValue }>
> = {
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
      for (const [scalar, times] of change as ReadonlyMap<Scalar, number>)
        counts.set(scalar, (counts.get(scalar) ?? 0) + times)
      return counts
    },
  },
  count: { copy: (value) => value, merge: (value, change) => (value as number) + (change as number) },
  gauge: { copy: (value) => copyScalar(value as Scalar), merge: (_value, change) => copyScalar(change as Scalar) },
  set: {
    copy: (value) => new Set(value as ReadonlySet<Scalar>),
    merge(value, change) {
      for (const scalar of change as ReadonlySet<Scalar>) (value as Set<Scalar>).add(scalar)
      return value
    },
  },
}
