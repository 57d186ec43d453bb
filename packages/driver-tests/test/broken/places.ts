import { memoryDriver } from '@kairos/core'
import type { StorageDriver, StoreSchema } from '@kairos/core/driver'
import { type BrokenDriver, wrapped } from './wrapped.ts'

/** The memory driver, with other schemas than it is given. */
function opening(change: (schema: StoreSchema) => StoreSchema): () => StorageDriver {
  return () => {
    const memory = memoryDriver()
    return { ...memory, open: (schema, options) => memory.open(change(schema as StoreSchema), options) }
  }
}

const FOLDED = 'name: count: those that a store would fold together share nothing'
const OWN = 'name: count: timeseries with different names have records and expiry of their own'
const DISCOVER = 'discover: finds names, records and facts, as they were opened last'
const REMOVES = 'drop: count: removes a timeseries and no other, and refuses who has it open'
const INTERVAL = 'drop: count: removes what is left of an interval that is not configured any more'

/** Wrong in where a timeseries lives, what is found of it, and how it ends. */
export const placeFaults: readonly BrokenDriver[] = [
  {
    fault: 'names of timeseries in lower case',
    create: opening(({ name, ...schema }) => ({ ...schema, ...(name !== undefined && { name: name.toLowerCase() }) })),
    caughtBy: ['name: count: timeseries of one type with different names share nothing', FOLDED, OWN, REMOVES],
  },
  {
    fault: 'names of timeseries with a line for each dot',
    create: opening(({ name, ...schema }) => ({
      ...schema,
      ...(name !== undefined && { name: name.replaceAll('.', '_') }),
    })),
    caughtBy: [FOLDED],
  },
  {
    fault: 'names of timeseries that are cut',
    create: opening(({ name, ...schema }) => ({ ...schema, ...(name !== undefined && { name: name.slice(0, 63) }) })),
    caughtBy: [FOLDED],
  },
  {
    fault: 'facts that are forgotten',
    create() {
      const memory = memoryDriver()
      return {
        ...memory,
        discover: async () =>
          (await memory.discover!()).map((place) => ({ ...place, facts: { schema: '', intervals: {} } })),
      }
    },
    caughtBy: [DISCOVER],
  },
  {
    fault: 'facts of intervals that stay as they were first',
    create() {
      const first = new Map<string, string>()
      return opening(({ intervals, ...schema }) => ({
        ...schema,
        intervals: Object.fromEntries(
          Object.entries(intervals).map(([interval, own]) => {
            const key = `${schema.type} ${schema.name} ${interval}`
            const facts = first.get(key) ?? own.facts
            first.set(key, facts)
            return [interval, { ...own, facts }]
          }),
        ),
      }))()
    },
    caughtBy: [DISCOVER],
  },
  {
    fault: 'a drop that leaves the cells',
    create() {
      const memory = memoryDriver()
      const gone = new Set<string>()
      return {
        ...memory,
        discover: async () => (await memory.discover!()).filter(({ name }) => !gone.has(String(name))),
        async open(schema, options) {
          const { store, records } = await memory.open(schema, options)
          gone.delete(String(schema.name))
          return { records, store: { ...store, drop: async () => void gone.add(String(schema.name)) } }
        },
      }
    },
    caughtBy: [REMOVES, INTERVAL],
  },
  {
    fault: 'a drop that only deletes, and refuses nothing',
    create: () => wrapped((store) => ({ drop: () => store.delete(null) })),
    caughtBy: [REMOVES, INTERVAL],
  },
  {
    fault: 'a drop of an interval that takes all of them',
    create: () =>
      wrapped((store) => ({
        async drop(interval) {
          if (interval !== null) await store.delete(null)
          await store.drop!(interval)
        },
      })),
    caughtBy: [INTERVAL],
  },
]
