import { BSON, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openLegacy } from '../src/index.ts'
import { expectExact, legacyCases, optionsOf, sampleText } from './support/legacy-cases.ts'

const servers = [
  ['SecantusDB', process.env.KAIROS_TEST_MONGO_URL],
  ['mongo-java-server', process.env.KAIROS_TEST_MONGO_JAVA_URL],
] as const

describe.each(servers)('what Python kairos wrote into %s', (_name, url) => {
  describe.skipIf(url === undefined)('', () => {
    const client = new MongoClient(url ?? 'mongodb://localhost')
    /** The databases of other tests must not be taken for these. */
    const own = (database: string): string => `legacy_${database}`
    const databases = new Set<string>()

    beforeAll(async () => {
      const documents = new Map<string, { database: string; collection: string; all: object[] }>()
      for (const line of sampleText('mongo.jsonl').split('\n').filter(Boolean)) {
        const { database, collection, document } = BSON.EJSON.parse(line, { relaxed: false }) as {
          database: string
          collection: string
          document: object
        }
        const key = `${database} ${collection}`
        if (!documents.has(key)) documents.set(key, { database: own(database), collection, all: [] })
        documents.get(key)!.all.push(document)
        databases.add(own(database))
      }
      for (const database of databases) await client.db(database).dropDatabase()
      for (const { database, collection, all } of documents.values())
        await client.db(database).collection(collection).insertMany(all)
    })
    afterAll(async () => {
      for (const database of databases) await client.db(database).dropDatabase()
      await client.close()
    })

    it.each(legacyCases('mongo').map((each) => [each.id, each] as const))('is read exactly: %s', async (_id, each) => {
      const options = optionsOf(each)
      await expectExact(each, await openLegacy(client, { ...options, database: own(options.database!) }))
    })
  })
})
