import { createTimeseries } from '@kairos/core'
import { describe, expectTypeOf, it } from 'vitest'
import {
  createEventClient,
  createEventStore,
  type EventClient,
  type EventStore,
  type JsonValue,
  kronosHandler,
  type PutResult,
  type ServerIndex,
  type StreamEvent,
  type TallyResult,
  tally,
} from '../src/index.ts'
import { type RunningServer, serveHttp } from '../src/node.ts'

interface Visit {
  page: string
  took?: number
  user: { id: bigint; since: Date; tags: string[]; seen: readonly [number, Date] } | null
}
interface Order {
  readonly item: 'tea' | 'milk'
  '@time'?: Date
}
interface Shop {
  visits: Visit
  orders: Order
}

declare const visit: Visit
const any = createEventStore('memory:')
const typed = createEventStore<Shop>('memory:')
const client = createEventClient<Shop>('http://x')

describe('an untyped store', () => {
  it('takes literals, interfaces, and lists of them', () => {
    any.put('s', { page: '/', '@time': 5 })
    any.put('s', visit)
    any.put('s', [visit, visit])
    any.put('s', new Set([visit]))
    any.put('s', {})
    any.put('s', {} as Record<string, unknown>)
    any.put('s', {} as StreamEvent)
    // @ts-expect-error: not a time
    any.put('s', { '@time': true })
    // @ts-expect-error: not an event
    any.put('s', 5)
    // @ts-expect-error: not events
    any.put('s', 'text')
    // @ts-expect-error: not events
    any.put('s', [1])
  })

  it('returns JSON values', () => {
    expectTypeOf(any.get('s')).toEqualTypeOf<AsyncIterableIterator<StreamEvent>>()
    type Read = StreamEvent
    expectTypeOf<Read['@id']>().toEqualTypeOf<string>()
    expectTypeOf<Read['@time']>().toEqualTypeOf<bigint>()
    expectTypeOf<Read['page']>().toEqualTypeOf<JsonValue>()
  })
})

describe.each([typed, client as unknown as EventStore<Shop>])('a store of typed streams', (store) => {
  it('accepts only what its streams hold', () => {
    store.put('visits', visit)
    store.put('visits', [{ page: '/', user: null, '@id': 'x' }])
    store.put('orders', { item: 'tea', '@time': new Date() })
    // @ts-expect-error: no such stream
    store.put('visit', visit)
    // @ts-expect-error: no such stream
    store.delete('visit')
    // @ts-expect-error: of another stream
    store.put('orders', visit)
    // @ts-expect-error: a member too many
    store.put('orders', { item: 'tea', cups: 2 })
    // @ts-expect-error: a member is missing
    store.put('visits', { page: '/' })
  })

  it('returns it as JSON keeps it', () => {
    type Read = ReturnType<typeof readVisits> extends AsyncIterableIterator<infer Event> ? Event : never
    const readVisits = () => store.get('visits')
    expectTypeOf<Read['page']>().toEqualTypeOf<string>()
    expectTypeOf<Read['took']>().toEqualTypeOf<number | undefined>()
    type User = NonNullable<Read['user']>
    expectTypeOf<User['id']>().toEqualTypeOf<number | bigint>()
    expectTypeOf<User['since']>().toEqualTypeOf<string>()
    expectTypeOf<User['tags'][0]>().toEqualTypeOf<string>()
    expectTypeOf<User['seen']>().toEqualTypeOf<readonly [number, string]>()
    expectTypeOf<Read['@time']>().toEqualTypeOf<bigint>()
    expectTypeOf(store.page('orders')).resolves.toHaveProperty('events').toEqualTypeOf<readonly StreamEvent<Order>[]>()
    expectTypeOf<StreamEvent<Order>['@time']>().toEqualTypeOf<bigint>()
    expectTypeOf<StreamEvent<Order>['item']>().toEqualTypeOf<'tea' | 'milk'>()
  })

  it('returns what can be put again elsewhere', async () => {
    for await (const order of store.get('orders')) await any.put('orders', order)
  })
})

