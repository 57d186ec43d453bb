import { memoryDriver } from '@kairos/core'
import type { EventSchema, EventStorage, StorageDriver } from '@kairos/core/driver'
import type { BrokenDriver } from './wrapped.ts'

/** The memory driver, with some calls of its event streams in other words. */
function wrappedEvents(
  wrap: (storage: EventStorage, schema: EventSchema) => Partial<EventStorage>,
): () => StorageDriver {
  return () => {
    const memory = memoryDriver()
    return {
      ...memory,
      async openEvents(schema) {
        const storage = await memory.openEvents!(schema)
        return { ...storage, ...wrap(storage, schema) }
      },
    }
  }
}

/** Wrong in what becomes of event streams. */
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
      'events: append: a key that is there is a duplicate, and its first body stays',
      'events: model: 200 random calls answer as a sorted list would',
    ],
  },
  {
    fault: 'an append that calls all events new',
    create: wrappedEvents((storage) => ({
      append: async (stream, events) => (await storage.append(stream, events)).map(() => true),
    })),
    caughtBy: [
      'events: append: a key that is there is a duplicate, and its first body stays',
      'events: append: what one instance stored, another finds, and a repeat there is a duplicate',
      'events: concurrency: one batch by two instances at once is stored once',
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
    caughtBy: ['events: read: the limit counts from the end that the order begins at'],
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
      'events: streams: just those that hold events',
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
    caughtBy: ['events: streams: every name is its own'],
  },
  {
    fault: 'one place for all namespaces',
    create: () => {
      const memory = memoryDriver()
      return { ...memory, openEvents: () => memory.openEvents!({ namespace: 'one' }) }
    },
    caughtBy: ['events: streams: namespaces share nothing'],
  },
]
