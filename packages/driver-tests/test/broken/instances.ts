import { setImmediate } from 'node:timers/promises'
import { memoryDriver } from '@kairos/core'
import type { CellStore, NamesPage, StorageDriver, StoredCell, StoreSchema } from '@kairos/core/driver'
import { type BrokenDriver, filtered } from './wrapped.ts'

type BreakOne = (store: CellStore, schema: StoreSchema) => Partial<CellStore>

/** Drivers that share data; `begin` is called for each, so that each has a memory of its own for its fault. */
function sharing(begin: () => BreakOne): () => StorageDriver {
  const memory = memoryDriver()
  return () => {
    const wrap = begin()
    return {
      ...memory,
      async open(schema, options) {
        const { store, records } = await memory.open(schema, options)
        return { store: { ...store, ...wrap(store, schema as StoreSchema) }, records }
      },
      close: async () => {},
    }
  }
}

/** Faults in what one instance knows about another. */
export const instanceFaults: readonly BrokenDriver[] = [
  {
    fault: 'reads from a snapshot that only a write of its own renews',
    create: sharing(() => {
      const seen = new Map<string, readonly StoredCell[]>()
      return (store) => ({
        async write(batch) {
          seen.clear()
          await store.write(batch)
        },
        async read(query) {
          const key = JSON.stringify(query)
          if (!seen.has(key)) seen.set(key, await store.read(query))
          return structuredClone(seen.get(key)!)
        },
      })
    }),
    shared: true,
    caughtBy: ['instances: count: an acknowledged write is visible to the other instance at once'],
  },
  {
    fault: 'a list of names that each instance keeps for itself',
    create: sharing(() => {
      let listed: NamesPage | undefined
      return (store) => ({
        async names(query) {
          listed ??= await store.names(query)
          return listed
        },
        async delete(names) {
          listed = undefined
          await store.delete(names)
        },
      })
    }),
    shared: true,
    caughtBy: ['instances: set: an acknowledged write is visible to the other instance at once'],
  },
  {
    fault: 'a delete that looks, waits, and then takes a name off the list',
    create: (() => {
      const unlisted = new Set<string>()
      return sharing(() => (store, { intervals }) => ({
        async write(batch) {
          for (const { name } of batch.cells) unlisted.delete(name)
          await store.write(batch)
        },
        names: (query) => filtered(store, query, (name) => !unlisted.has(name)),
        async delete(names) {
          await store.delete(names)
          for (const name of names ?? []) {
            const found = await Promise.all(
              Object.keys(intervals).map((interval) =>
                store.bounds({ names: [name], interval, range: { first: -Infinity, last: Infinity } }),
              ),
            )
            await setImmediate()
            if (found.every((bounds) => bounds === null)) unlisted.add(name)
          }
        },
      }))
    })(),
    shared: true,
    caughtBy: ['concurrency: count: a delete and a write at once have one order, in the cells as in the list of names'],
  },
]
