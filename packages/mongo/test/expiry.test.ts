import { setTimeout as sleep } from 'node:timers/promises'
import { createTimeseries } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { freshPlace } from './stores/raw.ts'

/** mongod looks once a minute. */
const PATIENCE = 90_000

for (const { name, url, expires } of servers) {
  describe.skipIf(url === undefined)(`expiry on ${name}`, () => {
    it('a bucket is not read after it expires, and its document disappears by itself', {
      timeout: 2 * PATIENCE,
    }, async () => {
      const place = await freshPlace(url!, 'ttl')
      const driver = mongoDriver(place.client, place.options)
      const seconds = createTimeseries(driver, {
        type: 'series',
        valueType: 'int',
        intervals: { two: { step: 2, steps: 1 }, ever: { step: 2 } },
      })
      await seconds.open()
      const bucket = Math.floor(Date.now() / 2_000) + 1
      while (Date.now() < bucket * 2_000) await sleep(bucket * 2_000 - Date.now())
      await seconds.insert('a', [1, 2])
      expect([...(await seconds.get('a', 'two')).values()]).toEqual([[1, 2]])
      const instant = (bucket + 1) * 2_000
      const expiring = { interval: 'two' }
      expect((await place.collection.findOne(expiring))!.expireAt).toEqual(new Date(instant))
      // A timer may end a moment early.
      while (Date.now() < instant) await sleep(instant - Date.now())
      expect(await seconds.series('a', 'two', { start: bucket * 2, end: bucket * 2 })).toEqual(
        new Map([[bucket * 2, []]]),
      )
      expect(await seconds.properties('a')).toEqual({ ever: { first: bucket * 2, last: bucket * 2 } })
      if (expires) {
        const deadline = Date.now() + PATIENCE
        while ((await place.collection.countDocuments(expiring)) > 0) {
          expect(Date.now()).toBeLessThan(deadline)
          await sleep(200)
        }
      }
      expect([...(await seconds.series('a', 'ever', { start: bucket * 2, end: bucket * 2 })).values()]).toEqual([
        [1, 2],
      ])
      await place.close()
    })

    it('of two timeseries that keep the same cells for different times, the longer time counts', async () => {
      const place = await freshPlace(url!, 'longer')
      const driver = mongoDriver(place.client, place.options)
      const [short, long, ever] = [2, 2_000, undefined].map((steps) =>
        createTimeseries(driver, { type: 'gauge', intervals: { minute: { step: 60, ...(steps && { steps }) } } }),
      )
      const expiry = async (): Promise<Date> => (await place.collection.findOne({ name: 'a' }))!.expireAt
      await long!.insert('a', 1)
      const later = await expiry()
      await short!.insert('a', 2)
      expect(await expiry()).toEqual(later)
      await ever!.insert('a', 3)
      await short!.insert('a', 4)
      expect((await expiry()).getUTCFullYear()).toBe(9999)
      await place.close()
    })
  })
}
