import { createTimeseries } from '@kairos/core'
import { MongoClient } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { driverFromUrl, type MongoDriverOptions, mongoDriver } from '../src/index.ts'
import { servers, urlWith } from './servers.ts'
import { countSchema } from './stores/opening.ts'

const URL = 'mongodb://127.0.0.1:9'
const config = { type: 'gauge', intervals: { minute: { step: 60 } } } as const

describe('mongoDriver', () => {
  it('refuses invalid arguments before it connects', () => {
    const refused: [string | MongoClient, object, string][] = [
      [URL, { colectionName: 'a' }, 'colectionName'],
      ...['', 'a\0b', '\ud800'].map((name): [string, object, string] => [
        URL,
        { collectionName: name },
        'collectionName',
      ]),
      ...[5, 'a.b', 'a/b', 'a b', '$a', 'x'.repeat(64)].map((database): [string, object, string] => [
        URL,
        { database },
        'database',
      ]),
      ...['none', 5, {}, { mode: 'none' }].map((readPreference): [string, object, string] => [
        URL,
        { readPreference },
        'readPreference',
      ]),
      [URL, { writeConcern: { w: 0 } }, 'writeConcern'],
      ['postgres://localhost', {}, 'store'],
      ['mongodb://localhost/50%', {}, 'store'],
      [null as never, {}, 'store'],
      [5 as never, {}, 'store'],
      [{} as never, {}, 'store'],
      [URL, null as never, 'options'],
      [URL, { timeout: 0 }, 'timeout'],
      [URL, { timeout: '5s' }, 'timeout'],
      [URL, { lease: 0.5 }, 'lease'],
      [URL, { clientConfig: 'a' }, 'clientConfig'],
      [URL, { writeConcern: 1 }, 'writeConcern'],
      [new MongoClient(URL), { clientConfig: {} }, 'clientConfig'],
    ]
    for (const [store, options, path] of refused) {
      expect(() => mongoDriver(store, options as MongoDriverOptions)).toThrow(
        expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', path }),
      )
    }
  })

  it('says what the client rejects in a URL, without its password', async () => {
    for (const url of ['mongodb://user:secret@localhost/?nonsense=1', 'mongodb://user:sec%ret@localhost/a']) {
      const timeseries = createTimeseries(mongoDriver(url), config)
      const error = await timeseries.open().then(
        () => null,
        (reason: unknown) => reason,
      )
      expect(error).toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path: 'store' })
      expect(JSON.stringify([String(error), error])).not.toMatch(/secret|sec%ret|user/)
    }
  })

  it('refuses a valueType that it does not know, and records nothing', async () => {
    const schema = { ...(await countSchema({ minute: 60 })), type: 'series' as const, valueType: 'complex' }
    const place = { db: () => ({ databaseName: 'a', collection: () => ({ createIndexes: async () => {} }) }) }
    await expect(mongoDriver({ ...place, connect: async () => {} } as never).open(schema)).rejects.toMatchObject({
      ...{ code: 'KAIROS_UNSUPPORTED', feature: 'valueType' },
    })
  })

  it('refuses a client that does not wait for answers, and a database beside a Db', async () => {
    const client = new MongoClient(`${URL}/?w=0`)
    const unanswered = createTimeseries(mongoDriver(client), config)
    await expect(unanswered.open()).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path: 'writeConcern' })
    const database = createTimeseries(mongoDriver(client.db('a'), { database: 'b' }), config)
    await expect(database.open()).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path: 'database' })
  })
})

const [{ url } = { url: undefined }] = servers
describe.skipIf(url === undefined)('mongoDriver finds its database', () => {
  const client = new MongoClient(url ?? URL)
  const databases = ['kairos', 'kairos_named', 'kairos_of_url']
  afterAll(async () => {
    for (const name of databases) await client.db(name).collection('found').drop()
    await client.db('kairos').collection('gauge').drop()
    await client.close()
  })

  it('in the option, in the URL, in the client, or by its default name', async () => {
    const withoutPath = urlWith(url!, { path: '' })
    const withPath = urlWith(url!, { path: '/kairos_of_url' })
    const options = { collectionName: 'found' }
    const found: [ReturnType<typeof mongoDriver>, string][] = [
      [mongoDriver(withoutPath, options), 'kairos'],
      [mongoDriver(withPath, options), 'kairos_of_url'],
      [mongoDriver(withPath, { ...options, database: 'kairos_named' }), 'kairos_named'],
      [mongoDriver(client, options), 'kairos'],
      [mongoDriver(client, { ...options, database: 'kairos_named' }), 'kairos_named'],
      [mongoDriver(client.db('kairos_named'), options), 'kairos_named'],
      [
        mongoDriver(client, {
          ...options,
          readConcern: { level: 'majority' },
          writeConcern: { w: 'majority' },
          readPreference: 'primary',
        }),
        'kairos',
      ],
    ]
    for (const [driver, database] of found) {
      const gauge = createTimeseries(driver, config)
      const mark = Math.random()
      await gauge.insert('mark', mark, { timestamp: 0 })
      const document = await client.db(database).collection('found').findOne({ name: 'mark' })
      expect(document!.b).toEqual({ 0: mark })
      await driver.close()
    }
    // The test's own client is still open.
    expect(await client.db('kairos').command({ ping: 1 })).toMatchObject({ ok: 1 })
  })

  it('through core, by a URL alone', async () => {
    const driver = driverFromUrl(url!, { appName: 'kairos' })
    const gauge = createTimeseries(driver, { type: 'gauge', intervals: { minute: { step: 60 } } })
    await gauge.insert('by url', 1, { timestamp: 0 })
    expect([...(await gauge.get('by url', 'minute', { timestamp: 0 })).values()]).toEqual([1])
    await gauge.delete('by url')
    await driver.close()
  })
})
