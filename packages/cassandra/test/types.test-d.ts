import { createTimeseries } from '@kairos/core'
import type { Client } from 'cassandra-driver'
import { expectTypeOf, it } from 'vitest'
import {
  type CassandraClientLike,
  type CassandraDriver,
  type CassandraDriverOptions,
  type CassandraFetch,
  type CassandraFetchQuery,
  cassandraDriver,
} from '../src/index.ts'

declare const client: Client
const url = 'cassandra://localhost:9042/metrics'
const config = { type: 'count', intervals: { minute: { step: 60 } } } as const

it('takes a URL, or a Client of cassandra-driver as it is, with options', () => {
  expectTypeOf<Client>().toExtend<CassandraClientLike>()
  expectTypeOf(cassandraDriver(client)).toEqualTypeOf<CassandraDriver<Client>>()
  expectTypeOf(cassandraDriver(url)).toEqualTypeOf<CassandraDriver>()
  cassandraDriver(url, { replication: { dc1: 3 }, consistency: { read: 'one', write: 'all' }, lease: 1_000 })
  // Options that are computed may be undefined.
  expectTypeOf<{ keyspace: string | undefined; timeout: number | undefined }>().toExtend<CassandraDriverOptions>()
})

it('takes nothing else', () => {
  // @ts-expect-error: no store
  cassandraDriver()
  // @ts-expect-error: options of a client are not a client
  cassandraDriver({ contactPoints: ['localhost'] })
  // @ts-expect-error: no such option
  cassandraDriver(url, { keySpace: 'metrics' })
  // @ts-expect-error: no such level
  cassandraDriver(url, { consistency: 'LOCAL_QUORUM' })
  // @ts-expect-error: both levels or one for both
  cassandraDriver(url, { consistency: { read: 'one' } })
  // @ts-expect-error: a text is not a number of replicas
  cassandraDriver(url, { replication: '3' })
})

it("types fetch: the caller's own client, what is asked for, and rows", () => {
  expectTypeOf<CassandraFetch<Client>>().parameter(0).toEqualTypeOf<Client>()
  const counts = createTimeseries(cassandraDriver(client), config)
  void counts.get('a', 'minute', {
    fetch: async (own, query) => {
      expectTypeOf(own).toEqualTypeOf<Client>()
      expectTypeOf(query).toEqualTypeOf<CassandraFetchQuery>()
      const { table, name, windows } = query
      return (await own.execute(`SELECT * FROM ${table} WHERE name = ? AND window = ?`, [name, windows[0]])).rows
    },
  })
  // @ts-expect-error: rows are objects
  void counts.get('a', 'minute', { fetch: async () => ['a'] })
  // @ts-expect-error: writes have no options of their own
  void counts.insert('a', 1, { transaction: client })
})

it('infers what reads return', () => {
  const counts = createTimeseries(cassandraDriver(url), config)
  expectTypeOf(counts.get('a', 'minute')).resolves.toEqualTypeOf<Map<number, number>>()
  // @ts-expect-error: no such interval
  void counts.get('a', 'hour')
})
