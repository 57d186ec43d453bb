import {
  type EventPage,
  type EventQuery,
  type EventStorage,
  type KeyRange,
  type StorageDriver,
  type StoredEvent,
  UUID_EPOCH,
} from '@kairos/core/driver'
import type { DriverTest } from '../driver-test.ts'
import { retried } from '../internal/patient.ts'
import { claim, same, show } from '../internal/same.ts'
import type { Instance, TestContext } from '../test-context.ts'

/** Every key there can be. */
export const ALL: KeyRange = { first: '0'.repeat(32), last: 'f'.repeat(32) }
/** Bounds that do not matter. */
const MOST = { limit: 10_000, maxLength: 10_000_000 } as const

/** What a test receives: an empty stream in a namespace that no other test uses, so that listing it involves few streams. */
export interface OpenedStream {
  readonly driver: StorageDriver
  readonly namespace: string
  readonly storage: EventStorage
  readonly stream: string
}

/** A test of the events part, which a driver without one skips. */
export function eventTest(
  title: string,
  run: (opened: OpenedStream, context: TestContext) => Promise<void>,
  long = false,
): DriverTest {
  return {
    title: `events: ${title}`,
    long,
    async skip(context) {
      return (await context.capabilities()).events === undefined ? 'capabilities.events is absent' : null
    },
    async run(context) {
      const driver = await context.driver('events')
      const stream = context.name()
      const namespace = `kit.${stream}`
      const storage = await openedEvents(context, { namespace })
      await storage.delete(stream, ALL)
      await run({ driver, namespace, storage, stream }, context)
    },
  }
}

/** A namespace as a driver opens it; calls with temporary failures are retried, as in core. */
export async function openedEvents(
  context: TestContext,
  { instance = 0, namespace }: { instance?: Instance; namespace: string },
): Promise<EventStorage> {
  const driver = await context.driver('events', instance)
  const storage = await retried(async () => driver.openEvents?.({ namespace }))
  claim(storage !== undefined, 'openEvents: capabilities.events is there, but it is not')
  return {
    append: (...call) => retried(() => storage.append(...call)),
    read: (...call) => retried(() => storage.read(...call)),
    count: (...call) => retried(() => storage.count(...call)),
    delete: (...call) => retried(() => storage.delete(...call)),
    streams: (...call) => retried(() => storage.streams(...call)),
    ...(storage.keyAt && { keyAt: (...call) => retried(() => storage.keyAt!(...call)) }),
  }
}

/** The key of an event at `time`, in ticks since 1970; of two with one time, the larger `tail` comes later. */
export function keyOf(time: bigint | number, tail: bigint | number = 0): string {
  const ticks = (BigInt(time) + UUID_EPOCH).toString(16).padStart(15, '0')
  return `1${ticks}${(0x8000_0000_0000_0000n + BigInt(tail)).toString(16)}`
}

export function event(time: bigint | number, body = `{"at":${time}}`, tail: bigint | number = 0): StoredEvent {
  return { key: keyOf(time, tail), body }
}

/** The range of times, both ends included. */
export function between(start: bigint | number, end: bigint | number): KeyRange {
  return { first: keyOf(start).slice(0, 16) + '0'.repeat(16), last: keyOf(end).slice(0, 16) + 'f'.repeat(16) }
}

export async function append(
  { storage, stream }: OpenedStream,
  events: readonly StoredEvent[],
): Promise<readonly boolean[]> {
  const inserted = await storage.append(stream, events)
  same(inserted.length, events.length, `append of ${events.length} events: the number of answers`)
  return inserted
}

/** One page, checked against everything that a single page promises. */
export async function page(
  storage: EventStorage,
  stream: string,
  query: Partial<EventQuery>,
): Promise<EventPage & { readonly keys: readonly string[] }> {
  const asked = { ...ALL, order: 'ascending', ...MOST, ...query } as const
  const { events, done } = await storage.read(stream, asked)
  const what = `read of ${stream}, ${show(query)}`
  const keys = events.map(({ key }) => key)
  const sorted = [...new Set(keys)].sort()
  same(keys, asked.order === 'ascending' ? sorted : sorted.reverse(), `${what}: its keys, in order and each once`)
  claim(events.length <= asked.limit, `${what}: ${events.length} events exceed the limit`)
  claim(
    keys.every((key) => key >= asked.first && key <= asked.last),
    `${what}: a key is out of the range`,
  )
  claim(done || events.length > 0, `${what}: an empty page that is not the last`)
  const allButLast = events.slice(0, -1).reduce((length, { body }) => length + body.length, 0)
  claim(
    allButLast < asked.maxLength || events.length <= 1,
    `${what}: ${allButLast} characters before the last event exceed maxLength`,
  )
  return { events, done, keys }
}

/** All events of a range, read page by page. */
export async function readAll(
  storage: EventStorage,
  stream: string,
  query: Partial<EventQuery> = {},
): Promise<StoredEvent[]> {
  const all: StoredEvent[] = []
  let range: KeyRange = { first: query.first ?? ALL.first, last: query.last ?? ALL.last }
  for (;;) {
    const { events, done } = await page(storage, stream, { ...query, ...range })
    all.push(...events)
    if (done) return all
    const end = events.at(-1)!.key
    range = query.order === 'descending' ? { ...range, last: shifted(end, -1n) } : { ...range, first: shifted(end, 1n) }
  }
}

/** Fails unless the stream has exactly these events, in both orders and with different page sizes. */
export async function expectEvents(
  { storage, stream }: Pick<OpenedStream, 'storage' | 'stream'>,
  expected: readonly StoredEvent[],
  what: string,
  range: KeyRange = ALL,
): Promise<void> {
  const ascending = [...expected].sort((a, b) => (a.key < b.key ? -1 : 1))
  same(await readAll(storage, stream, range), ascending, what)
  const descending = await readAll(storage, stream, { ...range, order: 'descending', limit: 7 })
  same(descending, ascending.reverse(), `${what}, descending by pages of 7`)
  same(await storage.count(stream, range), expected.length, `${what}: count`)
}

function shifted(key: string, by: bigint): string {
  return (BigInt(`0x${key}`) + by).toString(16).padStart(32, '0')
}
