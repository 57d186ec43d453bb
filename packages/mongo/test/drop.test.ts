import { startFaultProxy } from '@kairos/driver-tests'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers, urlWith } from './servers.ts'
import { batchOf, countSchema } from './stores/opening.ts'
import { freshPlace, type Place } from './stores/raw.ts'

const RANGE = { names: ['a'], interval: 'minute', range: { first: 0, last: 10 } }
const RECORDS = { _id: 'kairos' as never }

async function collectionsOf({ db, options }: Place): Promise<string[]> {
  const found = await db.listCollections({}, { nameOnly: true }).toArray()
  return found.map(({ name }) => name).filter((name) => name.startsWith(options.collectionName))
}

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`a timeseries that is dropped on ${name}`, () => {
    it('has a collection of its own beneath that of the driver, which goes with it', async () => {
      const place = await freshPlace(url!, 'named')
      const driver = mongoDriver(place.client, { ...place.options, lease: 1 })
      const schema = await countSchema({ minute: 60 })
      const [plain, views, other] = [
        await driver.open(schema),
        await driver.open({ ...schema, name: 'views' }),
        await driver.open({ ...schema, name: 'Views' }),
      ]
      const { collectionName } = place.options
      const all = [
        collectionName,
        `${collectionName}.count.views`,
        expect.stringMatching(/\.count\.views_[0-9a-f]{16}$/),
      ]
      expect((await collectionsOf(place)).sort()).toEqual(all)
      expect((await driver.discover!()).map((found) => found.name).sort()).toEqual(['Views', 'views', undefined])
      await views.store.drop!(null)
      await other.store.drop!(null)
      expect(await collectionsOf(place)).toEqual([collectionName])
      await plain.store.write(batchOf({}))
      // By the collectionName of another driver, its collection is not that of a name.
      const beneath = mongoDriver(place.client, { ...place.options, collectionName: `${collectionName}.count.views` })
      await beneath.open(schema)
      await expect(driver.open({ ...schema, name: 'views' })).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG' })
      await place.db.collection(`${collectionName}.count.views`).drop()
      await place.close()
    })

    it('is dropped by the next process to open it if the first one has died midway', async () => {
      const place = await freshPlace(url!, 'half')
      const driver = mongoDriver(place.client, { ...place.options, lease: 1 })
      const schema = await countSchema({ minute: 60 })
      const old = await driver.open(schema)
      await old.store.write(batchOf({}))
      const closing = { token: 'gone', until: new Date(0) }
      await place.collection.updateOne(RECORDS, { $set: { closing, dropped: true, intervals: [] } })
      expect(await driver.discover!()).toEqual([])
      const fresh = await driver.open(schema)
      expect(await fresh.store.read(RANGE)).toEqual([])
      expect((await place.collection.indexes()).map((index) => index.name)).toContain('kairos_cells')
      await expect(old.store.read(RANGE)).rejects.toMatchObject({ configChanged: true })
      await fresh.store.write(batchOf({ change: 2 }))
      expect(await fresh.store.read(RANGE)).toMatchObject([{ value: 2 }])
      await place.close()
    })

    it('in one interval gives it a new key, so that a store that had it open stays refused', async () => {
      const place = await freshPlace(url!, 'interval')
      const driver = mongoDriver(place.client, { ...place.options, lease: 1 })
      const wide = await countSchema({ minute: 60, hour: 3600 })
      const old = await driver.open(wide)
      const narrow = await driver.open(await countSchema({ minute: 60 }))
      await old.store.write(batchOf({}, { interval: 'hour' }))
      await narrow.store.drop!('hour')
      // Whatever was dropped may be dropped again: the answer may have been lost.
      await narrow.store.drop!('hour')
      const fresh = await driver.open(wide)
      await expect(old.store.read(RANGE)).rejects.toMatchObject({ configChanged: true })
      const hours = { ...RANGE, interval: 'hour' }
      expect(await fresh.store.read(hours)).toEqual([])
      await fresh.store.write(batchOf({ interval: 'hour', change: 4 }))
      expect(await fresh.store.read(hours)).toMatchObject([{ value: 4 }])
      expect(await narrow.store.read(RANGE)).toMatchObject([{ value: 1 }])
      const keys = await place.collection.distinct('interval', { name: 'a' })
      expect(keys.sort()).toEqual([expect.stringMatching(/^hour\uffff\d+$/), 'minute'])
      await place.close()
    })

    it('is gone when a drop whose answer was lost is repeated', async () => {
      const place = await freshPlace(url!, 'lost')
      const { hostname, port } = new URL(url!)
      let cuts = 1
      const proxy = await startFaultProxy({
        target: { host: hostname, port: Number(port) },
        decide: (data) => (Buffer.from(data).includes('\x02drop\0') && cuts-- > 0 ? 'cut-reply' : null),
      })
      const host = `${proxy.host}:${proxy.port}`
      const through = urlWith(url!, { host, directConnection: 'true', retryWrites: 'false' })
      const driver = mongoDriver(through, { ...place.options, lease: 1 })
      const { store } = await driver.open(await countSchema({ minute: 60 }))
      await store.write(batchOf({}))
      await expect(store.drop!(null)).rejects.toMatchObject({ retry: 'later' })
      await store.drop!(null)
      expect(await collectionsOf(place)).toEqual([])
      await driver.close()
      await proxy.close()
      await place.client.close()
    })
  })
}
