import { createTimeseries, type TimeseriesType, type ValueType } from '@kairos/core'
import mongodb, { type Collection, Decimal128, Double, Long } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { createLayout } from '../src/documents/create-layout.ts'
import type { OpenInterval } from '../src/documents/intervals.ts'
import { mongoDriver } from '../src/index.ts'
import { scalarCodec } from '../src/values/codecs.ts'
import { Damaged } from '../src/values/damaged.ts'
import { servers } from './servers.ts'
import { freshPlace } from './stores/raw.ts'

const CONFIG = { type: 'count', intervals: { minute: { step: 60 } }, now: () => 600 } as const
const NO_NUMBER = ['5', null, undefined, Number.NaN, Number.POSITIVE_INFINITY, [1], { a: 1 }, true, new Date(5)]
const SUMMARY = { n: 2, sum: 7, min: 2, max: 5, last: 5, at: 90 }
const DAY = new Date('2024-02-29T00:00:00Z')

/** What something else may have made of a document, by type and valueType; at the end of each line, what is right. */
const documents: [TimeseriesType, ValueType, { wrong: object[]; right: object }][] = [
  [
    'count',
    'float',
    { wrong: NO_NUMBER.map((bad) => ({ b: { 10: bad } })), right: { b: { 10: 5, 59: Long.fromNumber(1) } } },
  ],
  ['count', 'float', { wrong: ['x', null, [7], undefined].map((b) => ({ b })), right: { b: { 0: new Double(5) } } }],
  [
    'count',
    'float',
    { wrong: [{ b: { 60: 7 } }, { b: { '010': 7 } }, { b: { '1e1': 7 } }, { b: { '-1': 7 } }], right: { b: {} } },
  ],
  [
    'series',
    'float',
    { wrong: [{}, { v: 'x' }, ...NO_NUMBER.map((bad) => ({ v: [1, bad] }))], right: { v: [1, 0.5] } },
  ],
  ['series', 'int', { wrong: [{ v: [0.5] }, { v: [2 ** 53] }], right: { v: [1, Long.fromNumber(2 ** 40)] } }],
  [
    'series',
    'int64',
    { wrong: [{ v: ['1'] }, { v: [0.5] }, { v: [null] }], right: { v: [1n, Long.fromNumber(1), 1] } },
  ],
  [
    'series',
    'decimal',
    { wrong: [1, 'NaN', '1', null].map((bad) => ({ v: [bad] })), right: { v: [Decimal128.fromString('1')] } },
  ],
  [
    'series',
    'decimal',
    { wrong: ['NaN', 'Infinity'].map((bad) => ({ v: [Decimal128.fromString(bad)] })), right: { v: [] } },
  ],
  [
    'gauge',
    'datetime',
    { wrong: [0, null, new Date(Number.NaN)].map((bad) => ({ b: { 0: bad } })), right: { b: { 0: DAY } } },
  ],
  ['gauge', 'date', { wrong: [new Date(1), '2024-02-29'].map((bad) => ({ b: { 0: bad } })), right: { b: { 0: DAY } } }],
  ['gauge', 'boolean', { wrong: [1, 'true', null].map((bad) => ({ b: { 0: bad } })), right: { b: { 0: false } } }],
  ['gauge', 'string', { wrong: [1, null].map((bad) => ({ b: { 0: bad } })), right: { b: { 0: '' } } }],
  ['gauge', 'blob', { wrong: ['x', null].map((bad) => ({ b: { 0: bad } })), right: { b: { 0: new Uint8Array(1) } } }],
  [
    'histogram',
    'int',
    { wrong: NO_NUMBER.map((bad) => ({ h: { 1: bad } })), right: { h: { '1': 1, '-5': new Double(2) } } },
  ],
  [
    'histogram',
    'int',
    {
      wrong: [
        ...[{}, { h: null }, { h: { x: 1 } }, { h: { '': 1 } }, { h: { '1': 1, '01': 1 } }],
        ...['0,5', '9007199254740992', '1e300'].map((value) => ({ h: { [value]: 1 } })),
        ...[-1, 0, 0.5].map((times) => ({ h: { '1': times } })),
      ],
      right: { h: {} },
    },
  ],
  [
    'distribution',
    'float',
    {
      wrong: [
        ...['0,5', '524288', '-524288', '1e300', 'x'].map((bin) => ({ h: { [bin]: 1 } })),
        ...[-1, 0, 0.5, 'x'].map((times) => ({ h: { '16614': times } })),
      ],
      right: { h: { '0': 1, '-524287': new Double(2), '524287': 1 } },
    },
  ],
  [
    'summary',
    'float',
    {
      wrong: [...NO_NUMBER, -1, 0, 0.5].map((n) => ({ b: { 0: { ...SUMMARY, n } } })),
      right: { b: { 0: SUMMARY, 1: { ...SUMMARY, n: new Double(2 ** 53) } } },
    },
  ],
  [
    'set',
    'int',
    {
      wrong: [{ h: [] }, { h: 'x' }, { h: { '1': true, '1,0': true } }, { h: { '1': false } }],
      right: { h: { '1': true } },
    },
  ],
]

