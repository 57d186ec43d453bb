import { createTimeseries } from '@kairos/core'
import { Client } from 'cassandra-driver'
import type { Report } from '../harness.ts'
import type { Suite } from '../suite.ts'
import {
  COUNTERS,
  countByHand,
  inFlight,
  insertByHand,
  type Minute,
  readByHand,
  readCountsByHand,
  TABLE,
} from './by-hand.ts'

const ROWS = 8_000
const DAY = 1_440
const FOR_A_WEEK = { minute: { step: 60, steps: 7 * DAY } } as const
const ROUNDS = 5
/** Warm-up runs: a node compiles what it runs often, and is several times slower until then. */
const WARMING = 5
/** For the hot bucket. */
const SECONDS = 10
const RATE = 100

/** Cassandra compared with hand-written prepared statements, on one node; then the cost of three nodes on the same machine. */
export const suite: Suite = {
  servers: ['cassandra', 'cassandra-ring'],
  async run(report, urls) {
    await onNodes(urls.cassandra!, 1, async (client, url) => {
      await bulk(report, client, url, 'of 8,000 names', ROWS)
      await bulk(report, client, url, 'of 8 names', 8)
      await reads(report, client, url)
      await hotBucket(report, url)
      for (const names of [100, 10_000]) await pages(report, url, names)
    })
    await growth(report, urls)
  },
}

async function warm(work: () => Promise<unknown>): Promise<void> {
  for (let run = 0; run < WARMING; run++) await work()
}

async function onNodes(
  server: string,
  replicas: number,
  work: (client: Client, url: string) => Promise<void>,
): Promise<void> {
  const [, hosts = ''] = /\/\/([^/]+)/.exec(server) ?? []
  const port = Number(/:(\d+)/.exec(hosts)?.[1])
  const client = new Client({
    contactPoints: hosts.split(','),
    protocolOptions: { port },
    localDataCenter: 'datacenter1',
  })
  await client.execute(
    `CREATE KEYSPACE IF NOT EXISTS bench WITH replication = {'class': 'NetworkTopologyStrategy', 'replication_factor': ${replicas}}`,
  )
  for (const table of [TABLE, COUNTERS]) await client.execute(table)
  try {
    await work(client, `${server}/bench`)
  } finally {
    await client.shutdown()
  }
}

/** Rows of the last day, spread over this many names. */
function minutesOf(names: number): Minute[] {
  const first = Math.floor(Date.now() / 60_000) - DAY
  return Array.from({ length: ROWS }, (_, index) => ({
    name: `name ${index % names}`,
    minute: first + Math.floor(index / names),
    value: index,
  }))
}

async function bulk(report: Report, client: Client, url: string, title: string, names: number): Promise<void> {
  const rows = minutesOf(names)
  const points = rows.map(({ name, minute, value }) => ({ name, timestamp: minute * 60, value }))
  const gauges = await createTimeseries(url, { type: 'gauge', intervals: FOR_A_WEEK }).open()
  const counts = await createTimeseries(url, { type: 'count', intervals: FOR_A_WEEK }).open()
  await warm(async () => {
    await insertByHand(client, rows, 7 * 86_400)
    await countByHand(client, rows)
    await gauges.bulkInsert(points)
    await counts.bulkInsert(points)
  })
  await report.compare({
    title: `Cassandra: ${ROWS.toLocaleString('en')} minutes ${title}, with a TTL`,
    amount: ROWS,
    unit: 'cells',
    target: { speed: 0.85 },
    rounds: ROUNDS,
    variants: [
      { name: 'prepared INSERT by hand, 128 in flight', run: () => insertByHand(client, rows, 7 * 86_400) },
      { name: 'bulkInsert() of gauges', run: () => gauges.bulkInsert(points) },
    ],
  })
  await report.compare({
    title: `Cassandra: ${ROWS.toLocaleString('en')} minutes ${title}, added to`,
    amount: ROWS,
    unit: 'cells',
    target: { speed: 0.85 },
    rounds: ROUNDS,
    variants: [
      { name: 'prepared UPDATE of a counter by hand, 128 in flight', run: () => countByHand(client, rows) },
      { name: 'bulkInsert() of counts, with a TTL', run: () => counts.bulkInsert(points) },
    ],
  })
  await report.compare({
    title: `Cassandra: ${ROWS.toLocaleString('en')} minutes ${title}, what adding costs over replacing`,
    amount: ROWS,
    unit: 'cells',
    rounds: ROUNDS,
    variants: [
      { name: 'prepared INSERT by hand, 128 in flight', run: () => insertByHand(client, rows, 7 * 86_400) },
      { name: 'bulkInsert() of counts', run: () => counts.bulkInsert(points) },
    ],
  })
  await gauges.close()
  await counts.close()
}

