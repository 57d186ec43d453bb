import { createTimeseries, memoryDriver } from '@kairos/core'
import type { Collection, Db } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { freshPlace, type Place } from './stores/raw.ts'

const interval = { intervals: { minute: { step: 60 } } }
const unique = { type: 'unique', ...interval } as const

function valuesOf(writer: number, round: number): { name: string; value: string; timestamp: number }[] {
  return Array.from({ length: 60 }, (_, index) => ({ name: 'a', value: `${writer} ${round} ${index}`, timestamp: 60 }))
}

for (const { name, url } of servers)
  describe.skipIf(url === undefined)(`uniques on ${name}`, () => {
    let place: Place
    beforeAll(async () => {
      place = await freshPlace(url!, 'uniques')
    })
    afterAll(() => place.close())

    it('writers at once lose no register', async () => {
      const writers = [0, 1, 2, 3].map(() => mongoDriver(url!, place.options))
      const stored = writers.map((driver) => createTimeseries(driver, unique))
      const expected = createTimeseries(memoryDriver(), unique)
      await Promise.all(
        stored.map(async (own, writer) => {
          for (let round = 0; round < 3; round++) await own.bulkInsert(valuesOf(writer, round))
        }),
      )
      for (const writer of writers.keys())
        for (let round = 0; round < 3; round++) await expected.bulkInsert(valuesOf(writer, round))
      expect(await stored[0]!.get('a', 'minute', { timestamp: 60 })).toEqual(
        await expected.get('a', 'minute', { timestamp: 60 }),
      )
      await stored[0]!.deleteAll()
      await Promise.all(writers.map((driver) => driver.close()))
    })

    it('what is deleted while a write merges into it does not come back', async () => {
      let deletions = 0
      const meddling = before(place.db, 'bulkWrite', async (operations) => {
        if (deletions > 0 || !operations.some(({ updateOne }) => !updateOne.upsert)) return
        deletions++
        await place.collection.deleteMany({ name: 'a' })
      })
      const driver = mongoDriver(meddling, { collectionName: place.options.collectionName })
      const stored = createTimeseries(driver, unique)
      await stored.bulkInsert(valuesOf(0, 0))
      await stored.bulkInsert(valuesOf(1, 0).slice(0, 3))
      expect(deletions).toBe(1)
      expect([...(await stored.get('a', 'minute', { timestamp: 60 })).values()]).toEqual([3])
      await driver.close()
    })
  })

for (const { name, url } of servers.filter(({ pipelines }) => pipelines))
  describe.skipIf(url === undefined)(`summaries on ${name}`, () => {
    it('are six doubles beside those of other buckets', async () => {
      const place = await freshPlace(url!, 'summaries')
      const driver = mongoDriver(url!, place.options)
      const summaries = createTimeseries(driver, { type: 'summary', ...interval })
      await summaries.insert('a', 5, { timestamp: 90 })
      await summaries.insert('a', 2, { timestamp: 70 })
      await summaries.insert('a', 4, { timestamp: 130 })
      expect(await place.collection.findOne({ name: 'a' }, { projection: { _id: 0, expireAt: 0 } })).toEqual({
        ...{ name: 'a', interval: 'minute', i: 0, r: 0, s: 0 },
        b: {
          1: { n: 2, sum: 7, min: 2, max: 5, last: 5, at: 90 },
          2: { n: 1, sum: 4, min: 4, max: 4, last: 4, at: 130 },
        },
      })
      await driver.close()
      await place.close()
    })
  })

type Updates = readonly { readonly updateOne: { readonly upsert?: boolean } }[]

/** The database, with something that happens before each of these calls on a collection. */
function before(db: Db, method: 'bulkWrite', work: (operations: Updates) => Promise<void>): Db {
  const meddle = (collection: Collection): Collection =>
    replaced(collection, method, async (operations: Updates, options: object) => {
      await work(operations)
      return collection.bulkWrite(operations as never, options)
    })
  return replaced(db, 'collection', (name: string, options: object) => meddle(db.collection(name, options)))
}

function replaced<T extends object>(object: T, method: string, by: unknown): T {
  return new Proxy(object, {
    get(target, key) {
      const found: unknown = key === method ? by : Reflect.get(target, key, target)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
}
