import { describeDriver } from '@kairos/driver-tests'
import { afterAll, describe, it } from 'vitest'
import { type CassandraFetch, cassandraDriver } from '../src/index.ts'
import { create } from './support/create.ts'
import { RING_URL, SINGLE_URL } from './support/servers.ts'

const size = process.env.KAIROS_TEST_SIZE === 'long' ? 'long' : 'short'

/** A read of the caller's that reads what `read` does. */
const fetch: CassandraFetch = async (client, { table, name, interval, buckets, partitions }) => {
  const query = `SELECT * FROM ${table} WHERE name = ? AND interval = ? AND win = ? AND sub = ? AND part = ? AND i >= ? AND i <= ?`
  const texts = ({ win, sub, part }: (typeof partitions)[number]): unknown[] => [
    name,
    interval,
    String(win),
    String(sub),
    part,
  ]
  const results = partitions.map((partition) =>
    client.execute(query, [...texts(partition), String(buckets.first), String(buckets.last)], {
      prepare: true,
      consistency: 4,
      isIdempotent: true,
      fetchSize: 100_000,
    }),
  )
  return (await Promise.all(results)).flatMap(({ rows = [] }) => rows)
}

for (const [title, url, replicas] of [
  ['one node', SINGLE_URL, 1],
  ['a ring of three, three replicas', RING_URL, 3],
] as const) {
  describe.skipIf(url === undefined)(title, () => {
    const env = { KAIROS_URL: url ?? '', KAIROS_REPLICAS: String(replicas) }
    describeDriver({
      runner: { describe, it, afterAll },
      size,
      name: 'from a URL',
      create(request) {
        Object.assign(process.env, env)
        return create(request)
      },
      fetch: () => fetch,
      processes: { module: new URL('./support/create.ts', import.meta.url), env },
      unreachable: () => cassandraDriver('cassandra://127.0.0.1:1/kit'),
      timeout: 300_000,
    })
  })
}
