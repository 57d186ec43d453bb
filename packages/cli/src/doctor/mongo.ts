import { importPeer } from '@kairos/core/driver'
import { clockFinding, type Finding, finding, type Probe } from './finding.ts'

/** What is used of mongodb. */
interface Client {
  connect(): Promise<unknown>
  db(): Database
  close(): Promise<void>
}
interface Database {
  command(command: object): Promise<Readonly<Record<string, unknown>>>
  listCollections(): { toArray(): Promise<readonly { readonly name: string }[]> }
  collection(name: string): {
    findOne(filter: object): Promise<object | null>
    indexes(): Promise<
      readonly { readonly key: object; readonly unique?: boolean; readonly expireAfterSeconds?: number }[]
    >
  }
}
interface Mongo {
  readonly MongoClient: new (url: string, options: object) => Client
}

const UNIQUE = 'name,interval,i,r,s'

/** Looks at a MongoDB server and at the collections of Kairos; writes nothing. */
export const probeMongo: Probe = async function* (url, { timeout }) {
  const { MongoClient } = (await importPeer({ package: 'mongodb', scheme: 'mongodb', from: import.meta.url })) as Mongo
  const client = new MongoClient(url, { serverSelectionTimeoutMS: timeout, socketTimeoutMS: timeout })
  try {
    await client.connect()
    yield* lookedAt(client.db(), url)
  } finally {
    await client.close()
  }
}

async function* lookedAt(database: Database, url: string): AsyncGenerator<Finding> {
  const { version } = await database.command({ buildInfo: 1 })
  yield finding('version', true, String(version))
  const before = Date.now() / 1000
  const hello = await database.command({ hello: 1 })
  if (hello.localTime instanceof Date) yield clockFinding(hello.localTime.getTime() / 1000, before, Date.now() / 1000)
  yield finding(
    'role',
    hello.isWritablePrimary !== false,
    hello.isWritablePrimary === false ? 'secondary' : 'primary',
    'connect to the replica set, not to one of its members',
  )
  const isSet = typeof hello.setName === 'string'
  const retries = !/[?&]retryWrites=false/i.test(url)
  yield finding(
    'lost answers',
    isSet && retries,
    isSet ? `replica set, retryWrites ${retries ? 'on' : 'off'}` : 'not a replica set',
    isSet
      ? 'remove retryWrites=false: it settles one lost answer by itself'
      : 'a replica set of one member settles a lost answer by itself',
  )
  for (const { name } of await database.listCollections().toArray()) yield* collection(database, name)
}

/** The indexes of a collection that has the records of a timeseries. */
async function* collection(database: Database, name: string): AsyncGenerator<Finding> {
  const own = database.collection(name)
  if ((await own.findOne({ _id: 'kairos' })) === null) return
  const indexes = await own.indexes()
  const isComplete = indexes.some(({ key, unique }) => unique === true && Object.keys(key).join() === UNIQUE)
  const expires = indexes.some(
    ({ key, expireAfterSeconds }) => expireAfterSeconds === 0 && Object.keys(key).join() === 'expireAt',
  )
  const missing = [...(isComplete ? [] : [`the unique one of ${UNIQUE}`]), ...(expires ? [] : ['that of expireAt'])]
  yield missing.length === 0
    ? finding(`indexes of ${name}`, true, 'both exist')
    : {
        check: `indexes of ${name}`,
        state: 'fail',
        found: `missing: ${missing.join(' and ')}`,
        todo: 'open the timeseries with the right to create indexes, which recreates them',
      }
}
