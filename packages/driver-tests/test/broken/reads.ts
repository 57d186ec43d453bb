import type { CellValue, Scalar, StoredCell } from '@kairos/core/driver'
import { type BrokenDriver, everyExpiry, reading, wrapped } from './wrapped.ts'

/** Faults in the results of reads. */
export const readFaults: readonly BrokenDriver[] = [
  {
    fault: 'a range without its last bucket',
    create: reading((cells, { range }) =>
      cells.filter(({ bucket }) => bucket !== range.last || range.first === range.last),
    ),
    caughtBy: ['range: count: both ends are included, and nothing outside'],
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
    caughtBy: ['merge: histogram: occurrences add up by value', 'vectors: histogram of string'],
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
    caughtBy: ['merge: set: the result of a read belongs to the reader, and later writes do not change it'],
  },
  {
    fault: 'bounds of the first name only',
    create: () =>
      wrapped((store) => ({ bounds: (query) => store.bounds({ ...query, names: query.names.slice(0, 1) }) })),
    caughtBy: ['range: count: bounds are the first and the last bucket of any of the names inside the range'],
  },
  {
    fault: 'a fetch that leaves the last cell out',
    create: () =>
      wrapped(
        (store) => ({
          async fetch(query) {
            const cells = await store.read(query)
            return cells.slice(0, -1).map(({ value, ...position }) => ({ ...position, row: value }))
          },
          decodeRow: (row) => row as CellValue,
        }),
        { customFetch: true },
      ),
    caughtBy: ["capabilities: count: the caller's own fetch"],
  },
  {
    fault: 'a store that expires by itself, a second too early',
    create: () =>
      wrapped(
        (store, { intervals }) => ({
          async read(query) {
            const expiresAt = (bucket: number) =>
              intervals[query.interval]!.expiresAt(bucket) ?? Number.POSITIVE_INFINITY
            return (await store.read(query)).filter(({ bucket }) => expiresAt(bucket) - 1 > Date.now() / 1000)
          },
        }),
        {
          expiry: everyExpiry('native'),
        },
      ),
    caughtBy: ['expiry: buckets of a few seconds live to their last instant and are gone after it, by the real clock'],
    waits: true,
  },
]
