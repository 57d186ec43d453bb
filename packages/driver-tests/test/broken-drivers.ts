import { setImmediate } from 'node:timers/promises'
import { memoryDriver } from '@kairos/core'
import type {
  Capabilities,
  CellQuery,
  CellStore,
  CellValue,
  CellWrite,
  OpenOptions,
  Scalar,
  StorageDriver,
  StoredCell,
  StoreSchema,
  WriteBatch,
} from '@kairos/core/driver'

/** One way to be wrong, and tests that must notice. */
export interface BrokenDriver {
  readonly fault: string
  readonly create: () => StorageDriver
  /** Titles of tests that fail on it. */
  readonly caughtBy: readonly string[]
}

type Break = (
  store: CellStore,
  schema: StoreSchema,
  options: OpenOptions,
) => Partial<CellStore> | Promise<Partial<CellStore>>

/** The memory driver, with some calls of its store in other words. */
export function wrapped(wrap: Break, capabilities: Partial<Capabilities> = {}): StorageDriver {
  const memory = memoryDriver()
  return {
    ...memory,
    capabilities: { ...memory.capabilities, ...capabilities },
    async open(schema, options = {}) {
      const { store, records } = await memory.open(schema, options)
      return { store: { ...store, ...(await wrap(store, schema, options)) }, records }
    },
  }
}

/** Writes other cells than it was given. */
function writing(
  change: (cells: readonly CellWrite[], batch: WriteBatch) => readonly CellWrite[],
): () => StorageDriver {
  return () => wrapped((store) => ({ write: (batch) => store.write({ ...batch, cells: change(batch.cells, batch) }) }))
}

/** Reads other cells than are there. */
function reading(
  change: (cells: readonly StoredCell[], query: CellQuery) => readonly StoredCell[],
): () => StorageDriver {
  return () => wrapped((store) => ({ read: async (query) => change(await store.read(query), query) }))
}

/** Gives every scalar of what is read another form. */
function revaluing(change: (scalar: Scalar) => Scalar): () => StorageDriver {
  const revalue = (value: CellValue): CellValue => {
    if (Array.isArray(value)) return value.map(change)
    if (value instanceof Map) return new Map(Array.from(value, ([scalar, times]) => [change(scalar), times]))
    if (value instanceof Set) return new Set(Array.from(value, change))
    return change(value as Scalar)
  }
  return reading((cells) => cells.map((cell) => ({ ...cell, value: revalue(cell.value) })))
}

/** Spells every name in another way, so that some become one. */
function renaming(spell: (name: string) => string): () => StorageDriver {
  const spellAll = (names: readonly string[]): string[] => [...new Set(names.map(spell))]
  return () =>
    wrapped((store) => ({
      write: (batch) =>
        store.write({ ...batch, cells: batch.cells.map((cell) => ({ ...cell, name: spell(cell.name) })) }),
      async read(query) {
        const cells = await store.read({ ...query, names: spellAll(query.names) })
        return query.names.flatMap((name) =>
          cells.filter((cell) => cell.name === spell(name)).map((cell) => ({ ...cell, name })),
        )
      },
      bounds: (query) => store.bounds({ ...query, names: spellAll(query.names) }),
      delete: (names) => store.delete(names && spellAll(names)),
      sweep: (oldest, names) => store.sweep!(oldest, names && spellAll(names)),
    }))
}

