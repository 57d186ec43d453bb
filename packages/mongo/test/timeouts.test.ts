import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { startFaultProxy } from '@kairos/driver-tests'
import { MongoClient } from 'mongodb'
import { describe, expect, it, vi } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers, urlWith } from './servers.ts'
import { batchOf, countSchema, failureOf } from './stores/opening.ts'
import { freshPlace } from './stores/raw.ts'

const TIMEOUT = process.env.KAIROS_TEST_SIZE === 'long' ? 3_000 : 300
const RANGE = { names: ['a'], interval: 'minute', range: { first: 0, last: 10 } }

describe('a peer that accepts and never answers', () => {
  it('holds up neither opening nor closing', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => sockets.push(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const url = `mongodb://127.0.0.1:${port}/`
    const schema = await countSchema({ minute: 60 })
    const client = new MongoClient(url)
    for (const driver of [mongoDriver(url, { timeout: TIMEOUT }), mongoDriver(client, { timeout: TIMEOUT })]) {
      await expect(driver.open(schema)).rejects.toMatchObject({ retry: 'later' })
      await driver.close()
    }
    await client.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
})

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`requests to ${name}`, () => {
    it('that are not answered in time fail: reads may be repeated, writes are in doubt', async () => {
      const place = await freshPlace(url!, 'stall')
      const { hostname, port } = new URL(url!)
      let stalling = false
      const proxy = await startFaultProxy({
        target: { host: hostname, port: Number(port) },
        decide: () => (stalling ? 'stall' : null),
      })
      const through = urlWith(url!, { host: `${proxy.host}:${proxy.port}`, directConnection: 'true' })
      const clients = [through, new MongoClient(through)] as const
      for (const client of clients) {
        stalling = false
        const driver = mongoDriver(client, { ...place.options, timeout: TIMEOUT })
        // On a busy machine, opening may need longer than this timeout.
        const schema = await countSchema({ minute: 60 })
        const { store } = await vi.waitFor(() => driver.open(schema), { timeout: 60_000 })
        stalling = true
        const batch = batchOf({})
        expect(await failureOf(store.write(batch))).toMatchObject({
          ...{ retry: 'later', notApplied: [], maybeApplied: batch.cells },
        })
        const calls = [
          () => store.read(RANGE),
          () => store.bounds(RANGE),
          () => store.names({ oldestLive: { minute: 0 }, limit: 10 }),
          () => store.delete(['a']),
          () => store.deleteRange(RANGE),
          () => store.drop!(null),
          () =>
            store.fetch!(RANGE, async function* () {
              await new Promise(() => {})
              yield {}
            }),
        ]
        for (const call of calls) await expect(call()).rejects.toMatchObject({ retry: 'later' })
        await driver.close()
        proxy.release()
      }
      await clients[1].close()
      await proxy.close()
      await place.close()
    })

    it('that find no server at first find it once it has started', async () => {
      const place = await freshPlace(url!, 'late')
      const { hostname, port } = new URL(url!)
      const target = { host: hostname, port: Number(port) }
      const first = await startFaultProxy({ target, decide: () => null })
      await first.close()
      const late = urlWith(url!, {
        host: `${first.host}:${first.port}`,
        directConnection: 'true',
        serverSelectionTimeoutMS: '200',
      })
      const client = new MongoClient(late)
      const drivers = [
        mongoDriver(late, place.options),
        mongoDriver(client, place.options),
        mongoDriver(client.db(place.options.database), { collectionName: place.options.collectionName }),
      ]
      const schema = await countSchema({ minute: 60 })
      for (const driver of drivers) await expect(driver.open(schema)).rejects.toMatchObject({ retry: 'later' })
      const proxy = await startFaultProxy({ target, decide: () => null, port: first.port })
      for (const driver of drivers) {
        // On a busy machine the client may need longer than the 200 ms to see it.
        const { store } = await vi.waitFor(() => driver.open(schema), { timeout: 60_000 })
        await store.write(batchOf({}))
        await driver.close()
      }
      await client.close()
      await proxy.close()
      await place.close()
    })

    it('that no longer find a server were not sent, and are once it is back', async () => {
      const place = await freshPlace(url!, 'gone')
      const { hostname, port } = new URL(url!)
      const target = { host: hostname, port: Number(port) }
      let proxy = await startFaultProxy({ target, decide: () => null })
      const through = urlWith(url!, {
        host: `${proxy.host}:${proxy.port}`,
        directConnection: 'true',
        serverSelectionTimeoutMS: '200',
        heartbeatFrequencyMS: '500',
      })
      const client = new MongoClient(through)
      const schema = await countSchema({ minute: 60 })
      const driver = mongoDriver(client, place.options)
      // On a busy machine the client may need longer than the 200 ms to find it.
      const { store } = await vi.waitFor(() => driver.open(schema), { timeout: 60_000 })
      // Until the client notices, it may send a write on a connection that is cut.
      const noticed = once(client, 'connectionPoolCleared')
      await proxy.close()
      await noticed
      const batch = batchOf({})
      for (let attempt = 0; attempt < 2; attempt++) {
        expect(await failureOf(store.write(batch))).toMatchObject({
          ...{ retry: 'later', notApplied: batch.cells, maybeApplied: [] },
        })
      }
      proxy = await startFaultProxy({ target, decide: () => null, port: proxy.port })
      // The client takes its time to notice that too; each attempt until then is not applied.
      for (;;) {
        const failure = await store.write(batch).then(
          () => null,
          (error: unknown) => error,
        )
        if (failure === null) break
        expect(failure).toMatchObject({ notApplied: batch.cells })
      }
      expect(await store.read(RANGE)).toMatchObject([{ value: 1 }])
      await client.close()
      await proxy.close()
      await place.close()
    })

    it('read the server’s clock when the store opens', async () => {
      const place = await freshPlace(url!, 'clock')
      const { clock } = await mongoDriver(place.client, place.options).open(await countSchema({ minute: 60 }))
      expect(Math.abs(clock! - Date.now() / 1000)).toBeLessThan(5)
      await place.close()
    })
  })
}
