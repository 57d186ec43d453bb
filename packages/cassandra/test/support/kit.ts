import { describeDriver } from '@kairos/driver-tests'
import { afterAll, describe, it } from 'vitest'
import { type CassandraFetch, cassandraDriver } from '../../src/index.ts'
import { create } from './create.ts'

const size = process.env.KAIROS_TEST_SIZE === 'long' ? 'long' : 'short'

/** A custom read that reads the same as `read`. */
const fetch: CassandraFetch = async (client, { table, name, buckets, windows }) => {
  const query = `SELECT * FROM ${table} WHERE name = ? AND window = ? AND i >= ? AND i <= ?`
  const results = windows.map((window) =>
    client.execute(query, [name, window, String(buckets.first), String(buckets.last)], {
      prepare: true,
      consistency: 4,
      isIdempotent: true,
      fetchSize: 100_000,
    }),
  )
  return (await Promise.all(results)).flatMap(({ rows = [] }) => rows)
}

/** The conformance kit against these nodes; in its short size only the groups given. */
export function describeKit(url: string, replicas: number, groups?: readonly string[]): void {
  const keyspace = `kit_${Date.now().toString(36)}`
  const env = { KAIROS_URL: url, KAIROS_REPLICAS: String(replicas), KAIROS_KEYSPACE: keyspace }
  describeDriver({
    runner: { describe, it, afterAll },
    size,
    ...(size === 'short' && groups !== undefined && { groups }),
    name: 'from a URL',
    create(request) {
      Object.assign(process.env, env)
      return create(request)
    },
    fetch: () => fetch,
    processes: { module: new URL('./create.ts', import.meta.url), env },
    unreachable: () => cassandraDriver('cassandra://127.0.0.1:1/kit'),
    factory: {
      make: cassandraDriver as (client: unknown, options?: unknown) => unknown,
      url: 'cassandra://127.0.0.1:1/kit',
    },
    timeout: 600_000,
  })
}