export const brokenDrivers: readonly BrokenDriver[] = [
  {
    fault: 'a double count',
    create: writing((cells) => [...cells, ...cells.filter(({ change }) => typeof change === 'number').slice(0, 1)]),
    caughtBy: ['merge: count: changes to one cell merge, each once', 'vectors: count'],
  },
  {
    fault: 'a lost batch',
    create: () => {
      let batches = 0
      return wrapped((store) => ({ write: async (batch) => void (++batches % 10 === 0 || (await store.write(batch))) }))
    },
    caughtBy: [
      'merge: series: values stay in order of arrival, in one batch and over many',
      'vectors: series of float',
    ],
  },
  {
    fault: 'a batch cut short',
    create: writing((cells) => cells.slice(0, 4_096)),
    caughtBy: ['batches: count: one of 10,000 cells, over many names and buckets'],
  },
  {
    fault: 'an early expiry',
    create: writing((cells, { oldestLive }) => cells.filter(({ bucket, interval }) => bucket !== oldestLive[interval])),
    caughtBy: [
      'writes: count: say how many values were stored, and how many fell into expired buckets',
      'extent: count: list, properties, iterate and expire while the clock advances',
    ],
  },
  {
    fault: 'a sweep that takes a live bucket along',
    create: () =>
      wrapped((store) => ({
        sweep: (oldest, names) =>
          store.sweep!(
            Object.fromEntries(Object.entries(oldest).map(([interval, bucket]) => [interval, bucket + 1])),
            names,
          ),
      })),
    caughtBy: ['expiry: count: sweep deletes what is before the oldest live buckets, and says how many cells'],
  },
  {
    fault: '`A` merged with `a`',
    create: renaming((name) => name.toLowerCase()),
    caughtBy: [
      'names: count: any string is a name, and a name of its own',
      'names: set: any string is a name, and a name of its own',
    ],
  },
  {
    fault: 'names trimmed',
    create: renaming((name) => name.trimEnd() || name),
    caughtBy: ['names: count: any string is a name, and a name of its own'],
  },
  {
    fault: 'names cut to 255 characters',
    create: renaming((name) => name.slice(0, 255)),
    caughtBy: ['limits: count: names as long as the capabilities allow'],
  },
  {
    fault: 'a forgotten rolling copy',
    create: writing((cells) => {
      const first = new Map<string, number>()
      return cells.filter(({ name, interval, bucket }) => {
        const key = JSON.stringify([name, interval])
        if (!first.has(key)) first.set(key, bucket)
        return first.get(key) === bucket
      })
    }),
    caughtBy: [
      'moments: count: rolling copies, forwards, backwards and over the turn of a year',
      'merge: count: one batch changes new and old cells, in every interval',
    ],
  },
  {
    fault: 'names that outlive their data',
    create: () => {
      const seen = new Set<string>()
      return wrapped((store) => ({
        write(batch) {
          for (const { name } of batch.cells) seen.add(name)
          return store.write(batch)
        },
        names: async () => [...seen],
      }))
    },
    caughtBy: [
      'names: count: those with a live cell in an interval asked for, and no other',
      'expiry: count: sweep deletes what is before the oldest live buckets, and says how many cells',
    ],
  },
  {
    fault: 'a range without its last bucket',
    create: reading((cells, { range }) =>
      cells.filter(({ bucket }) => bucket !== range.last || range.first === range.last),
    ),
    caughtBy: ['range: count: both ends are included, and nothing beside'],
  },
  {
    fault: 'a range whose parts come in any order',
    create: () =>
      wrapped((store, { type }) => ({
        async read(query) {
          const cells = await store.read(query)
          if (type !== 'series') return cells
          return cells.flatMap((cell) =>
            (cell.value as readonly Scalar[]).map((value) => ({ ...cell, value: [value] })).reverse(),
          )
        },
      })),
    caughtBy: ['merge: series: values stay in order of arrival, in one batch and over many'],
  },
  {
    fault: 'bounds that forget the resolution, and give the bucket after',
    create: () =>
      wrapped((store) => ({
        async bounds(query) {
          const found = await store.bounds(query)
          return found && { first: found.first, last: Math.min(found.last + 1, query.range.last) }
        },
      })),
    caughtBy: ['range: count: bounds are the first and the last bucket of any of the names inside the range'],
  },
  {
    fault: 'a histogram overwritten',
    create: () => {
      const written = new Map<string, CellValue>()
      const keyOf = (interval: string, { name, bucket, resolutionBucket }: Omit<StoredCell, 'value'>): string =>
        JSON.stringify([interval, name, bucket, resolutionBucket])
      return wrapped((store) => ({
        write(batch) {
          for (const cell of batch.cells) written.set(keyOf(cell.interval, cell), cell.change)
          return store.write(batch)
        },
        async read(query) {
          const cells = await store.read(query)
          return cells.map((cell) => ({ ...cell, value: written.get(keyOf(query.interval, cell))! }))
        },
      }))
    },
    caughtBy: ['merge: histogram: times seen add up by value', 'vectors: histogram of string'],
  },
  {
    fault: 'a series in order of value',
    create: reading((cells) =>
      cells.map((cell) => (Array.isArray(cell.value) ? { ...cell, value: [...cell.value].sort() } : cell)),
    ),
    caughtBy: ['merge: series: values stay in order of arrival, in one batch and over many'],
  },
  {
    fault: 'a count that vanishes at 0',
    create: () =>
      wrapped((store, { type }) => ({
        read: async (query) => (await store.read(query)).filter(({ value }) => type !== 'count' || value !== 0),
      })),
    caughtBy: ['merge: count: a cell that sums to 0 exists'],
  },
  {
    fault: 'a delete that forgets an interval',
    create: () => {
      const memory = memoryDriver()
      return {
        ...memory,
        async open(schema, options) {
          const { store, records } = await memory.open(schema, options)
          const [, ...others] = Object.entries(schema.intervals)
          const { store: forgetful } = await memory.open({ ...schema, intervals: Object.fromEntries(others) })
          return { store: { ...store, delete: forgetful.delete }, records }
        },
      }
    },
    caughtBy: ["delete: count: of names takes all they have in the schema's intervals, and nothing else"],
  },
  {
    fault: 'a record that is altered by whoever opens',
    create: () => {
      const memory = memoryDriver()
      return {
        ...memory,
        async open(schema, options) {
          const before = await memory.open(schema, options)
          return memory.open(schema, { replace: { intervals: before.records.intervals } })
        },
      }
    },
    caughtBy: [
      'open: count: what has no record is recorded, and no record is altered',
      'configurations: count: another step is refused while data are held, and taken when there are none',
    ],
  },
  {
    fault: 'a replacement that keeps the old cells',
    create: () =>
      wrapped(async (store, _schema, { replace }) => {
        const kept = new Map<string, readonly StoredCell[]>()
        for (const interval of Object.keys(replace?.intervals ?? {})) kept.set(interval, keptCells.get(interval) ?? [])
        for (const [interval, cells] of kept) await store.write(batchOf(interval, cells))
        return {
          async write(batch) {
            await store.write(batch)
            for (const { interval, change, ...position } of batch.cells)
              keptCells.set(interval, [...(keptCells.get(interval) ?? []), { ...position, value: change }])
          },
        }
      }),
    caughtBy: ['open: count: an interval is replaced only where it stands as it was seen, and its cells with it'],
  },
  {
    fault: 'what was read changes with later writes',
    create: () => {
      const lists = new Map<string, CellValue>()
      return wrapped((store, { type }) => ({
        async read(query) {
          const cells = await store.read(query)
          if (type !== 'set') return cells
          return cells.map((cell) => {
            const key = JSON.stringify([query.interval, cell.name, cell.bucket, cell.resolutionBucket])
            const before = lists.get(key) as Set<Scalar> | undefined
            if (before === undefined) lists.set(key, cell.value)
            else for (const member of cell.value as ReadonlySet<Scalar>) before.add(member)
            return { ...cell, value: lists.get(key)! }
          })
        },
      }))
    },
    caughtBy: ["merge: set: what a read gave stays as it was, and is the reader's own"],
  },
  {
    fault: 'doubles kept as floats of 32 bits',
    create: revaluing((scalar) => (typeof scalar === 'number' ? Math.fround(scalar) : scalar)),
    caughtBy: [
      'values: series of float: come back as they went in',
      'values: gauge of float: come back as they went in',
      'values: set of int: come back as they went in',
    ],
  },
  {
    fault: 'strings normalised',
    create: revaluing((scalar) => (typeof scalar === 'string' ? scalar.normalize('NFC') : scalar)),
    caughtBy: ['values: gauge of string: come back as they went in'],
  },
  {
    fault: '64-bit integers through doubles',
    create: revaluing((scalar) => (typeof scalar === 'bigint' ? BigInt(Number(scalar)) : scalar)),
    caughtBy: ['values: series of int64: come back as they went in'],
  },
  {
    fault: 'an update lost between reading and writing',
    create: () => {
      const latest = new Map<string, symbol>()
      return wrapped((store) => ({
        async write(batch) {
          const mine = Symbol('write')
          const keys = batch.cells.map(({ change: _, ...position }) => JSON.stringify(position))
          for (const key of keys) latest.set(key, mine)
          await setImmediate()
          await store.write({ ...batch, cells: batch.cells.filter((_, index) => latest.get(keys[index]!) === mine) })
        },
      }))
    },
    caughtBy: [
      'concurrency: count: many callers of two instances write the same cells, and nothing is lost or doubled',
    ],
  },
  {
    fault: 'exactly once, in word only',
    create: () => wrapped(() => ({}), { exactlyOnce: true }),
    caughtBy: ["capabilities: count: delivery 'once'"],
  },
  {
    fault: 'fractions promised and dropped',
    create: writing((cells) =>
      cells.map((cell) => (typeof cell.change === 'number' ? { ...cell, change: Math.trunc(cell.change) } : cell)),
    ),
    caughtBy: ['capabilities: fractional counts'],
  },
]

/** What "a replacement that keeps the old cells" keeps. */
const keptCells = new Map<string, readonly StoredCell[]>()

function batchOf(interval: string, cells: readonly StoredCell[]): WriteBatch {
  return { cells: cells.map(({ value, ...position }) => ({ ...position, interval, change: value })), oldestLive: {} }
}
