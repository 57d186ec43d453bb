import { createTimeseries } from '@kairos/core'
import { type ChainableCommander, Cluster, Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient, createCluster } from 'redis'
import { expectTypeOf, it } from 'vitest'
import { type RedisDriver, type RedisDriverOptions, type RedisFetchQuery, redisDriver } from '../src/index.ts'

const config = { type: 'count', intervals: { minute: { step: 60 } } } as const

it('takes a URL, or a client of any of the libraries as it is, with options', () => {
  expectTypeOf(redisDriver).toBeCallableWith('redis://localhost', { prefix: 'metrics', shards: 16, timeout: 2_000 })
  expectTypeOf(redisDriver).toBeCallableWith(new Redis())
  expectTypeOf(redisDriver).toBeCallableWith(new Cluster([]))
  expectTypeOf(redisDriver).toBeCallableWith(new Valkey())
  expectTypeOf(redisDriver).toBeCallableWith(createClient())
  expectTypeOf(redisDriver).toBeCallableWith(createCluster({ rootNodes: [] }))
  expectTypeOf(redisDriver('redis://localhost')).toEqualTypeOf<RedisDriver>()
  // Options that are computed may be undefined.
  expectTypeOf<{ prefix: string | undefined; lease: number | undefined }>().toExtend<RedisDriverOptions>()
})

it('takes nothing else', () => {
  // @ts-expect-error: no store
  redisDriver()
  // @ts-expect-error: options of a client are not a client
  redisDriver({ host: 'localhost' })
  // @ts-expect-error: no such option
  redisDriver('redis://localhost', { keyPrefix: 'metrics' })
  // @ts-expect-error: a text is not a time
  redisDriver('redis://localhost', { timeout: '2s' })
})

it('adds a pipeline to writes, and only to them', () => {
  const counts = createTimeseries(redisDriver(new Redis()), config)
  void counts.insert('a', 1, { pipeline: new Redis().multi() })
  void counts.insert('a', 1, { pipeline: createClient().multi() })
  void counts.bulkInsert([{ name: 'a', value: 1 }], { pipeline: new Redis().pipeline() })
  // @ts-expect-error: a text is not a pipeline
  void counts.insert('a', 1, { pipeline: 'multi' })
  // @ts-expect-error: no other option
  void counts.insert('a', 1, { transaction: new Redis().multi() })
  // @ts-expect-error: a read cannot be queued
  void counts.get('a', 'minute', { pipeline: new Redis().multi() })
})

it('types fetch', () => {
  const counts = createTimeseries(redisDriver(new Redis()), config)
  void counts.get('a', 'minute', {
    fetch: (pipeline: ChainableCommander, query) => {
      expectTypeOf(query).toEqualTypeOf<RedisFetchQuery>()
      return pipeline.call(...query.command)
    },
  })
  // @ts-expect-error: there is no such thing to read
  void counts.get('a', 'minute', { fetch: (pipeline: ChainableCommander, { table }) => pipeline.get(table) })
})

it('infers what reads return', () => {
  const counts = createTimeseries(redisDriver('redis://localhost'), config)
  expectTypeOf(counts.get('a', 'minute')).resolves.toEqualTypeOf<Map<number, number>>()
  // @ts-expect-error: no such interval
  void counts.get('a', 'hour')
})
