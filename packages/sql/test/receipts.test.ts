import { describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { freshPlaces } from './support/fresh-places.ts'
import { ask, kyselyOf } from './support/places.ts'
import { cell, schemaOf, sweepIn } from './support/stores.ts'

const folder = temporaryFolder()
const schema = schemaOf({ minute: '{"version":1,"step":60}' })
const live = { minute: Number.MIN_SAFE_INTEGER }
const range = { names: ['a'], interval: 'minute', range: { first: 0, last: 10 } }

const places = freshPlaces(folder, 'receipts')

for (const { name, skipped, fresh } of places) {
  describe.skipIf(skipped)(`ids of batches on ${name}`, () => {
    it('a batch is stored once: the same object is not reported as repeated, another object is, and another table stores its own', async () => {
      const place = await fresh()
      const drivers = ['one', 'one', 'two'].map((tableName) => sqlDriver(place.url, { tableName }))
      const [one, again, two] = await Promise.all(drivers.map(async (driver) => (await driver.open(schema)).store))
      const batch = () => ({ cells: [cell('a', 2)], oldestLive: live, id: 'key:'.padEnd(1_004, '🙂') })
      const first = batch()
      expect((await one!.write(first))?.repeated ?? false).toBe(false)
      expect((await one!.write(first))?.repeated ?? false).toBe(false)
      expect(await one!.write(batch())).toEqual({ repeated: true })
      expect(await again!.write(batch())).toEqual({ repeated: true })
      expect((await two!.write(batch()))?.repeated ?? false).toBe(false)
      expect(await one!.read(range)).toMatchObject([{ value: 2 }])
      for (const driver of drivers) await driver.close()
      await place.drop()
    })

    it('a batch with an id that overflows is refused as a whole, and stored once there is room', async () => {
      const place = await fresh()
      const driver = sqlDriver(place.url)
      const { store } = await driver.open(schema)
      await store.write({ cells: [cell('a', 1e308)], oldestLive: live })
      const cells = [cell('a', 1e308), cell('b', 1)]
      const batch = () => ({ cells, oldestLive: live, id: 'key:part' })
      for (let time = 0; time < 2; time++) {
        const failure = await store.write(batch()).catch((error: unknown) => error)
        expect(failure).toMatchObject({ retry: 'never', notApplied: cells, maybeApplied: [] })
      }
      expect(await store.read({ ...range, names: ['a', 'b'] })).toMatchObject([{ name: 'a', value: 1e308 }])
      await store.delete(['a'])
      expect((await store.write(batch()))?.repeated ?? false).toBe(false)
      expect(await store.write(batch())).toEqual({ repeated: true })
      await driver.close()
      await place.drop()
    })

    it('of many concurrent writes with the same id, one is stored', async () => {
      const place = await fresh()
      const driver = sqlDriver(place.url)
      const { store } = await driver.open(schema)
      const write = () => store.write({ cells: [cell('a', 3)], oldestLive: live, id: 'x' })
      const written = await Promise.all(Array.from({ length: 8 }, write))
      expect(written.filter((receipt) => receipt?.repeated !== true)).toHaveLength(1)
      expect(await store.read(range)).toMatchObject([{ value: 3 }])
      await driver.close()
      await place.drop()
    })

    it('ids are kept for as long as the capability states, then a sweep deletes them', async () => {
      const place = await fresh()
      const driver = sqlDriver(place.url)
      const { seconds } = driver.capabilities.exactlyOnce as { readonly seconds: number }
      const { store } = await driver.open(schema)
      for (const id of ['old', 'young']) await store.write({ cells: [cell('a')], oldestLive: live, id })
      const { db, close } = await kyselyOf(place.url)
      const kept = async () => Number((await ask(db, 'select count(*) as kept from kairos_schema_once'))[0]!.kept)
      await sweepIn(store, live)
      expect(await kept()).toBe(2)
      await ask(
        db,
        `update kairos_schema_once set stored_at = stored_at - ${seconds + 5} where id = (select id from (select min(id) as id from kairos_schema_once) first_one)`,
      )
      await sweepIn(store, live)
      expect(await kept()).toBe(1)
      await close()
      await driver.close()
      await place.drop()
    })
  })

  describe.skipIf(skipped)(`sums that overflow on ${name}`, () => {
    it.each([
      ['count', (times: number) => times],
      ['histogram', (times: number) => new Map([[7, times]])],
    ] as const)('%s: the cell is refused and stays, the others are stored', async (type, changeOf) => {
      const place = await fresh()
      const driver = sqlDriver(place.url)
      const { store } = await driver.open(schemaOf({ minute: '{"version":1,"step":60}' }, type))
      await store.write({ cells: [cell('a', changeOf(1e308))], oldestLive: live })
      const large = cell('a', changeOf(1e308))
      const cells = [large, cell('b', changeOf(1)), cell('c', changeOf(1e308))]
      await expect(store.write({ cells, oldestLive: live })).rejects.toMatchObject({
        notApplied: [large],
        maybeApplied: [],
        retry: 'never',
      })
      const found = await store.read({ ...range, names: ['a', 'b', 'c'] })
      expect(Object.fromEntries(found.map((each) => [each.name, each.value]))).toEqual({
        a: changeOf(1e308),
        b: changeOf(1),
        c: changeOf(1e308),
      })
      await driver.close()
      await place.drop()
    })
  })
}
