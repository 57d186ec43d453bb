import type { CellStore, CellValue, StoredCell, StoreSchema } from '@kairos/core/driver'
import { type Fault, startFaultProxy } from '@kairos/driver-tests'
import type { Collection, Db, MongoClient } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers, urlWith } from './servers.ts'
import { batchOf, countSchema, failureOf } from './stores/opening.ts'
import { freshPlace, type Place } from './stores/raw.ts'

const RANGE = { names: ['a'], interval: 'minute', range: { first: 0, last: 100 } }
const LONG = process.env.KAIROS_TEST_SIZE === 'long'
const ROUNDS = LONG ? 200 : 8
/** A change that by itself is too large for the head. */
const LARGE = 2_000
const LARGE_FROM = 1_000_000

const numbers = (first: number, length: number): number[] => Array.from({ length }, (_, index) => first + index)
const CHANGES = {
  series: (values: number[]): CellValue => values,
  histogram: (values: number[]): CellValue => new Map(values.map((value) => [value, 1])),
  set: (values: number[]): CellValue => new Set(values),
}
type Kind = keyof typeof CHANGES

async function schemaOf(type: Kind, valueType = 'int'): Promise<StoreSchema> {
  return { ...(await countSchema({ minute: 60 })), type, valueType, record: `{"type":"${type}"}` }
}

async function storeAt(place: Place, type: Kind, valueType?: string): Promise<CellStore> {
  return (await mongoDriver(place.client, place.options).open(await schemaOf(type, valueType))).store
}

