import { createServer } from 'node:net'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createEventClient, type EventClientOptions, type LostEvent } from '../../src/index.ts'
import { numbers } from '../support/stores.ts'

type Reply = (count: number, body: string) => Response | Promise<Response>

const report = (inserted: number, duplicates: number): Response =>
  Response.json({ s: { memory: { num_inserted: inserted, num_duplicates: duplicates } }, '@success': true })
const stored = (count: number): Response => report(count, 0)
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

  it('when it waits for a request and close gives up, after events were dropped behind that request', async () => {
    const { client } = clientOf(() => new Promise(() => {}), {
      background: { maxQueued: 2, overflow: 'drop-old', interval: 60_000 },
    })
    client.enqueue('s', { n: 0 })
    const first = say(client.flush())
    client.enqueue('s', { n: 1 })
    client.enqueue('s', { n: 2 })
    expect(await say(client.close({ timeout: 1 }))).toMatch(/events were lost/)
    expect(await first).toMatch(/^1 events were lost/)
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

describe('an onError that uses the client', () => {
  const some = (count: number, from = 0) => Array.from({ length: count }, (_, n) => ({ n: from + n }))

  it('may flush: that flush waits for what is left, and later ones count right', async () => {
    const { reply, asked, open } = held()
    const flushes: Promise<string>[] = []
    const { client } = clientOf(reply, {
      background: { maxQueued: 4, overflow: 'drop-old', interval: 60_000 },
      onError: () => void flushes.push(say(client.flush()).then((said) => `${said}, sent ${isOpen}`)),
    })
    let isOpen = false
    client.enqueue('s', { n: 0 })
    const first = say(client.flush())
    await asked
    // Of these, three find room.
    client.enqueue('s', some(8, 1))
    await new Promise((resolve) => setImmediate(resolve))
    isOpen = true
    open()
    expect(await first).toBe('stored')
    expect(await Promise.all(flushes)).toEqual(['5 events were lost: the queue is full: it holds 4 events, sent true'])
    expect(await say(client.flush())).toBe('stored')
  })

  it('may flush at close, which still reports what it lost', async () => {
    const { client } = clientOf(() => new Promise(() => {}), { onError: () => void flushes.push(say(client.flush())) })
    const flushes: Promise<string>[] = []
    client.enqueue('s', some(3))
    expect(await say(client.close({ timeout: 1 }))).toMatch(/^3 events were lost/)
    expect(await Promise.all(flushes)).toEqual(['stored'])
  })

  it('may enqueue again into a full queue until there is room', async () => {
    let isUp = false
    const sent: number[] = []
    const { client } = clientOf(
      (count, body) => {
        if (!isUp) return refused()
        const { events } = JSON.parse(body) as { events: { s: { n: number }[] } }
        sent.push(...events.s.map(({ n }) => n))
        return stored(count)
      },
      {
        background: { maxQueued: 2, interval: 0 },
        onError: (_error, lost) => {
          for (const { stream, event } of lost) client.enqueue(stream, event)
        },
      },
    )
    client.enqueue('s', some(8))
    isUp = true
    await expect.poll(() => [...sent].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('may call a function whose record fails', async () => {
    let calls = 0
    const log = vi.fn(() => void logged())
    const { client } = clientOf(stored, { onError: log })
    const logged = client.logFunction('s', () => ++calls)
    await client.close()
    expect(logged()).toBe(1)
    expect(calls).toBe(2)
    expect(log).toHaveBeenCalledTimes(1)
  })

  it('may close the client', async () => {
    const closed: Promise<string>[] = []
    const { client } = clientOf(stored, {
      background: { maxQueued: 1, interval: 60_000 },
      onError: () => void closed.push(say(client.close())),
    })
    client.enqueue('s', some(2))
    expect(await Promise.all(closed)).toEqual(['1 events were lost: the queue is full: it holds 1 events'])
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
      return ++requests === 2 ? refused() : report(ids.length, events.s.length - ids.length)
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
