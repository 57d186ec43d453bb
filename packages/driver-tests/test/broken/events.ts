import { setImmediate } from 'node:timers/promises'
import { memoryDriver } from '@kairos/core'
import type { EventCapabilities, EventSchema, EventStorage, StorageDriver } from '@kairos/core/driver'
import type { BrokenDriver } from './wrapped.ts'

/** The memory driver, with some calls of its event streams replaced. */
function wrappedEvents(
  wrap: (storage: EventStorage, schema: EventSchema) => Partial<EventStorage>,
  events: EventCapabilities = { atomic: true },
): () => StorageDriver {
  return () => {
    const memory = memoryDriver()
    return {
      ...memory,
      capabilities: { ...memory.capabilities, events },
      async openEvents(schema) {
        const storage = await memory.openEvents!(schema)
        return { ...storage, ...wrap(storage, schema) }
      },
    }
  }
}

/** Faults in event streams. */
export const eventFaults: readonly BrokenDriver[] = [
  {
    fault: 'an append that puts the later body in the place of the first',
    create: wrappedEvents((storage) => ({
      async append(stream, events) {
        const inserted = await storage.append(stream, events)
        for (const { key } of events) await storage.delete(stream, { first: key, last: key })
        await storage.append(stream, events)
        return inserted
      },
    })),
    caughtBy: [
      'events: append: a key that exists is a duplicate, and its first body stays',
      'events: model: 200 random calls answer as a sorted list would',
    ],
  },
  {
    fault: 'an append that calls all events new',
    create: wrappedEvents((storage) => ({
      append: async (stream, events) => (await storage.append(stream, events)).map(() => true),
    })),
    caughtBy: [
      'events: append: a key that exists is a duplicate, and its first body stays',
      'events: append: a second instance finds what the first stored, and a repeat there is a duplicate',
      'events: concurrency: one batch appended by two instances at once is stored once',
    ],
  },
  {
    fault: 'bodies that go through JSON.parse',
    create: wrappedEvents((storage) => ({
      append: (stream, events) =>
        storage.append(
          stream,
          events.map(({ key, body }) => ({ key, body: JSON.stringify(JSON.parse(body)) })),
        ),
    })),
    caughtBy: ['events: append: bodies come back character for character'],
  },
  {
    fault: 'times that go through a double',
    create: wrappedEvents((storage) => ({
      append: (stream, events) =>
        storage.append(
          stream,
          events.map(({ key, body }) => ({
            key: `${BigInt(Number(`0x${key.slice(0, 16)}`)).toString(16)}${key.slice(16)}`,
            body,
          })),
        ),
    })),
    caughtBy: ['events: append: the whole range of times'],
  },
  {
    fault: 'a place that is counted from the beginning of the stream',
    create: wrappedEvents((storage) => ({
      keyAt: (stream, { last }, index) => storage.keyAt!(stream, { first: '0'.repeat(32), last }, index),
    })),
    caughtBy: ['events: keyAt, if present: the key at each position in a range, and null after the last'],
  },
  {
    fault: 'a place behind the last that is the last',
    create: wrappedEvents((storage) => ({
      keyAt: async (stream, range, index) =>
        storage.keyAt!(stream, range, Math.min(index, (await storage.count(stream, range)) - 1)),
    })),
    caughtBy: ['events: keyAt, if present: the key at each position in a range, and null after the last'],
  },
  {
    fault: 'a page that ends early and says that it is the last',
    create: wrappedEvents((storage) => ({
      read: async (stream, query) => ({ ...(await storage.read(stream, query)), done: true }),
    })),
    caughtBy: [
      'events: read: pages of every size go through all events once, in both orders',
      'events: read: pages are bounded by the characters of their bodies',
    ],
  },
  {
    fault: 'a page that continues where its length is just reached',
    create: wrappedEvents((storage) => ({
      read: (stream, query) => storage.read(stream, { ...query, maxLength: query.maxLength + 1 }),
    })),
    caughtBy: ['events: read: pages are bounded by the characters of their bodies'],
  },
  {
    fault: 'a page that forgets its length',
    create: wrappedEvents((storage) => ({
      read: (stream, query) => storage.read(stream, { ...query, maxLength: Number.POSITIVE_INFINITY }),
    })),
    caughtBy: ['events: read: pages are bounded by the characters of their bodies'],
  },
  {
    fault: 'a descending page cut from the wrong end',
    create: wrappedEvents((storage) => ({
      async read(stream, query) {
        const { events, done } = await storage.read(stream, { ...query, order: 'ascending' })
        return { events: query.order === 'ascending' ? events : [...events].reverse(), done }
      },
    })),
    caughtBy: ['events: read: the limit counts from the end where the order begins'],
  },
  {
    fault: 'a range without its last key',
    create: wrappedEvents((storage) => ({
      async read(stream, query) {
        const { events, done } = await storage.read(stream, query)
        return { events: events.filter(({ key }) => key !== query.last), done: done || events.length === 1 }
      },
    })),
    caughtBy: ['events: read: both ends of a range are included, keys of no event serve as bounds'],
  },
  {
    fault: 'a stream that stays listed when it is empty',
    create: () => {
      const known = new Set<string>()
      return wrappedEvents((storage) => ({
        append(stream, events) {
          known.add(stream)
          return storage.append(stream, events)
        },
        streams: async () => [...known],
      }))()
    },
    caughtBy: [
      'events: streams: exactly those that hold events',
      'events: concurrency: an empty stream that is written and emptied at once is listed as it ends',
    ],
  },
  {
    fault: 'names that differ in case are one',
    create: wrappedEvents((storage) => ({
      append: (stream, events) => storage.append(stream.toLowerCase(), events),
      read: (stream, query) => storage.read(stream.toLowerCase(), query),
      count: (stream, range) => storage.count(stream.toLowerCase(), range),
      delete: (stream, query) => storage.delete(stream.toLowerCase(), query),
    })),
    caughtBy: ['events: streams: every name is distinct'],
  },
  {
    fault: 'one place for all namespaces',
    create: () => {
      const memory = memoryDriver()
      return { ...memory, openEvents: () => memory.openEvents!({ namespace: 'one' }) }
    },
    caughtBy: ['events: streams: namespaces share nothing'],
  },
  {
    fault: 'a count that stops at 10,000',
    create: wrappedEvents((storage) => ({
      count: async (stream, range) => Math.min(10_000, await storage.count(stream, range)),
    })),
    caughtBy: ['events: read: a stream of 10,500 events, a third of them at one time, by pages of 1,000'],
  },
  {
    fault: 'a delete of events that does one step of its work',
    create: wrappedEvents((storage) => ({
      async delete(stream, range) {
        const query = { ...range, order: 'ascending', limit: 10_000, maxLength: Number.POSITIVE_INFINITY } as const
        const { events } = await storage.read(stream, query)
        return events.length === 0 ? 0 : storage.delete(stream, { first: range.first, last: events.at(-1)!.key })
      },
    })),
    caughtBy: ['events: read: a stream of 10,500 events, a third of them at one time, by pages of 1,000'],
  },
  {
    fault: 'a list of streams that ends with its first page',
    create: wrappedEvents((storage) => ({ streams: async () => (await storage.streams()).slice(0, 1_000) })),
    caughtBy: ['events: streams: 1,100 of them'],
  },
  {
    fault: 'an append that stores half a million characters',
    create: wrappedEvents((storage) => ({
      async append(stream, events) {
        let length = 0
        const fitting = events.filter(({ body }, index) => {
          length += body.length
          return index === 0 || length < 500_000
        })
        const inserted = await storage.append(stream, fitting)
        return events.map((_, index) => inserted[index] ?? true)
      },
    })),
    caughtBy: ['events: append: a batch of as many characters as one may have'],
  },
  {
    fault: 'an append that refuses what another has half done',
    create: wrappedEvents(
      (storage) => ({
        async append(stream, events) {
          const inserted = await storage.append(stream, events)
          // A half-done batch begins with known events; one that is mixed in another way is not half done.
          const known = inserted.indexOf(true)
          if (known > 0 && inserted.slice(known).every(Boolean)) throw new Error('the batch is there already')
          return inserted
        },
      }),
      { atomic: false },
    ),
    caughtBy: ['events: append: repeating a batch that failed half way, or after it was stored, completes it'],
  },
  {
    fault: 'a batch that shows in halves, where appends are said to be atomic',
    create: wrappedEvents((storage) => ({
      async append(stream, events) {
        const half = Math.ceil(events.length / 2)
        const first = await storage.append(stream, events.slice(0, half))
        await setImmediate()
        return half === events.length ? first : [...first, ...(await storage.append(stream, events.slice(half)))]
      },
    })),
    caughtBy: ['events: concurrency: if appends are atomic, a batch is visible as a whole'],
  },
  {
    fault: 'an event that two writers hear to be new, where appends are said to be atomic',
    create: wrappedEvents((storage) => ({
      async append(stream, events) {
        const [first, last] = [events[0]!.key, events.at(-1)!.key]
        const found = await storage.read(stream, { first, last, order: 'ascending', limit: 10_000, maxLength: 1e9 })
        const known = new Set(found.events.map(({ key }) => key))
        await setImmediate()
        await storage.append(stream, events)
        return events.map(({ key }) => !known.has(key))
      },
    })),
    caughtBy: ['events: concurrency: one batch appended by two instances at once is stored once'],
  },
]
