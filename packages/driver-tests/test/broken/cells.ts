import { setImmediate } from 'node:timers/promises'
import { memoryDriver } from '@kairos/core'
import { type CellStore, type CellWrite, type ReplaceBatch, type StorageDriver, sameValue } from '@kairos/core/driver'
import { type BrokenDriver, wrapped } from './wrapped.ts'

const RANGE = 'deleteRange: count: takes the cells of a range, and nothing beside it'
const WITHIN = 'deleteRange: count: in an interval with resolution, and written again'
const EXACTLY = 'replace: cells: count: hold exactly the value, once and repeated'
const LIMITED = 'concurrency: of 40 callers of two instances, exactly 10 pass a limit of 10'
const REBUILT = 'rebuild: count: an interval holds what a finer one adds up to, once and repeated'
const EXPECTED = 'replace: cells: count: only what is expected'

/** Replaces in another way. */
function replacing(change: (store: CellStore, batch: ReplaceBatch) => ReturnType<NonNullable<CellStore['replace']>>) {
  return () => wrapped((store) => ({ replace: (batch) => change(store, batch) }))
}

/** Two drivers that share data and replace in another way. */
function sharing(change: (store: CellStore, batch: ReplaceBatch) => ReturnType<NonNullable<CellStore['replace']>>) {
  const memory = memoryDriver()
  return (): StorageDriver => ({
    ...memory,
    async open(schema, options) {
      const { store, records } = await memory.open(schema, options)
      return { records, store: { ...store, replace: (batch) => change(store, batch) } }
    },
    close: async () => {},
  })
}

/** What a cell holds; null: there is none. */
async function valueAt(store: CellStore, { name, interval, bucket, resolutionBucket }: Omit<CellWrite, 'change'>) {
  const cells = await store.read({ names: [name], interval, range: { first: bucket, last: bucket } })
  return cells.find((cell) => cell.resolutionBucket === resolutionBucket)?.value ?? null
}

/** Wrong in what a range takes away, what a cell is set to, and what a write returns. */
export const cellFaults: readonly BrokenDriver[] = [
  {
    fault: 'a range that takes one bucket too many',
    create: () =>
      wrapped((store) => ({
        deleteRange: ({ range, ...query }) =>
          store.deleteRange({ ...query, range: { ...range, last: range.last + 1 } }),
      })),
    caughtBy: [RANGE, WITHIN],
  },
  {
    fault: 'a range that leaves its last bucket',
    create: () =>
      wrapped((store) => ({
        deleteRange: ({ range, ...query }) =>
          store.deleteRange({ ...query, range: { ...range, last: range.last - 1 } }),
      })),
    caughtBy: [RANGE, WITHIN],
  },
  {
    fault: 'a range that is taken from every interval',
    create: () =>
      wrapped((store, { intervals }) => ({
        async deleteRange(query) {
          for (const interval of Object.keys(intervals)) await store.deleteRange({ ...query, interval })
        },
      })),
    caughtBy: [RANGE],
  },
  {
    fault: 'a replacement that adds',
    create: replacing(async (store, { cells, oldestLive }) => {
      const changes = cells.flatMap(({ value, expected: _, ...position }) =>
        value === null ? [] : [{ ...position, change: value }],
      )
      await store.write({ cells: changes, oldestLive })
      return store.replace!({ cells: cells.filter(({ value }) => value === null), oldestLive })
    }),
    caughtBy: [EXACTLY, 'cells: count: are read in order, copied to another store, and copied back', REBUILT],
  },
  {
    fault: 'a replacement by null that leaves the cell',
    create: replacing((store, { cells, ...batch }) =>
      store.replace!({ ...batch, cells: cells.filter(({ value }) => value !== null) }),
    ),
    caughtBy: ['replace: cells: count: null deletes', 'replace: cells: count: many at once', REBUILT],
  },
  {
    fault: 'a replacement that returns nothing that was unexpected',
    create: replacing(async (store, batch) => {
      await store.replace!(batch)
      return { unexpected: [] }
    }),
    caughtBy: [EXPECTED, 'replace: cells: count: of many who expect the same, one wins, also if all set the same'],
  },
  {
    fault: 'a replacement that expects nothing',
    create: replacing((store, { cells, ...batch }) =>
      store.replace!({ ...batch, cells: cells.map(({ expected: _, ...cell }) => cell) }),
    ),
    caughtBy: [EXPECTED, 'replace: cells: count: of many who expect the same, one wins, also if all set the same'],
  },
  {
    fault: 'a replacement that takes what is there already for its own',
    create: replacing(async (store, batch) => {
      const found = await Promise.all(batch.cells.map((cell) => valueAt(store, cell)))
      const { unexpected } = await store.replace!(batch)
      return { unexpected: unexpected.filter((cell) => !sameValue(found[batch.cells.indexOf(cell)]!, cell.value)) }
    }),
    caughtBy: [EXPECTED],
  },
  {
    fault: 'a replacement that looks, waits, and then replaces',
    create: sharing(async (store, { cells, ...batch }) => {
      const found = await Promise.all(cells.map((cell) => valueAt(store, cell)))
      await setImmediate()
      const isExpected = ({ expected }: (typeof cells)[number], index: number) =>
        expected === undefined || sameValue(found[index]!, expected)
      const fitting = cells.filter(isExpected).map(({ expected: _, ...cell }) => cell)
      await store.replace!({ ...batch, cells: fitting })
      return { unexpected: cells.filter((cell, index) => !isExpected(cell, index)) }
    }),
    shared: true,
    caughtBy: ['replace: cells: count: of many who expect the same, one wins, also if all set the same'],
  },
  {
    fault: 'a replacement that deletes, waits, and then writes',
    create: replacing(async (store, { cells, ...batch }) => {
      await store.replace!({ ...batch, cells: cells.map(({ expected: _, ...cell }) => ({ ...cell, value: null })) })
      await setImmediate()
      return store.replace!({ ...batch, cells: cells.map(({ expected: _, ...cell }) => cell) })
    }),
    caughtBy: ['replace: cells: count: atomic beside readers', 'replace: cells: series: atomic beside readers'],
  },
  {
    fault: 'a count that is read after the write',
    create: () =>
      wrapped((store) => ({
        async write({ returning, ...batch }) {
          await store.write(batch)
          if (!returning) return {}
          await setImmediate()
          return { counts: await Promise.all(batch.cells.map(async (cell) => Number(await valueAt(store, cell)))) }
        },
      })),
    caughtBy: ['returning: 40 add to one count at once, and each gets another number', LIMITED],
  },
  {
    fault: 'counts from before the write',
    create: () =>
      wrapped((store) => ({
        async write({ returning, ...batch }) {
          const counts = await Promise.all(batch.cells.map(async (cell) => Number(await valueAt(store, cell))))
          await store.write(batch)
          return returning ? { counts } : {}
        },
      })),
    caughtBy: [
      'returning: what each count is after the write, in the order of the cells',
      'returning: 40 add to one count at once, and each gets another number',
      LIMITED,
    ],
  },
  {
    fault: 'resolution buckets that are unique without their bucket',
    create: () =>
      wrapped((store) => ({
        async read(query) {
          const cells = await store.read(query)
          const unique = new Map(cells.map((cell) => [`${cell.resolutionBucket} ${cell.name}`, cell]))
          return cells.some(({ resolutionBucket }) => resolutionBucket !== 0) ? [...unique.values()] : cells
        },
      })),
    caughtBy: ['zones: count: resolution buckets that count from 0 in each bucket'],
  },
]
