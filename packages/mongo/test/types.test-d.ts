import { createTimeseries } from '@kairos/core'
import { type ClientSession, type Collection, type Db, MongoClient } from 'mongodb'
import { expectTypeOf, it } from 'vitest'
import { type MongoDriver, mongoDriver } from '../src/index.ts'

const client = new MongoClient('mongodb://localhost')

it('takes a client and a database of the package mongodb as they are', () => {
  expectTypeOf(mongoDriver).toBeCallableWith(client)
  expectTypeOf(mongoDriver).toBeCallableWith(client.db() as Db, { collectionName: 'hits' })
  expectTypeOf(mongoDriver('mongodb://localhost')).toEqualTypeOf<MongoDriver>()
})

it('adds a session to writes and reads, and types fetch', () => {
  const counts = createTimeseries(mongoDriver(client), { type: 'count', intervals: { minute: { step: 60 } } })
  const session = client.startSession() as ClientSession
  void counts.insert('a', 1, { session })
  void counts.get('a', 'minute', { session })
  // @ts-expect-error: no other option
  void counts.insert('a', 1, { pipeline: session })
  void counts.get('a', 'minute', {
    fetch: (collection: Collection, { filter, sort, projection }) => collection.find(filter, { sort, projection }),
  })
  void counts.get('a', 'minute', {
    fetch: (collection, { filter, projection }) => collection.find(filter, { projection }),
  })
})
