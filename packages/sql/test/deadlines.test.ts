import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import type { Fault } from '@kairos/driver-tests'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SqlDriver, sqlDriver } from '../src/index.ts'
import { startProxy } from './support/faulty.ts'
import { freshDatabase } from './support/places.ts'
import { servers } from './support/servers.ts'
import { cell, schemaOf } from './support/stores.ts'

/** Long enough for a busy machine to send a statement within half of it. */
const TIMEOUT = 3_000
const schema = schemaOf({ minute: '{"version":1,"step":60}' })
const live = { minute: Number.MIN_SAFE_INTEGER }
const range = { names: ['a'], interval: 'minute', range: { first: 0, last: 10 } }

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`deadlines on ${name}`, () => {
    /** A driver through a proxy that swallows the next statement of this kind. */
    async function stalling(kind: RegExp) {
      const place = await freshDatabase(url!, 'deadlines')
      let stalls = 0
      const decide = (text: string): Fault | null => (kind.test(text) && stalls++ === 0 ? 'stall' : null)
      const { proxy, through, arm } = await startProxy({ url: place.url, decide })
      const driver = sqlDriver(through, { timeout: TIMEOUT })
      const { store } = await driver.open(schema)
      arm(true)
      const end = async (): Promise<void> => {
        arm(false)
        await proxy.close()
        await place.drop()
      }
      return { driver, store, end }
    }

    it('a write that is not answered is in doubt, and the next one uses another connection', async () => {
      const { driver, store, end } = await stalling(/insert into/)
      const cells = [cell('a')]
      const failure = { retry: 'later', maybeApplied: cells, notApplied: [], message: expect.stringMatching(/3000 ms/) }
      await expect(store.write({ cells, oldestLive: live })).rejects.toMatchObject(failure)
      await store.write({ cells: [cell('b')], oldestLive: live })
      expect(await store.read({ ...range, names: ['b'] })).toHaveLength(1)
      await driver.close()
      await end()
    })

    it('of a transaction, only a commit that is not answered is in doubt', async () => {
      for (const [kind, list] of [
        [/insert/, 'notApplied'],
        [/commit/, 'maybeApplied'],
      ] as const) {
        const { driver, store, end } = await stalling(kind)
        const cells = [cell('a')]
        await expect(store.write({ cells, oldestLive: live, id: 'x' })).rejects.toMatchObject({ [list]: cells })
        await driver.close()
        await end()
      }
    })

    it('a read that is not answered rejects, and close resolves', async () => {
      const { driver, store, end } = await stalling(/select/)
      await expect(store.read(range)).rejects.toMatchObject({ retry: 'later' })
      await driver.close()
      await end()
    })
  })
}

describe('a peer that accepts connections and never answers', () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
  })
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  it.each(['postgres', 'mysql', 'mariadb'])(
    '%s: opening rejects, and may be tried again; closing ends',
    async (scheme) => {
      const url = `${scheme}://u@127.0.0.1:${(server.address() as AddressInfo).port}/x`
      const driver: SqlDriver = sqlDriver(url, { timeout: TIMEOUT })
      await expect(driver.open(schema)).rejects.toMatchObject({ retry: 'later', inDoubt: false })
      await driver.close()
    },
  )
})
