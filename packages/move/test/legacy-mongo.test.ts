import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openLegacy } from '../src/index.ts'
import { expectExact, legacyCases, optionsOf } from './support/legacy-cases.ts'
import { ownDatabase, writeMongoSamples } from './support/legacy-stores.ts'

const servers = [
  ['SecantusDB', process.env.KAIROS_TEST_MONGO_URL],
  ['mongo-java-server', process.env.KAIROS_TEST_MONGO_JAVA_URL],
] as const

describe.each(servers)('what Python kairos wrote into %s', (_name, url) => {
  describe.skipIf(url === undefined)('', () => {
    const client = new MongoClient(url ?? 'mongodb://localhost')
    let databases: readonly string[] = []

    beforeAll(async () => {
      databases = await writeMongoSamples(client)
    })
    afterAll(async () => {
      for (const database of databases) await client.db(database).dropDatabase()
      await client.close()
    })

    it.each(legacyCases('mongo').map((each) => [each.id, each] as const))('is read exactly: %s', async (_id, each) => {
      const options = optionsOf(each)
      await expectExact(each, await openLegacy(client, { ...options, database: ownDatabase(options.database!) }))
    })
  })
})
