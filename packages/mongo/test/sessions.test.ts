import { createTimeseries } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { freshPlace } from './stores/raw.ts'

const NOW = 1_700_000_000

for (const { name, url, sessions } of servers.filter((server) => server.sessions)) {
  describe.skipIf(url === undefined || !sessions)(`sessions on ${name}`, () => {
    it('make writes part of a transaction of the caller, with other documents', async () => {
      const place = await freshPlace(url!, 'session')
      const orders = createTimeseries(mongoDriver(place.client, place.options), {
        type: 'count',
        intervals: { minute: { step: 60 } },
        now: () => NOW,
      })
      await orders.open()
      const count = async (options: object = {}): Promise<unknown> =>
        [...(await orders.get('a', 'minute', options)).values()][0]
      const session = place.client.startSession()
      session.startTransaction()
      await orders.insert('a', 5, { session })
      expect(await count({ session })).toBe(5)
      expect(await count()).toBe(0)
      await session.abortTransaction()
      expect(await count()).toBe(0)
      await session.withTransaction(async () => {
        await orders.insert('a', 7, { session })
      })
      expect(await count()).toBe(7)
      await session.endSession()
      await place.close()
    })

    it('append to a series whose last chunk is known', async () => {
      const place = await freshPlace(url!, 'session')
      const options = { type: 'series', valueType: 'int', intervals: { minute: { step: 60 } }, now: () => NOW } as const
      const series = createTimeseries(mongoDriver(place.client, place.options), options)
      const numbers = Array.from({ length: 9_000 }, (_, index) => index)
      await series.insert('a', numbers)
      const session = place.client.startSession()
      session.startTransaction()
      await series.insert('a', [9_000], { session })
      await session.commitTransaction()
      await session.endSession()
      expect([...(await series.get('a', 'minute')).values()]).toEqual([[...numbers, 9_000]])
      await place.close()
    })
  })
}
