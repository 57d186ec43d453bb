import { DatabaseSync } from 'node:sqlite'
import type { Redis } from 'ioredis'
import { BSON, type MongoClient } from 'mongodb'
import { sampleText } from './legacy-cases.ts'

/** Fills a file with what Python kairos wrote into SQLite. */
export function writeSqliteSamples(file: string): void {
  const database = new DatabaseSync(file)
  database.exec(sampleText('sqlite.sql'))
  database.close()
}

/** Fills a server with what it wrote into Redis, in several databases. */
export async function writeRedisSamples(clientOf: (db: number) => Redis): Promise<void> {
  let db = 0
  const sent: Promise<unknown>[] = []
  for (const line of sampleText('redis.jsonl').split('\n').filter(Boolean)) {
    const [command, ...rest] = JSON.parse(line) as string[]
    if (command === 'SELECT') db = Number(rest[0])
    else sent.push(clientOf(db).call(command!, ...rest))
  }
  await Promise.all(sent)
}

/** The databases of other tests must not be taken for these. */
export function ownDatabase(database: string): string {
  return `legacy_${database}`
}

/** Fills a server with what it wrote into MongoDB; resolves to the databases. */
export async function writeMongoSamples(client: MongoClient): Promise<string[]> {
  const documents = new Map<string, { database: string; collection: string; all: object[] }>()
  for (const line of sampleText('mongo.jsonl').split('\n').filter(Boolean)) {
    const { database, collection, document } = BSON.EJSON.parse(line, { relaxed: false }) as {
      database: string
      collection: string
      document: object
    }
    const key = `${database} ${collection}`
    if (!documents.has(key)) documents.set(key, { database: ownDatabase(database), collection, all: [] })
    documents.get(key)!.all.push(document)
  }
  const databases = [...new Set(Array.from(documents.values(), ({ database }) => database))]
  for (const database of databases) await client.db(database).dropDatabase()
  for (const { database, collection, all } of documents.values())
    await client.db(database).collection(collection).insertMany(all)
  return databases
}
