import { createServer } from 'node:http'
import { type Fault, startFaultProxy } from '@kairos/driver-tests'
import { afterAll, describe, expect, it } from 'vitest'
import { createEventClient, type Order } from '../../src/index.ts'
import { startBreakingProxy } from '../support/breaking-proxy.ts'
import { serve } from '../support/served.ts'
import { collect, numbers, servedDrivers } from '../support/stores.ts'

describe.each(servedDrivers)('through a proxy that breaks connections, on %s', async (_name, create) => {
  const { store, server } = await serve(create())

  it('two clients that repeat uncertain writes store every event once', async () => {
    await store.delete('shared')
    let asked = 0
    const kinds: Fault[] = ['cut-reply', 'cut-request', 'stall']
    const proxy = await startFaultProxy({
      target: { host: '127.0.0.1', port: server.port },
      decide: () => (++asked % 3 === 0 ? kinds[(asked / 3) % 3]! : null),
    })
    const clients = [0, 1].map(() => createEventClient(`http://127.0.0.1:${proxy.port}`, { timeout: 300 }))
    const puts = clients.map(async (client, writer) => {
      for (let batch = 0; batch < 15; batch++) {
        await client.put(
          'shared',
          Array.from({ length: 20 }, (_, n) => ({ n: writer * 1_000 + batch * 20 + n })),
        )
      }
      for (let n = 300; n < 400; n++) client.enqueue('shared', { n: writer * 1_000 + n })
      await client.close()
    })
    await Promise.all(puts)
    const found = numbers(await collect(store.get('shared'))) as number[]
    const expected = [0, 1_000].flatMap((first) => Array.from({ length: 400 }, (_, n) => first + n))
    expect([...found].sort((a, b) => a - b)).toEqual(expected)
    for (const kind of kinds) expect(proxy.faults[kind]).toBeGreaterThan(0)
    await proxy.close()
  }, 120_000)

  // All at once: each waits before it connects again.
  it.concurrent.each<[Order, number | undefined, number | undefined]>([
    ['ascending', undefined, undefined],
    ['descending', undefined, undefined],
    ['ascending', 2_345, undefined],
    ['descending', 2_345, undefined],
    ['descending', 1_000, 2_500],
  ])('a read, %s, limit %s, after %s, continues where it was cut, with each event once', async (order, limit, from) => {
    const stream = `long.${order}.${limit}.${from}`
    // Ten events of each time: breaks fall between events of one time.
    const events = Array.from({ length: 3_000 }, (_, n) => ({
      '@time': BigInt(Math.floor(n / 10)),
      n,
      filler: 'x'.repeat(100),
    }))
    await store.delete(stream)
    const { ids } = await store.put(stream, events)
    const proxy = await startBreakingProxy(server, { after: 40_000, times: 6 })
    const client = createEventClient(proxy.url)
    const after = from === undefined ? {} : { after: ids[from]! }
    const read = await collect(client.get(stream, { order, ...(limit === undefined ? {} : { limit }), ...after }))
    const all = events.map(({ n }) => n)
    const expected = order === 'ascending' ? all : all.slice(0, from).reverse()
    expect(numbers(read)).toEqual(expected.slice(0, limit))
    expect(proxy.cuts).toBeGreaterThan(2)
    await proxy.close()
  })
})

/** Behaves like the original where it matters here: it assigns ids, and has no upper id. */
async function originalLike(onPut: (count: number) => 'answer' | 'drop') {
  const stored: number[] = []
  const bodies: Record<string, unknown>[] = []
  let requests = 0
  const server = createServer((message, response) => {
    let text = ''
    message.on('data', (piece) => {
      text += piece
    })
    message.on('end', () => {
      if (message.url === '/1.0/index') {
        response.end('{"service":"kronosd","version":"0.6.2","id":"x","storage":{},"@success":true,"@took":"0.1ms"}')
        return
      }
      const body = JSON.parse(text) as Record<string, unknown>
      bodies.push(body)
      if (message.url === '/1.0/events/put') {
        const events = (body.events as Record<string, { n: number }[]>).s!
        stored.push(...events.map(({ n }) => n))
        if (onPut(++requests) === 'drop') response.destroy()
        else response.end(`{"s":{"memory":{"num_inserted":${events.length}}},"@success":true,"@took":"0.1ms"}`)
      } else {
        // Descending: ten events of three times, from end_time down, cut after four on the first request.
        const ids = Array.from(
          { length: 10 },
          (_, n) => [n, Math.floor(n / 4), `1381400${Math.floor(n / 4)}-1dd2-11b2-8000-00000000000${n}`] as const,
        )
        const found = ids
          .filter(([, time]) => time <= Number(body.end_time))
          .reverse()
          .slice(0, (body.limit as number | undefined) ?? 99)
        const lines = found.map(([n, time, id]) => `{"n": ${n}, "@time": ${time}, "@id": "${id}"}\r\n`)
        response.writeHead(200)
        if (++requests > 1) response.end(lines.join(''))
        // Cuts the connection after the client has received everything before: with the socket's end, not a reset.
        else response.write(lines.slice(0, 5).join('') + lines[5]!.slice(0, 10), () => response.socket?.end())
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, stored, bodies }
}

describe('against a server that assigns its own ids', () => {
  it('a put whose response was lost is not repeated', async () => {
    const { url, stored } = await originalLike((count) => (count === 2 ? 'drop' : 'answer'))
    const client = createEventClient(url)
    await client.put('s', { n: 1 })
    await expect(client.put('s', { n: 2 })).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED', retryable: true })
    expect(stored).toEqual([1, 2])
  })

  it('a descending read that was cut among events of one time continues, with its limit', async () => {
    const { url, bodies } = await originalLike(() => 'answer')
    const read = await collect(createEventClient(url).get('s', { order: 'descending', limit: 8, end: 9n }))
    expect(numbers(read)).toEqual([9, 8, 7, 6, 5, 4, 3, 2])
    expect(bodies[1]).toMatchObject({ end_time: 1, limit: 8 - 5 + 3 })
  })
})
