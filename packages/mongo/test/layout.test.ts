import { createTimeseries } from '@kairos/core'
import { Binary, Decimal128, Double, Long } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { freshPlace } from './stores/raw.ts'

const NOW = Date.UTC(2024, 1, 29, 12, 17, 30) / 1000
const minute = { minute: { step: 60 } } as const

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`documents on ${name}`, () => {
    it('hold sixty counts each, as doubles, under one unique index and one TTL index', async () => {
      const place = await freshPlace(url!, 'layout')
      const hits = createTimeseries(mongoDriver(place.client, place.options), {
        type: 'count',
        intervals: { minute: { step: 60, steps: 1440 }, day: { step: 'daily', resolution: '1h', steps: 7 } },
        now: () => NOW,
      })
      await hits.insert('home', 2)
      await hits.insert('home', 0.5, { timestamp: NOW + 60 })
      await hits.insert('home')
      const documents = await place.collection
        .find({ name: 'home' }, { sort: { interval: 1 }, promoteValues: false })
        .toArray()
      expect(documents.map(({ _id, expireAt, ...rest }) => JSON.parse(JSON.stringify(rest)))).toEqual([
        { name: 'home', interval: 'day', i: 20240229, r: 0, s: 0, b: { 12: 3.5 } },
        { name: 'home', interval: 'minute', i: Math.floor(NOW / 3600), r: 0, s: 0, b: { 17: 3, 18: 0.5 } },
      ])
      expect(documents[1]!.b['17']).toBeInstanceOf(Double)
      const [day, minutes] = documents.map(({ expireAt }) => expireAt as Date)
      // The last of the 60 minutes counts; a day expires by the calendar. The clock of the test is not the server's.
      const ahead = NOW - Date.now() / 1000
      const near = (date: Date | undefined, seconds: number) =>
        expect(Math.abs(date!.getTime() / 1000 + ahead - seconds)).toBeLessThan(60)
      near(minutes, Math.floor(NOW / 3600) * 3600 + 59 * 60 + 1440 * 60)
      near(day, Date.UTC(2024, 2, 7) / 1000)

      const indexes = await place.collection.indexes()
      expect(indexes.map(({ name: index }) => index).sort()).toEqual(['_id_', 'kairos_cells', 'kairos_expiry'])
      expect(indexes.find(({ name: index }) => index === 'kairos_cells')).toMatchObject({ unique: true })
      expect(Number(indexes.find(({ name: index }) => index === 'kairos_expiry')!.expireAfterSeconds)).toBe(0)
      await hits.close()
      await place.close()
    })

    it('hold each value as its BSON type', async () => {
      const place = await freshPlace(url!, 'types')
      const stored = async (valueType: string, value: unknown): Promise<unknown> => {
        const options = { ...place.options, collectionName: `${place.options.collectionName}_${valueType}` }
        const driver = mongoDriver(place.client, options)
        const config = { type: 'series', valueType, intervals: minute, now: () => NOW } as never
        const timeseries = createTimeseries(driver, config) as unknown as {
          insert(name: string, value: unknown): Promise<unknown>
          get(name: string, interval: string): Promise<Map<number, unknown[]>>
        }
        await timeseries.insert('a', [value])
        const [back] = [...(await timeseries.get('a', 'minute')).values()]
        expect(back).toEqual([value])
        const collection = place.db.collection(options.collectionName)
        const document = await collection.findOne(
          { name: 'a' },
          { promoteValues: false, promoteLongs: false, promoteBuffers: false },
        )
        await collection.drop()
        return document!.v[0]
      }
      expect(await stored('float', 0.5)).toBeInstanceOf(Double)
      expect(await stored('int64', 2n ** 62n)).toEqual(Long.fromBigInt(2n ** 62n))
      expect(await stored('decimal', '0.0000001')).toEqual(Decimal128.fromString('1E-7'))
      expect(await stored('blob', Uint8Array.of(0, 255))).toBeInstanceOf(Binary)
      expect(await stored('datetime', new Date(5))).toEqual(new Date(5))
      expect(await stored('date', '2024-02-29')).toEqual(new Date('2024-02-29T00:00:00Z'))
      expect(await stored('boolean', false)).toBe(false)
      expect(await stored('string', 'x')).toBe('x')
      await place.client.close()
    })

    it('hold one large gauge each, so that sixty of them cannot exceed the limit of a document', async () => {
      const place = await freshPlace(url!, 'gauges')
      const pages = createTimeseries(mongoDriver(place.client, place.options), {
        type: 'gauge',
        valueType: 'text',
        intervals: minute,
      })
      const page = 'x'.repeat(1_000_000)
      await pages.bulkInsert(
        Array.from({ length: 20 }, (_, index) => ({ name: 'a', value: `${page}${index}`, timestamp: index * 60 })),
      )
      const back = await pages.series('a', 'minute', { start: 0, end: 19 * 60 })
      expect([...back.values()].map((text) => (text as string).length)).toEqual(
        Array.from({ length: 20 }, (_, index) => 1_000_000 + String(index).length),
      )
      expect(await place.collection.countDocuments({ name: 'a' })).toBe(20)
      await pages.close()
      await place.close()
    })

    it('accept no operator from a caller', async () => {
      const place = await freshPlace(url!, 'hostile')
      const words = createTimeseries(mongoDriver(place.client, place.options), {
        type: 'histogram',
        valueType: 'string',
        intervals: minute,
        now: () => NOW,
      })
      const hostile = [
        '$where',
        '$inc',
        'n',
        'b.0',
        'h.x',
        '_id',
        '__proto__',
        'constructor',
        '',
        '\0',
        '\uffff',
        'a.$[].b',
        '$[]',
        '0',
        '00',
        '-1',
      ]
      await words.insert('victim', 'safe')
      for (const text of hostile) await words.insert(`$ne${text}`, hostile)
      const expected = new Map(hostile.map((text) => [text, 1]))
      for (const text of hostile) expect([...(await words.get(`$ne${text}`, 'minute')).values()]).toEqual([expected])
      expect([...(await words.get('victim', 'minute')).values()]).toEqual([new Map([['safe', 1]])])
      for (const wrong of [{ $ne: '' }, { $gt: '' }, /./, ['a'], null]) {
        await expect(words.insert(wrong as never, 'x')).rejects.toMatchObject({ code: 'KAIROS_INVALID_VALUE' })
        await expect(words.delete(wrong as never)).rejects.toMatchObject({ code: 'KAIROS_INVALID_VALUE' })
      }
      expect((await words.list()).length).toBe(1 + hostile.length)
      await words.close()
      await place.close()
    })
  })
}
