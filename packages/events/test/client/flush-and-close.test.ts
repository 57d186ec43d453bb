import { createServer } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { createEventClient, type EventClientOptions, type LostEvent } from '../../src/index.ts'
import { numbers } from '../support/stores.ts'

type Reply = (count: number, body: string) => Response | Promise<Response>

const stored = (count: number): Response =>
  Response.json({ s: { memory: { num_inserted: count } }, '@success': true, '@took': '0ms' })
const refused = (): Response => Response.json({ '@success': false, '@errors': ['no'] }, { status: 400 })

/** A client whose server is a function of the number of events in a put. `background.interval` is too long for sending without a flush. */
function clientOf(reply: Reply, options: EventClientOptions = {}) {
  const lost: LostEvent[] = []
  const sent: string[] = []
  const client = createEventClient('http://server', {
    background: { interval: 60_000 },
    library: null,
    patience: 0,
    onError: (_error, events) => lost.push(...events),
    ...options,
    fetch: async (_url, init) => {
      const body = String(init?.body)
      sent.push(body)
      const { events } = JSON.parse(body) as { events: { s: unknown[] } }
      return reply(events.s.length, body)
    },
  })
  return { client, lost, sent }
}

/** A delayed reply. */
function held() {
  const gate = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const reply: Reply = async (count) => {
    asked.resolve()
    await gate.promise
    return stored(count)
  }
  return { reply, asked: asked.promise, open: gate.resolve }
}

const say = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'stored',
    (error: Error) => error.message,
  )

describe('each flush reports what happened to the events it waited for', () => {
  it('with two flushes, one of which waits for more events', async () => {
    const { client } = clientOf(refused)
    client.enqueue('s', { n: 1 })
    const first = say(client.flush())
    client.enqueue('s', { n: 2 })
    const second = say(client.flush())
    expect(await first).toMatch(/^1 events were lost: .* no$/)
    expect(await second).toMatch(/^2 events were lost: /)
    expect(await say(client.flush())).toBe('stored')
  })

  it('not to later events that were refused', async () => {
    const { client, lost } = clientOf((count, body) => (body.includes('"bad"') ? refused() : stored(count)))
    client.enqueue('s', { n: 1 })
    const first = say(client.flush())
    client.enqueue('s', { n: 'bad' })
    expect(await first).toBe('stored')
    expect(await say(client.flush())).toMatch(/^1 events were lost/)
    expect(numbers(lost.map(({ event }) => event as never))).toEqual(['bad'])
  })

  it.each([
    ['drop-old', [5, 6, 7, 8, 9]],
    ['drop-new', [10, 11, 12, 13, 14]],
  ] as const)('where the queue overflows meanwhile: %s', async (overflow, dropped) => {
    const full = '5 events were lost: the queue is full: it holds 10 events'
    const { reply, asked, open } = held()
    const { client, lost } = clientOf(reply, { background: { maxQueued: 10, overflow, interval: 60_000 } })
    client.enqueue(
      's',
      Array.from({ length: 5 }, (_, n) => ({ n })),
    )
    let [first, second] = ['waits', 'waits']
    const flushes = [client.flush().then(() => (first = 'stored'))]
    await asked
    client.enqueue(
      's',
      Array.from({ length: 5 }, (_, n) => ({ n: 5 + n })),
    )
    flushes.push(say(client.flush()).then((said) => (second = said)))
    client.enqueue(
      's',
      Array.from({ length: 5 }, (_, n) => ({ n: 10 + n })),
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(numbers(lost.map(({ event }) => event as never))).toEqual(dropped)
    expect(first).toBe('waits')
    open()
    await Promise.all(flushes)
    expect(first).toBe('stored')
    expect(second).toBe(overflow === 'drop-old' ? full : 'stored')
    expect(await say(client.flush())).toBe(overflow === 'drop-old' ? 'stored' : full)
  })

  it('and if it stopped waiting, the next one reports it', async () => {
    const { reply, asked, open } = held()
    const { client } = clientOf(async (count) => {
      await reply(count, '')
      return refused()
    })
    client.enqueue('s', { n: 1 })
    const leaving = new AbortController()
    const aborted = client.flush({ signal: leaving.signal })
    await asked
    leaving.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'KAIROS_ABORTED' })
    await expect(client.flush({ timeout: 1 })).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      message: '1 events were not stored within 1 ms',
      retryable: true,
    })
    open()
    expect(await say(client.flush())).toMatch(/^1 events were lost/)
  })
})

describe('close', () => {
  it('ends after its timeout, and reports what was not stored', async () => {
    const { client, lost, sent } = clientOf(() => new Promise(() => {}))
    client.enqueue(
      's',
      Array.from({ length: 2_500 }, (_, n) => ({ n })),
    )
    await expect(client.close({ timeout: 20 })).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      message: '2500 events were lost: 2500 events were not stored within 20 ms',
    })
    expect(numbers(lost.map(({ event }) => event as never))).toEqual(Array.from({ length: 2_500 }, (_, n) => n))
    expect(sent).toHaveLength(1)
  })

  it('ends with its signal', async () => {
    const { reply, asked } = held()
    const { client, lost } = clientOf(reply)
    client.enqueue('s', { n: 1 })
    const leaving = new AbortController()
    const closed = client.close({ signal: leaving.signal })
    await asked
    leaving.abort()
    await expect(closed).rejects.toMatchObject({ code: 'KAIROS_ABORTED', message: /^1 events were lost/ })
    expect(lost).toHaveLength(1)
  })

  it('gives up on a server that accepts connections and never responds', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    afterAll(() => server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const client = createEventClient(`http://127.0.0.1:${port}`)
    const gone = new Promise((resolve) => server.once('connection', (socket) => socket.resume().once('close', resolve)))
    client.enqueue('s', {})
    await expect(client.close({ timeout: 50 })).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED' })
    await gone
  })

  it.each([{ timeout: -1 }, { timeout: 0.5 }, { patience: 1 }, { signal: 'now' }, null])(
    'refuses %o, as flush does',
    async (options) => {
      const { client } = clientOf(stored)
      for (const call of [client.flush, client.close])
        await expect(call(options as never)).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG' })
    },
  )
})

describe('a put that fails midway', () => {
  it('reports the ids of all its events, so that it can be repeated', async () => {
    const there = new Set<string>()
    let requests = 0
    const { client } = clientOf((_count, body) => {
      const { events } = JSON.parse(body) as { events: { s: { '@id': string }[] } }
      const ids = events.s.map((event) => event['@id']).filter((id) => !there.has(id))
      for (const id of ids) there.add(id)
      return ++requests === 2 ? refused() : stored(ids.length)
    })
    const events = Array.from({ length: 2_500 }, (_, n) => ({ n }))
    const error = await client.put('s', events).catch((caught: unknown) => caught as { ids: string[]; stored: number })
    expect(error).toMatchObject({ code: 'KAIROS_STORE_FAILED', stored: 1_000 })
    const { ids } = error as { ids: string[] }
    const again = await client.put(
      's',
      events.map((event, at) => ({ ...event, '@id': ids[at]! })),
    )
    expect(again.ids).toEqual(ids)
    expect(there.size).toBe(2_500)
  })
})