async function reads(report: Report, client: Client, url: string): Promise<void> {
  const today = Math.floor(Date.now() / 86_400_000)
  const rows = Array.from({ length: DAY }, (_, minute) => ({
    name: 'read',
    minute: (today - 1) * DAY + minute,
    value: minute,
  }))
  const points = rows.map(({ name, minute, value }) => ({ name, timestamp: minute * 60, value }))
  const gauges = await createTimeseries(url, { type: 'gauge', intervals: FOR_A_WEEK }).open()
  const counts = await createTimeseries(url, { type: 'count', intervals: FOR_A_WEEK }).open()
  await insertByHand(client, rows, 7 * 86_400)
  await gauges.bulkInsert(points)
  await counts.delete('read')
  await counts.bulkInsert(points)
  const range = { start: (today - 1) * 86_400, end: today * 86_400 - 1 }
  const times = 20
  const often = (read: () => Promise<unknown>) => async () => {
    for (let time = 0; time < times; time++) await read()
  }
  await report.compare({
    title: 'Cassandra: a day of minutes, read',
    amount: times * DAY,
    unit: 'cells',
    target: { time: 1.5 },
    variants: [
      { name: 'SELECT by hand', run: often(() => readByHand(client, 'read', today - 1)) },
      { name: 'series() of gauges', run: often(() => gauges.series('read', 'minute', range)) },
    ],
  })
  await report.compare({
    title: 'Cassandra: a day of minutes of counts, none folded yet, read',
    amount: times * DAY,
    unit: 'cells',
    target: { time: 1.5 },
    variants: [
      { name: 'the bare query of the same rows', run: often(() => readCountsByHand(client, 'read', today - 1)) },
      { name: 'series() of counts', run: often(() => counts.series('read', 'minute', range)) },
    ],
  })
  await report.compare({
    title: 'Cassandra: a day of minutes, what deltas cost over values',
    amount: times * DAY,
    unit: 'cells',
    variants: [
      { name: 'SELECT of values by hand', run: often(() => readByHand(client, 'read', today - 1)) },
      { name: 'series() of counts, none folded yet', run: often(() => counts.series('read', 'minute', range)) },
    ],
  })
  await gauges.close()
  await counts.close()
}

/** A page of names costs what it holds, not what the store holds. */
async function pages(report: Report, url: string, names: number): Promise<void> {
  const gauges = await createTimeseries(url, { name: `pages-${names}`, type: 'gauge', intervals: FOR_A_WEEK }).open()
  const points = Array.from({ length: names }, (_, index) => ({ name: `name ${index}`, value: index }))
  // Each is the first of its window, which costs two more writes: a busy machine takes long over all at once.
  while (points.length > 0) await gauges.bulkInsert(points.splice(0, 1_000))
  const taken: number[] = []
  for (let time = 0; time < 40; time++) {
    const before = performance.now()
    await gauges.list({ limit: 100, after: 'name 4' })
    taken.push(performance.now() - before)
  }
  taken.sort((a, b) => a - b)
  const title = `Cassandra: a page of 100 of ${names.toLocaleString('en')} names, median`
  report.figure(title, taken[taken.length >> 1]!, 'ms', 'from the middle, after "name 4"')
  await gauges.close()
}

/** One yearly bucket that receives everything: the cost of its reads while it is written to. */
async function hotBucket(report: Report, url: string): Promise<void> {
  const counts = await createTimeseries(url, { type: 'count', intervals: { year: { step: 'yearly' } } }).open()
  await counts.delete('hot')
  const taken: number[] = []
  const writes: Promise<unknown>[] = []
  const started = performance.now()
  while (performance.now() - started < SECONDS * 1_000) {
    const due = Math.floor(((performance.now() - started) / 1_000) * RATE)
    while (writes.length < due) writes.push(counts.insert('hot', 1))
    const before = performance.now()
    await counts.get('hot', 'year')
    taken.push(performance.now() - before)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await Promise.all(writes)
  const [stored] = (await counts.get('hot', 'year')).values()
  if (stored !== writes.length) throw new Error(`${stored} of ${writes.length} inserts are there`)
  taken.sort((a, b) => a - b)
  const note = `at ${RATE} inserts a second, for ${SECONDS} seconds`
  report.figure('Cassandra: a read of a hot yearly bucket, median', taken[taken.length >> 1]!, 'ms', note)
  report.figure(
    'Cassandra: a read of a hot yearly bucket, 99 of 100',
    taken[Math.floor(taken.length * 0.99)]!,
    'ms',
    note,
  )
  await counts.close()
}

/** Three nodes, three replicas, on the cores that one had before: the cost of replication, not the gain of more machines. */
async function growth(report: Report, urls: Readonly<Record<string, string>>): Promise<void> {
  const rows = minutesOf(ROWS).slice(0, 2_000)
  const points = rows.map(({ name, minute, value }) => ({ name, timestamp: minute * 60, value }))
  await onNodes(urls.cassandra!, 1, async (_single, url) => {
    await onNodes(urls['cassandra-ring']!, 3, async (_ring, ringUrl) => {
      const [one, three] = await Promise.all(
        [url, ringUrl].map((each) => createTimeseries(each, { type: 'count', intervals: FOR_A_WEEK }).open()),
      )
      await warm(() => three!.bulkInsert(points))
      await report.compare({
        title: 'Cassandra: 2,000 counts of 2,000 names, at LOCAL_QUORUM, all nodes on one machine',
        amount: rows.length,
        unit: 'cells',
        rounds: ROUNDS,
        variants: [
          { name: 'one node, one replica', run: () => one!.bulkInsert(points) },
          { name: 'three nodes, three replicas', run: () => three!.bulkInsert(points) },
        ],
      })
      const name = rows[0]!.name
      await warm(() => inFlight(rows.slice(0, 500), () => three!.get(name, 'minute')))
      await report.compare({
        title: 'Cassandra: a single bucket, read 500 times',
        amount: 500,
        unit: 'reads',
        rounds: ROUNDS,
        variants: [
          { name: 'one node', run: () => inFlight(rows.slice(0, 500), () => one!.get(name, 'minute')) },
          { name: 'three nodes, two asked', run: () => inFlight(rows.slice(0, 500), () => three!.get(name, 'minute')) },
        ],
      })
      await one!.close()
      await three!.close()
    })
  })
}
