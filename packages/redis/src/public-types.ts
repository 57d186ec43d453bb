import type { StorageDriver } from '@kairos/core/driver'
import type { IoredisLike, IoredisPipelineLike } from './connection/ioredis.ts'
import type { NodeRedisClusterLike, NodeRedisLike, NodeRedisMultiLike } from './connection/node-redis.ts'

/** A client of the caller's, by shape: `Redis` or `Cluster` of ioredis or iovalkey, `createClient` or `createCluster` of node-redis. */
export type RedisClientLike = IoredisLike | NodeRedisLike | NodeRedisClusterLike

/** A pipeline or transaction of the caller's, by shape: `pipeline()` or `multi()` of ioredis or iovalkey, `multi()` of node-redis. */
export type RedisPipelineLike = IoredisPipelineLike | NodeRedisMultiLike

/** What the caller's `fetch` is asked to read. */
export interface RedisFetchRequest {
  /** The key that holds the cell: of a count or a gauge the hash of its chunk, of other types that of its bucket. */
  readonly key: string
  /** Of a count or a gauge the cell's field in that hash; else ''. */
  readonly field: string
  readonly name: string
  readonly interval: string
  readonly bucket: number
}

/**
 * A read of the caller's own: called once for each cell that there is, queues one command on the client's own pipeline; its reply is the row.
 * Series, histograms and sets keep a bucket in one key, so in an interval with a resolution it is called once for each bucket, and the elements
 * of its reply are told apart by the offset before them.
 */
export type RedisFetch = (pipeline: never, request: RedisFetchRequest) => unknown

/** What `redisDriver` gives. */
export type RedisDriver = StorageDriver<{ write: { pipeline?: RedisPipelineLike }; fetch: RedisFetch }>

/** Options of `redisDriver`. */
export interface RedisDriverOptions {
  /** What stands before every key; default `kairos:`. A colon is put behind it when missing. */
  readonly prefix?: string
  /**
   * Over how many slots the names of one type are spread; default 256, which suits up to a dozen masters. Recorded when a prefix is first used,
   * and then fixed.
   */
  readonly shards?: number
  /** How long a connection, and then an answer, is waited for, in milliseconds; default 10,000. */
  readonly timeout?: number
  /**
   * How long a process goes by the configuration that it saw last, in milliseconds; default 5,000. The same in every process that opens the
   * place: who replaces a configuration waits so long, and a second more.
   */
  readonly lease?: number
  /** Options of the ioredis client that a URL makes: of `Redis`, or of `Cluster` for `redis+cluster:`. */
  readonly clientConfig?: object
}
