import { memoryDriver } from '@kairos/core'
import { type CellStore, type CellWrite, pageOfNames, type StorageDriver } from '@kairos/core/driver'
import { allNames } from '../../src/internal/pages.ts'
import { type BrokenDriver, filtered, wrapped } from './wrapped.ts'

/** Changes every name, so that some become equal. */
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
      deleteRange: (query) => store.deleteRange({ ...query, names: spellAll(query.names) }),
      sweep: (query) => store.sweep!({ ...query, names: query.names && spellAll(query.names) }),
    }))
}

/** Keeps everything in one interval, under names that say both; the list of names is the store's own. */
function joining(join: (name: string, interval: string) => string): () => StorageDriver {
  return () =>
    wrapped(async (store, { intervals }) => {
      const [one] = Object.keys(intervals) as [string]
      const joinAll = (names: readonly string[], interval: string) => [
        ...new Set(names.map((name) => join(name, interval))),
      ]
      return {
        async write(batch) {
          const merged = new Map<string, CellWrite>()
          for (const cell of batch.cells) {
            const joined = { ...cell, name: join(cell.name, cell.interval), interval: one }
            merged.set(`${joined.bucket} ${joined.name}`, joined)
          }
          await store.write({ ...batch, cells: [...merged.values()] })
        },
        async read({ names, interval, range }) {
          const cells = await store.read({ names: joinAll(names, interval), interval: one, range })
          return names.flatMap((name) =>
            cells.filter((cell) => cell.name === join(name, interval)).map((cell) => ({ ...cell, name })),
          )
        },
      }
    })
}

/** Drivers that share data, each of which adds a name to the list of names only once. */
function forgetfulOfOthers(): () => StorageDriver {
  const memory = memoryDriver()
  const listed = new Set<string>()
  return () => {
    const entered = new Set<string>()
    return {
      ...memory,
      async open(schema, options) {
        const { store, records } = await memory.open(schema, options)
        const forgetful: CellStore = {
          ...store,
          async write(batch) {
            for (const { name } of batch.cells) if (!entered.has(name)) listed.add(name)
            for (const { name } of batch.cells) entered.add(name)
            await store.write(batch)
          },
          names: (query) => filtered(store, query, (name) => listed.has(name)),
          async delete(names) {
            for (const name of names ?? listed) listed.delete(name)
            for (const name of names ?? entered) entered.delete(name)
            await store.delete(names)
          },
        }
        return { store: forgetful, records }
      },
      close: async () => {},
    }
  }
}

/** Faults in which names exist, and which are equal. */
export const nameFaults: readonly BrokenDriver[] = [
  {
    fault: '`A` merged with `a`',
    create: renaming((name) => name.toLowerCase()),
    caughtBy: [
      'names: count: any string is a name, distinct from all others',
      'names: set: any string is a name, distinct from all others',
    ],
  },
  {
    fault: 'names trimmed',
    create: renaming((name) => name.trimEnd() || name),
    caughtBy: ['names: count: any string is a name, distinct from all others'],
  },
  {
    fault: 'names cut to 255 characters',
    create: renaming((name) => name.slice(0, 255)),
    caughtBy: ['limits: count: names as long as the capabilities allow'],
  },
  ...[':', '\0', '-', ''].map((separator) => ({
    fault: `name and interval joined by ${JSON.stringify(separator)}`,
    create: joining((name, interval) => `${name}${separator}${interval}`),
    caughtBy: ['names: count: names, intervals and buckets that look alike when joined stay separate'],
  })),
  {
    fault: 'intervals cut to 64 characters',
    create: joining((name, interval) => JSON.stringify([name, interval.slice(0, 64)])),
    caughtBy: ['names: count: any string is an interval, distinct from all others'],
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
        names: async (query) => pageOfNames(seen, query),
      }))
    },
    caughtBy: [
      'names: count: those with a live cell in a requested interval, and no others',
      'expiry: count: sweep deletes the cells before the oldest live buckets, and returns their number',
    ],
  },
  {
    fault: 'names that are patterns',
    create: () =>
      wrapped((store) => ({
        async read(query) {
          const names = await allNames(store, { [query.interval]: Number.MIN_SAFE_INTEGER })
          const matched = names.filter((name) => query.names.some((asked) => asked === name || asked === '%'))
          return (await store.read({ ...query, names: matched })).map((cell) => ({ ...cell, name: query.names[0]! }))
        },
      })),
    caughtBy: ['names: count: any string is a name, distinct from all others'],
  },
  {
    fault: 'an instance that remembers names which another has deleted',
    create: forgetfulOfOthers(),
    shared: true,
    caughtBy: ['delete: count: a second instance sees a delete, and what is written after it'],
  },
]
