import { setImmediate } from 'node:timers/promises'
import { memoryDriver } from '@kairos/core'
import type { CellStore, OldestLive, OpenOptions, StorageDriver, StoreSchema } from '@kairos/core/driver'
import { allNames } from '../../src/internal/pages.ts'
import { type BrokenDriver, everyExpiry, reading, wrapped } from './wrapped.ts'

/** The memory driver, opened with options other than those given. */
function opening(
  change: (options: OpenOptions, memory: StorageDriver, schema: StoreSchema) => OpenOptions | Promise<OpenOptions>,
): () => StorageDriver {
  return () => {
    const memory = memoryDriver()
    return {
      ...memory,
      open: async (schema, options = {}) => memory.open(schema, await change(options, memory, schema as StoreSchema)),
    }
  }
}

/** Nothing is live, whatever the caller says. */
function allExpired(oldestLive: OldestLive | undefined): OldestLive {
  return Object.fromEntries(Object.keys(oldestLive ?? {}).map((interval) => [interval, Number.MAX_SAFE_INTEGER]))
}

/** If the records of a store were replaced, these calls continue, in the store that replaced it. */
function goingOn(calls: readonly (keyof CellStore)[]): () => StorageDriver {
  return () => {
    const memory = memoryDriver()
    const latest = new Map<string, CellStore>()
    return {
      ...memory,
      async open(schema, options) {
        const { store, ...opened } = await memory.open(schema, options)
        latest.set(schema.type, store)
        const going = calls.map((call) => [
          call,
          async (...args: never[]) => {
            const work = (on: CellStore) => (on[call] as (...args: never[]) => unknown)(...args)
            try {
              return await work(store)
            } catch (error) {
              if (!(error instanceof Error && 'configChanged' in error)) throw error
              return work(latest.get(schema.type)!)
            }
          },
        ])
        return { ...opened, store: { ...store, ...Object.fromEntries(going) } }
      },
    }
  }
}

const stale = (type: string) =>
  `replace: ${type}: a store opened under the old record refuses every call, and does nothing`
const covered =
  'replace: count: a record that covers a live cell is kept, and one that covers only expired cells is deleted with them'

/** Faults in replacing, refusing and sweeping concurrently. */
export const lawFaults: readonly BrokenDriver[] = [
  {
    fault: 'a replacement that looks for no live cell',
    create: opening((options) => ({ ...options, oldestLive: allExpired(options.oldestLive) })),
    caughtBy: [
      covered,
      'replace: a schema that covers a live cell is kept, and a store opened under a replaced one is refused',
    ],
  },
  {
    fault: 'a replacement that takes the last live bucket for expired',
    create: opening(({ oldestLive = {}, ...options }) => ({
      ...options,
      oldestLive: Object.fromEntries(Object.entries(oldestLive).map(([interval, oldest]) => [interval, oldest + 1])),
    })),
    caughtBy: [covered],
  },
  {
    fault: 'a replacement that looks for live cells, waits, and then replaces',
    create: opening(async (options, memory, schema) => {
      if (options.replace === undefined) return options
      const { store, records } = await memory.open(schema)
      const before = await memory.open({ ...schema, intervals: asRecorded(schema, records.intervals) })
      const live = await allNames(before.store, options.oldestLive ?? {})
      await setImmediate()
      store.names({ oldestLive: {}, limit: 1 }).catch(() => {})
      return live.length > 0 ? {} : { ...options, oldestLive: allExpired(options.oldestLive) }
    }),
    caughtBy: [
      'replace: count: a write during a replacement is never lost once it is acknowledged',
      'replace: series: a write during a replacement is never lost once it is acknowledged',
    ],
  },
  ...(['write', 'read', 'bounds', 'names', 'delete', 'deleteRange', 'sweep'] as const).map((call) => ({
    fault: `a ${call} that continues under a replaced record`,
    create: goingOn([call]),
    caughtBy: [stale('count'), stale('set')],
  })),
  {
    fault: 'a record that is read as JSON and written again',
    create: () => {
      const memory = memoryDriver()
      const rewritten = (record: string): string => {
        try {
          const { version, step, resolution } = JSON.parse(record) as Record<string, unknown>
          return JSON.stringify({ version, step, resolution })
        } catch {
          return record
        }
      }
      return {
        ...memory,
        open: (schema, options) =>
          memory.open(
            {
              ...schema,
              intervals: Object.fromEntries(
                Object.entries(schema.intervals).map(([name, each]) => [
                  name,
                  { ...each, record: rewritten(each.record) },
                ]),
              ),
            },
            options,
          ),
      }
    },
    caughtBy: ['open: count: under a record of a later version, opening is refused and nothing changes'],
  },
  {
    fault: 'a store that expires by its own clock, and does not say what time it is there',
    create: () =>
      wrapped(() => ({}), {
        expiry: everyExpiry('native'),
      }),
    caughtBy: ["clock: count: a write can be read when Date differs from the store's clock"],
  },
  {
    fault: 'a sum that is infinite',
    create: reading((cells) =>
      cells.map((cell) => (cell.value === Number.MAX_VALUE ? { ...cell, value: Number.POSITIVE_INFINITY } : cell)),
    ),
    caughtBy: [
      'merge: count: a sum beyond the finite doubles is refused with its whole cell, and the rest of the batch is stored',
    ],
  },
  {
    fault: 'a batch that is refused whole for one sum',
    create: () =>
      wrapped((store) => ({
        async write(batch) {
          const large = batch.cells.some(({ change }) => typeof change === 'number' && Math.abs(change) >= 2 ** 970)
          await store.write(large && batch.cells.length > 1 ? { ...batch, cells: batch.cells.slice(0, 1) } : batch)
        },
      })),
    caughtBy: [
      'merge: count: a sum beyond the finite doubles is refused with its whole cell, and the rest of the batch is stored',
    ],
  },
  {
    fault: 'a sweep that counts what it meets, and not what it deletes',
    create: () =>
      wrapped((store) => ({
        async sweep(query) {
          const met = await countOf(store, query.oldestLive)
          await setImmediate()
          const { done } = await store.sweep!(query)
          return { swept: met, done }
        },
      })),
    caughtBy: ['expiry: count: two sweeps at once, while others write, return together how many cells they deleted'],
  },
  {
    fault: 'a sweep that answers before it is done',
    create: () =>
      wrapped((store) => ({
        async sweep(query) {
          const { oldestLive, names } = query
          const work = async (): Promise<void> => {
            for (const name of names ?? (await allNames(store, oldestOf(oldestLive)))) {
              await setImmediate()
              await store.sweep!({ ...query, names: [name] })
            }
          }
          void work()
          return { swept: await countOf(store, oldestLive), done: true }
        },
      })),
    caughtBy: ['expiry: count: a sweep that is aborted deletes nothing more once the timeseries is closed'],
  },
]

function asRecorded(schema: StoreSchema, records: Readonly<Record<string, string>>): StoreSchema['intervals'] {
  return Object.fromEntries(
    Object.entries(schema.intervals).map(([name, each]) => [name, { ...each, record: records[name] ?? each.record }]),
  )
}

function oldestOf(intervals: OldestLive): OldestLive {
  return Object.fromEntries(Object.keys(intervals).map((interval) => [interval, -Infinity]))
}

async function countOf(store: CellStore, oldest: OldestLive): Promise<number> {
  const names = await allNames(store, oldestOf(oldest))
  const cells = await Promise.all(
    Object.entries(oldest).map(([interval, bucket]) =>
      store.read({ names, interval, range: { first: -Infinity, last: bucket - 1 } }),
    ),
  )
  return cells.flat().length
}