/** The values of a cell, each as often as the parts have it. */
function valuesIn(cells: readonly Pick<StoredCell, 'value'>[]): unknown[] {
  return cells.flatMap(({ value }) =>
    value instanceof Map
      ? [...value].flatMap(([scalar, times]) => Array.from({ length: times as number }, () => scalar))
      : [...(value as Iterable<unknown>)],
  )
}

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`a change on ${name}`, () => {
    it.each(['series', 'histogram', 'set'] as const)('is seen as a whole in a crowded %s', async (type) => {
      const place = await freshPlace(url!, 'whole')
      const [one, two] = [await storeAt(place, type), await storeAt(place, type)]
      const write = (store: CellStore, values: number[]) => store.write(batchOf({ change: CHANGES[type](values) }))
      await write(one, numbers(0, 1_200))
      let writing = true
      const writeAll = async (): Promise<void> => {
        for (let round = 0; round < ROUNDS; round++) {
          await Promise.all([
            write(one, numbers(10_000 + round * 400, 400)),
            write(two, numbers(LARGE_FROM + round * LARGE, LARGE)),
          ])
        }
        writing = false
      }
      const look = async (): Promise<number> => {
        const values = valuesIn(await two.read(RANGE)) as number[]
        // In a set, a value may be in several parts.
        const own = type === 'set' ? [...new Set(values)] : values
        const large = own.filter((value) => value >= LARGE_FROM).length
        expect([large % LARGE, (own.length - large) % 400]).toEqual([0, 0])
        return own.length
      }
      const lookOn = async (): Promise<void> => {
        while (writing) await look()
      }
      await Promise.all([writeAll(), lookOn()])
      expect(await look()).toBe(1_200 + ROUNDS * (400 + LARGE))
      await place.close()
    })

    it('is seen as a whole by a read during which values are moved', async () => {
      const place = await freshPlace(url!, 'meanwhile')
      const writer = await storeAt(place, 'histogram')
      await writer.write(batchOf({ change: CHANGES.histogram(numbers(0, 3_000)) }))
      let writes = 0
      const between = async (): Promise<void> => {
        if (writes++ < 2) await writer.write(batchOf({ change: CHANGES.histogram(numbers(0, 3_000)) }))
      }
      const { store } = await mongoDriver(slowedBy(place.client, between), place.options).open(
        await schemaOf('histogram'),
      )
      const values = valuesIn(await store.read(RANGE))
      expect(values).toHaveLength(9_000)
      expect(new Set(values).size).toBe(3_000)
      expect(writes).toBeGreaterThan(2)
      await place.close()
    })

    it('is stored once, though moves of values are cut at every step', async () => {
      const place = await freshPlace(url!, 'cut_moves')
      const { hostname, port } = new URL(url!)
      let [moves, random] = [0, 1]
      const fault = (): Fault | null => {
        moves++
        random = (random * 16_807) % 2_147_483_647
        return random % 3 === 0 ? 'cut-reply' : random % 7 === 0 ? 'cut-request' : null
      }
      const proxy = await startFaultProxy({
        target: { host: hostname, port: Number(port) },
        decide: (data) => (/frozen|batch/.test(Buffer.from(data).toString('latin1')) ? fault() : null),
      })
      const host = `${proxy.host}:${proxy.port}`
      const through = urlWith(url!, { host, directConnection: 'true', retryWrites: 'false', retryReads: 'false' })
      const driver = mongoDriver(through, place.options)
      const { store } = await driver.open(await schemaOf('histogram'))
      const clean = await storeAt(place, 'histogram')
      const expected = new Map<unknown, number>()
      for (let round = 0; round < 3 * ROUNDS; round++) {
        const values = Array.from(
          { length: round % 2 === 0 ? 1_500 : 300 },
          (_, index) => (round * 1_777 + index * 31) % 5_000,
        )
        await store.write(batchOf({ change: CHANGES.histogram(values) }))
        for (const value of values) expected.set(value, (expected.get(value) ?? 0) + 1)
        const found = new Map<unknown, number>()
        for (const value of valuesIn(await clean.read(RANGE))) found.set(value, (found.get(value) ?? 0) + 1)
        expect(found).toEqual(expected)
      }
      expect(moves).toBeGreaterThan(ROUNDS)
      expect(await place.collection.countDocuments({ name: 'a' })).toBeGreaterThan(1)
      await driver.close()
      await proxy.close()
      await place.close()
    })

    it('finds its chunks renewed, and none of a deleted cell', async () => {
      const place = await freshPlace(url!, 'orphans')
      const schema = await schemaOf('set')
      const { minute } = schema.intervals
      const expiring = { ...schema, intervals: { minute: { ...minute!, expiresAt: () => 7_000_000_000 } } }
      const { store: early } = await mongoDriver(place.client, place.options).open(expiring)
      const store = await storeAt(place, 'set')
      await early.write(batchOf({ change: new Set(numbers(0, 3_000)) }))
      await store.write(batchOf({ change: new Set(numbers(0, 3_000)) }))
      const ends = await place.collection.distinct('expireAt', { name: 'a' })
      expect(ends).toEqual([new Date('9999-12-31T23:59:59.999Z')])
      // What a writer leaves that moves values while their cell is deleted.
      await place.collection.deleteOne({ name: 'a', s: 0 })
      const fetch = (collection: { find(filter: object): object }, { filter }: { filter: object }) =>
        collection.find(filter)
      const seen = async () => [
        valuesIn(await store.read(RANGE)),
        await store.bounds(RANGE),
        (await store.names({ oldestLive: { minute: 0 }, limit: 9 })).names,
        (await store.fetch!(RANGE, fetch)).map(({ row }) => store.decodeRow!(row)),
      ]
      expect(await seen()).toEqual([[], null, [], []])
      await store.write(batchOf({ change: new Set([7]) }))
      expect(await seen()).toEqual([[7], { first: 1, last: 1 }, ['a'], [new Set([7])]])
      await place.close()
    })

    it('is not read in part if a document of its cell is lost', async () => {
      const place = await freshPlace(url!, 'lost')
      const store = await storeAt(place, 'histogram')
      await store.write(batchOf({ change: CHANGES.histogram([1]) }))
      // As if it had been written a million times: the same value, which needs no million chunks.
      await place.collection.updateOne({ name: 'a' }, { $set: { n: 1_000_000 } })
      await store.write(batchOf({ change: CHANGES.histogram(numbers(0, 3_000)) }))
      expect(await place.collection.countDocuments({ name: 'a' })).toBeLessThan(12)
      await place.collection.deleteOne({ name: 'a', s: { $gt: 0 } })
      expect(await failureOf(store.read(RANGE))).toMatchObject({ message: expect.stringContaining('is missing') })
      await place.close()
    })

    it('waits in the head while a chunk that it belongs into is damaged', async () => {
      const place = await freshPlace(url!, 'waits')
      const store = await storeAt(place, 'histogram')
      const write = () => store.write(batchOf({ change: CHANGES.histogram(numbers(0, 3_000)) }))
      await write()
      const chunk = (await place.collection.findOne({ name: 'a', s: { $gt: 0 } }))!
      const field = `h.${Object.keys(chunk.h)[0]}`
      await place.collection.updateOne({ _id: chunk._id }, { $set: { [field]: 'x' } })
      await write()
      expect(await failureOf(store.read(RANGE))).toMatchObject({ message: expect.stringContaining('is damaged') })
      await place.collection.updateOne({ _id: chunk._id }, { $set: { [field]: 1 } })
      await write()
      const expected = numbers(0, 3_000).flatMap((value) => [value, value, value])
      expect(valuesIn(await store.read(RANGE)).sort()).toEqual(expected.sort())
      await place.close()
    })

    // Documents of 16 MB take seconds.
    if (LONG) {
      it('goes to a deeper chunk if its own cannot hold it', async () => {
        const place = await freshPlace(url!, 'deeper')
        const store = await storeAt(place, 'set', 'text')
        const texts = Array.from({ length: 4 }, (_, index) => `${index}${'x'.repeat(9_000_000)}`)
        for (const text of texts) {
          await store.write(batchOf({ change: new Set([text]) }))
          await place.collection.updateOne({ name: 'a', chunks: { $exists: true } }, { $set: { 'chunks.level': 0 } })
        }
        const sizes = (await store.read(RANGE)).flatMap(({ value }) =>
          Array.from(value as ReadonlySet<string>, (text) => [text[0], text.length]),
        )
        expect(sizes.sort()).toEqual(texts.map((text, index) => [String(index), text.length]))
        await place.close()
      })
    }
  })
}

/** The same client, in which something happens before chunks are read. */
function slowedBy(client: MongoClient, between: () => Promise<void>): MongoClient {
  const wrap = <T extends object>(object: T, replaced: Partial<Record<string, (...given: never[]) => unknown>>): T =>
    new Proxy(object, {
      get(target, name) {
        const value = replaced[String(name)] ?? Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  const find = (collection: Collection) => (filter: { s?: unknown }, options: object) => {
    const cursor = collection.find(filter, options)
    const hasNext = async () => {
      if (typeof filter.s === 'object') await between()
      return cursor.hasNext()
    }
    return wrap(cursor, { hasNext })
  }
  const collection = (db: Db) => (name: string, options: object) => {
    const own = db.collection(name, options)
    return wrap(own, { find: find(own) })
  }
  const db = (name: string) => {
    const own = client.db(name)
    return wrap(own, { collection: collection(own) })
  }
  return wrap(client, { db })
}
