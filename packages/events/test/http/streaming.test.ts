import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { memoryDriver } from '@kairos/core'
import type { EventQuery } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import { type AccessEntry, createEventStore, kronosHandler } from '../../src/index.ts'
import { nodeListener, serveHttp } from '../../src/node.ts'
import { serve } from '../support/served.ts'

const EVENTS = 20_000

/** A memory store that counts its pages, and fails from a certain page on. */
function watched(failFrom = Number.POSITIVE_INFINITY) {
  const driver = memoryDriver()
  const watch = { pages: 0 }
  return {
    watch,
    driver: {
      ...driver,
      async openEvents(schema: { namespace: string }) {
        const storage = await driver.openEvents!(schema)
        return {
          ...storage,
          async read(stream: string, query: EventQuery) {
            if (++watch.pages > failFrom) throw new Error('the disk is gone')
            return storage.read(stream, query)
          },
        }
      },
    },
  }
}

/** Resolves when repeated checks find that a socket takes nothing more. */
function stalls(socket: Socket): () => boolean {
  let written = -1
  return () => {
    const stalled = socket.writableNeedDrain && socket.bytesWritten === written
    written = socket.bytesWritten
    return stalled
  }
}

/** Sends a request, by default a get for the whole stream; resolves when the response begins. */
function begin(
  url: string,
  path = 'events/get',
  body = '{"stream":"long","end_time":99999}',
): Promise<import('node:http').IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/1.0/${path}`, { method: 'POST' }, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

const events = Array.from({ length: EVENTS }, (_, n) => ({ '@time': BigInt(n), n, filler: 'x'.repeat(3_000) }))

describe('a streamed response', () => {
  it('waits for a client that does not read, and stops for one that disconnects', async () => {
    const { driver, watch } = watched()
    const log: AccessEntry[] = []
    const store = createEventStore(driver)
    const server = createServer(nodeListener(kronosHandler(store, { onAccess: (entry) => log.push(entry) })))
    await store.put('long', events)
    const connection = once(server, 'connection') as Promise<[Socket]>
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const answer = await begin(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    expect(answer.headers['transfer-encoding']).toBe('chunked')
    const [socket] = await connection
    // 60 MB in 240 pages, a few of which fit into the sockets.
    await expect.poll(stalls(socket)).toBe(true)
    const read = watch.pages
    expect(read).toBeLessThan(120)
    answer.destroy()
    await expect.poll(() => log.length).toBe(1)
    expect(watch.pages).toBeLessThanOrEqual(read + 2)
    server.close()
  })

  it('is cut if its client stops reading for too long', async () => {
    const { driver } = watched()
    const log: AccessEntry[] = []
    const store = createEventStore(driver)
    await store.put('long', events)
    const server = await serveHttp(kronosHandler(store, { onAccess: (entry) => log.push(entry) }), {
      port: 0,
      stallTimeout: 50,
    })
    const answer = await begin(server.url)
    const cut = once(answer, 'error')
    await expect.poll(() => log.length).toBe(1)
    answer.resume()
    await cut
    await server.stop()
  })

  it('of streams begins before the age of all was checked', async () => {
    const { driver, watch } = watched()
    const slow = {
      ...driver,
      async openEvents(schema: { namespace: string }) {
        const { keyAt: _, ...storage } = await driver.openEvents(schema)
        return {
          ...storage,
          read: (stream: string, query: EventQuery) =>
            watch.pages < 20 ? storage.read(stream, query) : new Promise<never>(() => {}),
        }
      },
    }
    const { url, store } = await serve(slow, { retention: { '': { age: 3_600 } } })
    for (let n = 10; n < 99; n++) await store.put(`${'x'.repeat(2_000)}${n}`, {})
    const answer = await begin(url, 'streams', '{}')
    const [piece] = (await once(answer, 'data')) as [Buffer]
    expect(piece.toString().split('\r\n')[0]).toBe(`${'x'.repeat(2_000)}10`)
    expect(watch.pages).toBeLessThan(50)
    answer.destroy()
  })

  it('is cut if the store fails midway, so that it does not look complete', async () => {
    const { driver } = watched(5)
    const log: AccessEntry[] = []
    const { url, store } = await serve(driver, {}, { onAccess: (entry) => log.push(entry) })
    await store.put('long', events)
    const answer = await begin(url)
    let length = 0
    const ended = new Promise<string>((resolve) => {
      answer.on('data', (piece: Buffer) => {
        length += piece.length
      })
      answer.on('end', () => resolve('whole'))
      answer.on('error', () => resolve('cut'))
    })
    expect(await ended).toBe('cut')
    expect(length).toBeGreaterThan(1_000)
    expect(log[0]).toMatchObject({
      path: '/1.0/events/get',
      status: 200,
      error: { message: expect.stringContaining('the disk is gone') },
    })
  })
})