it('typed stores can be served and tallied', () => {
  kronosHandler(typed)
  kronosHandler({ stores: { typed, any }, namespaces: { kronos: { '': { stores: ['any'] } } } })
  const hits = createTimeseries('memory:', { type: 'count', intervals: { hour: { step: '1h' } } })
  tally(typed.get('visits'), hits, ({ page }) => ({ name: page }))
  tally(client.get('visits'), hits, ({ page }) => ({ name: page }))
  tally(any.get('visits'), hits, ({ page }) => ({ name: String(page) }))
  // @ts-expect-error: no such member
  tally(typed.get('orders'), hits, ({ page }) => ({ name: page }))
})

it('clients are typed as stores are', () => {
  client.put('orders', { item: 'tea' })
  client.enqueue('visits', visit)
  // @ts-expect-error: of another stream
  client.enqueue('orders', visit)
  expectTypeOf(client).toEqualTypeOf<EventClient<Shop>>()
  expectTypeOf(createEventClient('http://x')).toEqualTypeOf<EventClient>()
})

it('refuses options that a call does not have', () => {
  createEventStore('memory:', { namespaces: ['a'], retention: { '': { age: 5 } }, patience: 1_000 })
  // @ts-expect-error: no such option
  createEventStore('memory:', { namespace: 'a' })
  // @ts-expect-error: an age is seconds
  createEventStore('memory:', { retention: { '': { age: '5d' } } })
  // @ts-expect-error: ticks are a bigint
  createEventStore('memory:', { now: () => Date.now() })
  // @ts-expect-error: no such order
  any.get('s', { order: 'desc' })
  // @ts-expect-error: a get has no cursor
  any.get('s', { cursor: 'x' })
  // @ts-expect-error: a delete has no limit
  any.delete('s', { limit: 1 })
  // @ts-expect-error: no store
  createEventClient()
  // @ts-expect-error: no such overflow
  createEventClient('http://x', { background: { overflow: 'wait' } })
  // @ts-expect-error: an enqueue is not waited for
  client.enqueue('visits', visit, { signal: AbortSignal.timeout(1) })
  // @ts-expect-error: a pattern is a RegExp
  kronosHandler(any, { cors: '*' })
  // @ts-expect-error: the limits are those of serveHttp
  kronosHandler(any, { maxConnections: 1 })
})

it('results have their types', () => {
  expectTypeOf(any.put('s', {})).resolves.toEqualTypeOf<PutResult>()
  expectTypeOf(client.enqueue('visits', visit)).toEqualTypeOf<readonly string[]>()
  expectTypeOf(client.delete('visits', { dryRun: true })).resolves.toEqualTypeOf<number>()
  expectTypeOf(client.streams()).resolves.toEqualTypeOf<readonly string[]>()
  expectTypeOf(client.index()).resolves.toEqualTypeOf<ServerIndex>()
  expectTypeOf(kronosHandler(any)).toEqualTypeOf<(request: Request) => Promise<Response>>()
  expectTypeOf(serveHttp(kronosHandler(any))).resolves.toEqualTypeOf<RunningServer>()
  const hits = createTimeseries('memory:', { type: 'count', intervals: { hour: { step: '1h' } } })
  expectTypeOf(tally(any.get('s'), hits, () => null)).resolves.toEqualTypeOf<TallyResult>()
})

it('logged functions keep their type', () => {
  const boil = client.logFunction('s', async (cups: number, milk: boolean) => (milk ? 'white' : cups), {
    properties: { doubled: (cups) => cups * 2 },
  })
  expectTypeOf(boil).parameters.toEqualTypeOf<[cups: number, milk: boolean]>()
  expectTypeOf(boil).returns.resolves.toEqualTypeOf<number | 'white'>()
  expectTypeOf(client.logScope('s', {}, () => 5)).toEqualTypeOf<number>()
  expectTypeOf(client.logScope('s', {}, () => 5, { swallow: true })).toEqualTypeOf<number | undefined>()
})