describe('damage', () => {
  it.each(documents)(
    'in a document of a %s of %s is an error, never a value',
    async (type, valueType, { wrong, right }) => {
      const layout = await createLayout(type, scalarCodec(valueType, mongodb), mongodb, new Map())
      const interval = { bucketAt: (i: number) => i, resolutionBucketAt: () => 0 } as unknown as OpenInterval
      const read = (fields: object): void => layout.read({ name: 'a', i: 0, r: 0, ...fields }, interval, () => {})
      for (const fields of wrong) expect(() => read(fields), JSON.stringify(fields)).toThrow(Damaged)
      read(right)
    },
  )
})

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`damage on ${name}`, () => {
    it('in a document is an error that says where it is', async () => {
      const place = await freshPlace(url!, 'damage')
      const counts = createTimeseries(mongoDriver(place.client, place.options), CONFIG)
      await counts.insert('a', 5)
      await place.collection.updateOne({ name: 'a' }, { $set: { 'b.10': '5' } })
      await expect(counts.get('a', 'minute')).rejects.toMatchObject({
        code: 'KAIROS_STORE_FAILED',
        message: expect.stringContaining(
          'the document of "a" with i = 0, r = 0 is damaged, or something else wrote it',
        ),
      })
      await place.collection.updateOne({ name: 'a' }, { $set: { 'b.10': Number.NaN } })
      const counted = counts.insert('a', 1, { returning: 'minute' })
      await expect(counted).rejects.toMatchObject({ stored: 0, maybeApplied: [{ name: 'a' }] })
      await place.close()
    })

    it('is an error where values are moved, where more is written, and in a number that is added to', async () => {
      const place = await freshPlace(url!, 'damage')
      const driver = mongoDriver(place.client, place.options)
      const config = { ...CONFIG, valueType: 'int' } as const
      const histogram = createTimeseries(driver, { ...config, name: 'h', type: 'histogram' })
      const series = createTimeseries(driver, { ...config, name: 's', type: 'series' })
      const counts = createTimeseries(driver, { ...CONFIG, name: 'c' })
      const spread = { base: 2 ** 26, batch: 1, level: 0, count: 0 }
      const damages: [object, object][] = [
        ...['x', 5, {}, { ...spread, base: 7 }, { ...spread, level: 1e9 }, { ...spread, count: -1 }].map(
          (chunks): [object, object] => [{ chunks }, { chunks: '' }],
        ),
        ...[[5], 'x'].map((l): [object, object] => [{ l }, { l: '' }]),
        [{ frozen: { h: { '5': 1 } } }, { frozen: '' }],
        ...['x', { h: [] }, { l: 'x' }].map((frozen): [object, object] => [
          { frozen, chunks: spread },
          { frozen: '', chunks: '' },
        ]),
      ]
      const collections = ['histogram.h', 'series.s', 'count.c'].map((end) =>
        place.db.collection(`${place.options.collectionName}.${end}`),
      )
      const [cells, lists, numbers] = collections as [Collection, Collection, Collection]
      await histogram.insert('a', 5)
      for (const [$set, $unset] of damages) {
        await cells.updateOne({ name: 'a' }, { $set })
        const reading = histogram.get('a', 'minute')
        await expect(reading, JSON.stringify($set)).rejects.toMatchObject({
          message: expect.stringContaining('the document of "a" with i = 10, r = 0, s = 0 is damaged'),
        })
        await cells.updateOne({ name: 'a' }, { $unset })
      }
      expect([...(await histogram.get('a', 'minute')).values()]).toEqual([new Map([[5, 1]])])
      await cells.updateOne({ name: 'a' }, { $set: { n: 'x' } })
      await series.insert('a', 5)
      await lists.updateOne({ name: 'a' }, { $set: { n: 'x' } })
      await counts.insert('a', 5)
      await numbers.updateOne({ name: 'a' }, { $set: { 'b.10': 'x' } })
      for (const written of [histogram, series, counts])
        await expect(written.insert('a', 6)).rejects.toMatchObject({
          ...{ retryable: false, stored: 0, maybeApplied: [], notApplied: [{ name: 'a' }] },
          message: expect.stringContaining('damaged'),
        })
      for (const collection of collections) await collection.drop()
      await place.client.close()
    })

    it('by how something else created the collection is refused', async () => {
      for (const options of [{ capped: true, size: 4_096 }, { collation: { locale: 'en', strength: 1 } }]) {
        const place = await freshPlace(url!, 'damage')
        const { collectionName } = place.options
        const created = await place.db.createCollection(collectionName, options).catch(() => null)
        const found = (await place.db.listCollections({ name: collectionName }).next()) as { options?: object } | null
        const known = found?.options ?? {}
        const opening = createTimeseries(mongoDriver(place.client, place.options), CONFIG).open()
        // The other server knows neither.
        if (created === null || !('capped' in known || 'collation' in known)) await opening
        else await expect(opening).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path: 'collectionName' })
        await place.close()
      }
    })

    it('by a document of something else that takes the place of the records is an error, instead of a wait', async () => {
      const place = await freshPlace(url!, 'damage')
      await place.collection.insertOne({ hello: 1 })
      await expect(createTimeseries(mongoDriver(place.client, place.options), CONFIG).open()).rejects.toMatchObject({
        code: 'KAIROS_INVALID_CONFIG',
        path: 'collectionName',
        message: expect.stringContaining('a document of something else'),
      })
      await place.close()
    })
  })
}
