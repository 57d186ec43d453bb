import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createEventClient, type EventClient } from '../../src/index.ts'
import { collect, numbers } from '../support/stores.ts'

type Answer = (message: IncomingMessage, response: ServerResponse) => void

/** By the number that a client's URL begins with: a request that its test gave up may arrive during the next. */
const clients: { readonly answer: Answer; requests: number }[] = []
const server = createServer((message, response) => {
  const client = clients[Number(message.url!.split('/')[1])]!
  client.requests++
  message.resume().on('end', () => client.answer(message, response))
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function clientOf(answer: Answer, timeout = 60_000): EventClient {
  const { port } = server.address() as AddressInfo
  const number = clients.push({ answer, requests: 0 }) - 1
  return createEventClient(`http://127.0.0.1:${port}/${number}`, { patience: 0, timeout })
}

/** Sends the same text again and again. */
function drip(text: string): Answer {
  return (_message, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write(text), 10)
    response.on('close', () => clearInterval(timer))
  }
}

const lineOf = (time: number, node: number, n: number): string =>
  `{"@id":"1381400${time}-1dd2-11b2-8000-00000000000${node}","@time":${time},"n":${n}}\r\n`

const CALLS: readonly (readonly [call: string, call: (client: EventClient) => Promise<unknown>])[] = [
  ['put', (client) => client.put('s', {})],
  ['delete', (client) => client.delete('s')],
  ['index', (client) => client.index()],
  ['inferSchema', (client) => client.inferSchema('s')],
  ['streams', (client) => client.streams()],
  ['get', (client) => collect(client.get('s'))],
]

describe.each(CALLS)('%s of a server', (_call, call) => {
  it.each([' ', '\r\n'])('that sends %j without end fails: nothing of use arrives', async (text) => {
    await expect(call(clientOf(drip(text), 100))).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      message: expect.stringContaining('the server was silent for 100 ms'),
    })
  })

  it.each([301, 302, 307, 308])('that redirects with %i fails, and says where to', async (status) => {
    const client = clientOf((_message, response) => response.writeHead(status, { location: '/elsewhere' }).end())
    await expect(call(client)).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      message: expect.stringContaining(`status ${status}: the server redirects to "/elsewhere"`),
      retryable: false,
      status,
    })
    expect(clients.at(-1)!.requests).toBe(1)
  })
})

describe('a put whose response', () => {
  it.each([
    '"memory":{"num_inserted":0}',
    '"memory":{"num_inserted":1}',
    '"memory":{"num_inserted":3}',
    '"memory":{"num_inserted":1,"num_duplicates":2}',
    '"memory":{"num_inserted":2},"other":{"num_inserted":1}',
  ])('does not account for every event fails: %s of 2', async (report) => {
    const client = clientOf((_message, response) => response.end(`{"s":{${report}},"@success":true}`))
    await expect(client.put('s', [{}, {}])).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED', stored: 0 })
  })

  it('does not end fails, before it fills the memory', async () => {
    const piece = new Uint8Array(2 ** 23).fill(0x20)
    let pieces = 0
    const body = (): ReadableStream<Uint8Array> =>
      new ReadableStream({ pull: (stream) => (++pieces > 20 ? stream.close() : stream.enqueue(piece)) })
    const client = createEventClient('http://x', { patience: 0, fetch: async () => new Response(body()) })
    await expect(client.put('s', {})).rejects.toThrow('without an end')
  })
})

describe('a read', () => {
  const readOf = (lines: readonly string[], order: 'ascending' | 'descending') =>
    collect(clientOf((_message, response) => response.end(lines.join(''))).get('s', { order }))

  it('fails if the events come in another order than was asked for', async () => {
    const lines = [1, 2, 3].map((time) => lineOf(time, 0, time))
    expect(numbers(await readOf(lines, 'ascending'))).toEqual([1, 2, 3])
    expect(numbers(await readOf([...lines].reverse(), 'descending'))).toEqual([3, 2, 1])
    for (const [given, order] of [
      [lines, 'descending'],
      [[...lines].reverse(), 'ascending'],
      [[lines[0]!, lines[2]!, lines[1]!], 'ascending'],
    ] as const) {
      await expect(readOf(given, order)).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED' })
    }
  })

  it('takes events of one time in any order, each once', async () => {
    const lines = [lineOf(1, 1, 1), lineOf(1, 3, 3), lineOf(1, 3, 3), lineOf(1, 2, 2), lineOf(2, 0, 4)]
    expect(numbers(await readOf(lines, 'ascending'))).toEqual([1, 3, 2, 4])
  })

  it('continues as long as events arrive, however slowly', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const server = writable.getWriter()
    const client = createEventClient('http://x', {
      timeout: 100,
      patience: 0,
      async fetch(_url, init) {
        init?.signal?.addEventListener('abort', () => server.abort(init.signal?.reason).catch(() => {}))
        return new Response(readable)
      },
    })
    const reading = collect(client.get('s'))
    for (const time of [1, 2, 3, 4]) {
      await vi.advanceTimersByTimeAsync(80)
      await server.write(new TextEncoder().encode(lineOf(time, 0, time)))
    }
    await vi.advanceTimersByTimeAsync(80)
    await server.close()
    expect(numbers(await reading)).toEqual([1, 2, 3, 4])
  })
})
