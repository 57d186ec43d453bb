import { request } from 'node:http'
import { memoryDriver } from '@kairos/core'
import type { EventQuery } from '@kairos/core/driver'
import { describe, expect, it } from 'vitest'
import type { AccessEntry } from '../../src/index.ts'
import { serve } from '../support/served.ts'

const EVENTS = 20_000

/** A memory store that counts its pages, and fails from one on. */
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

/** Sends a get for the whole stream; resolves when the answer begins. */
function begin(url: string): Promise<import('node:http').IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/1.0/events/get`, { method: 'POST' }, resolve)
    sent.on('error', reject)
    sent.end('{"stream":"long","end_time":99999}')
  })
}

const events = Array.from({ length: EVENTS }, (_, n) => ({ '@time': BigInt(n), n, filler: 'x'.repeat(1_000) }))

describe('a streamed answer', () => {
  it('waits for a client that does not read, and lets go of one that leaves', async () => {
    const { driver, watch } = watched()
    const log: AccessEntry[] = []
    const { url, store } = await serve(driver, {}, { onAccess: (entry) => log.push(entry) })
    await store.put('long', events)
    const answer = await begin(url)
    expect(answer.headers['transfer-encoding']).toBe('chunked')
    // 20 MB, of which the sockets hold a few; time enough to read them all.
    await new Promise((resolve) => setTimeout(resolve, 500))
    const read = watch.pages
    expect(read).toBeLessThan(15)
    answer.destroy()
    await expect.poll(() => log.length, { timeout: 5_000 }).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(watch.pages).toBeLessThanOrEqual(read + 2)
  })

  it('is cut where the store fails midway, so that nobody takes it for whole', async () => {
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
