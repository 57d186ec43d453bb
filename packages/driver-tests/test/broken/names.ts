import { memoryDriver } from '@kairos/core'
import type { CellStore, StorageDriver } from '@kairos/core/driver'
import { type BrokenDriver, wrapped } from './wrapped.ts'

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

/** Drivers that share data, of which each enters a name into the list of names but once. */
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
          names: async (oldestLive) => (await store.names(oldestLive)).filter((name) => listed.has(name)),
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

/** Wrong in which names there are, and which are one. */
export const nameFaults: readonly BrokenDriver[] = [
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
    fault: 'names that are patterns',
    create: () =>
      wrapped((store) => ({
        async read(query) {
          const names = await store.names({ [query.interval]: Number.MIN_SAFE_INTEGER })
          const matched = names.filter((name) => query.names.some((asked) => asked === name || asked === '%'))
          return (await store.read({ ...query, names: matched })).map((cell) => ({ ...cell, name: query.names[0]! }))
        },
      })),
    caughtBy: ['names: count: any string is a name, and a name of its own'],
  },
  {
    fault: 'an instance that remembers names which another has deleted',
    create: forgetfulOfOthers(),
    shared: true,
    caughtBy: ['delete: count: seen and respected by a second instance'],
  },
]
