import type { Client } from 'cassandra-driver'
import { describe, expectTypeOf, it } from 'vitest'
import type { CassandraClientLike, CassandraDriver, CassandraFetch, cassandraDriver } from '../src/index.ts'

describe('types', () => {
  it('a Client of cassandra-driver fits', () => {
    expectTypeOf<Client>().toExtend<CassandraClientLike>()
    expectTypeOf<typeof cassandraDriver<Client>>().returns.toEqualTypeOf<CassandraDriver<Client>>()
  })

  it('a custom fetch is called with that client', () => {
    expectTypeOf<CassandraFetch<Client>>().parameter(0).toEqualTypeOf<Client>()
  })
})
