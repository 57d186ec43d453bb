import { type Collection, type Db, MongoClient } from 'mongodb'

let places = 0

/** A place that no other test uses, and a client of the test's own to look at it. */
export interface Place {
  readonly client: MongoClient
  readonly db: Db
  readonly collection: Collection
  readonly url: string
  readonly options: { readonly database: string; readonly collectionName: string }
  close(): Promise<void>
}

export async function freshPlace(url: string, title: string): Promise<Place> {
  const client = new MongoClient(url)
  const database = 'kairos_tests'
  const collectionName = `${title}_${process.pid}_${places++}`
  const db = client.db(database)
  return {
    client,
    db,
    collection: db.collection(collectionName),
    url,
    options: { database, collectionName },
    async close() {
      await db.collection(collectionName).drop()
      await client.close()
    },
  }
}
