import { memoryDriver } from '@kairos/core'
import type { IntervalSchema, StorageDriver } from '@kairos/core/driver'
import { type BrokenDriver, everyExpiry } from './wrapped.ts'

/** Of what a name had, and what a write brings: when all cells of the name expire, in Unix seconds. */
type Expiry = (before: number | undefined, written: number) => number

/** Expires the cells of a name and interval together, as a store does that has one time to live for each key. */
function expiringNames(expiry: Expiry): () => StorageDriver {
  return () => {
    const memory = memoryDriver()
    const ends = new Map<string, number>()
    const keyOf = (type: string, interval: string, name: string): string => JSON.stringify([type, interval, name])
    return {
      ...memory,
      capabilities: {
        ...memory.capabilities,
        expiry: everyExpiry('native'),
      },
      async open(schema, options) {
        const { store, records } = await memory.open(schema, options)
        const isThere = (interval: string, name: string): boolean =>
          now() < (ends.get(keyOf(schema.type, interval, name)) ?? Infinity)
        return {
          records,
          clock: now(),
          store: {
            ...store,
            async write(batch) {
              for (const { interval, name, bucket } of batch.cells) {
                const end = (schema.intervals[interval] as IntervalSchema).expiresAt(bucket)
                const key = keyOf(schema.type, interval, name)
                if (end !== null) ends.set(key, expiry(ends.get(key), end))
              }
              return store.write(batch)
            },
            read: async (query) => (await store.read(query)).filter(({ name }) => isThere(query.interval, name)),
            async delete(names) {
              ends.clear()
              await store.delete(names)
            },
          },
        }
      },
    }
  }
}

function now(): number {
  return Date.now() / 1000
}

const title = 'expiry: buckets of a few seconds live to their last instant and are gone after it, by the real clock'

/** Wrong in when the store lets cells go by itself. */
export const expiryFaults: readonly BrokenDriver[] = [
  {
    fault: 'native expiry by the write that came last',
    create: expiringNames((_, written) => written),
    caughtBy: [title],
    waits: true,
  },
  {
    fault: 'native expiry by the write that came first',
    create: expiringNames((before, written) => before ?? written),
    caughtBy: [title],
    waits: true,
  },
]
