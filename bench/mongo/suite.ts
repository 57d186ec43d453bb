import { bucketing, createTimeseries } from '@kairos/core'
import { mongoDriver } from '@kairos/mongo'
import { BSON, type Collection, type Db, MongoClient } from 'mongodb'
import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import { events, FIRST_MOMENT, intervals } from '../workload.ts'
import { type Hour, type Minute, readChunksByHand, writeCellsByHand, writeChunksByHand } from './by-hand.ts'

const EVENTS = 100_000
const BUCKETS = 1_440
const READS = 20
/** Explicit doubles: a whole JavaScript number would be measured as an int32. */
const STORED = { promoteValues: false }

/** Counts on MongoDB: bulk writes, reads and the size of a bucket, each compared with hand-written code on the same server. */
export const suite: Suite = {
  servers: ['mongo', 'mongo-java'],
  async run(report, urls) {
    for (const [server, url] of Object.entries(urls)) {
      const client = new MongoClient(url)
      const db = client.db('kairos_bench')
      await db.dropDatabase()
      await writing(report, server, client, db)
      await reading(report, server, client, db)
      await db.dropDatabase()
      await client.close()
    }
  },
}

const config = { type: 'count', intervals: { minute: intervals.minute } } as const

async function writing(report: Report, server: string, client: MongoClient, db: Db): Promise<void> {
  const points = events(EVENTS)
  const [chunks, cells] = [db.collection('chunks_by_hand'), db.collection<Minute>('cells_by_hand')]
  await chunks.createIndex({ name: 1, interval: 1, i: 1, r: 1, s: 1 }, { unique: true })
  await chunks.createIndex({ expireAt: 1 }, { expireAfterSeconds: 0 })
  await cells.createIndex({ name: 1, interval: 1, bucket: 1 }, { unique: true })
  const driver = mongoDriver(client, { database: db.databaseName, collectionName: 'by_driver' })
  const counts = createTimeseries(driver, config)
  await counts.open()
  const empty = (collection: Collection | Collection<Minute>) => () => collection.deleteMany({})
  const measured = await report.compare({
    title: `${server}: ${EVENTS.toLocaleString('en')} events into counts of a minute, 50 names: one bulk write`,
    amount: EVENTS,
    unit: 'events',
    rounds: 7,
    target: { speed: 0.9 },
    variants: [
      { name: 'the same chunk updates by hand', prepare: empty(chunks), run: () => writeChunksByHand(chunks, points) },
      { name: 'bulkInsert()', prepare: () => counts.deleteAll(), run: () => counts.bulkInsert(points) },
    ],
  })
  const cellwise = await report.compare({
    title: `${server}: the same events, against a document a bucket`,
    amount: EVENTS,
    unit: 'events',
    rounds: 3,
    target: { speed: 5 },
    variants: [
      { name: 'a document a bucket by hand', prepare: empty(cells), run: () => writeCellsByHand(cells, points) },
      { name: 'bulkInsert()', prepare: () => counts.deleteAll(), run: () => counts.bulkInsert(points) },
    ],
  })
  if (measured.length === 0 || cellwise.length === 0) return
  const documents = await db.collection('by_driver').find({ interval: 'minute' }, STORED).toArray()
  const buckets = documents.reduce((sum, { b }) => sum + Object.keys(b).length, 0)
  const bytes = documents.reduce((sum, document) => sum + BSON.calculateObjectSize(document), 0)
  report.figure(`${server}: a bucket in a document`, bytes / buckets, 'bytes', `${buckets} buckets, without the index`)
  const single = await cells.find({}, STORED).toArray()
  report.figure(
    `${server}: a document a bucket`,
    single.reduce((sum, document) => sum + BSON.calculateObjectSize(document), 0) / single.length,
    'bytes',
    'without the index',
  )
}

async function reading(report: Report, server: string, client: MongoClient, db: Db): Promise<void> {
  const counts = createTimeseries(mongoDriver(client, { database: db.databaseName, collectionName: 'read' }), config)
  const minutes = bucketing(60)
  const first = minutes.toBucket(FIRST_MOMENT)
  const last = first + BUCKETS - 1
  const names = Array.from({ length: 20 }, (_, index) => `series-${index}`)
  await counts.bulkInsert(
    names.flatMap((name) =>
      Array.from({ length: BUCKETS }, (_, index) => ({ name, value: index, timestamp: (first + index) * 60 })),
    ),
  )
  const documents = db.collection<Hour>('read')
  const range = { start: first * 60, end: last * 60 }
  await report.compare({
    title: `${server}: ${BUCKETS.toLocaleString('en')} buckets of a name`,
    amount: BUCKETS * READS,
    unit: 'buckets',
    target: { time: 1.25 },
    variants: [
      {
        name: 'a raw find, folded into a Map',
        async run() {
          for (let read = 0; read < READS; read++) await readChunksByHand(documents, names[read % 20]!, first, last)
        },
      },
      {
        name: 'series()',
        async run() {
          for (let read = 0; read < READS; read++) await counts.series(names[read % 20]!, 'minute', range)
        },
      },
    ],
  })
}
