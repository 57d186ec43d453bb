import { KairosError } from '@kairos/core'
import { describe, isRecord } from '@kairos/core/driver'
import type { CallerPipeline, RedisClient } from './client.ts'
import { hazardsOf, ioredisClient, ioredisPipeline, keyPrefixOf } from './ioredis.ts'
import type { IoredisLike, IoredisPipelineLike } from './ioredis-types.ts'
import {
  type NodeRedisClusterLike,
  type NodeRedisLike,
  type NodeRedisMultiLike,
  nodeRedisClient,
  nodeRedisCluster,
  nodeRedisPipeline,
} from './node-redis.ts'

/** A client of the caller's, by shape: `Redis` or `Cluster` of ioredis or iovalkey, `createClient` or `createCluster` of node-redis. */
export type RedisClientLike = IoredisLike | NodeRedisLike | NodeRedisClusterLike

/** A pipeline or transaction of the caller's, by shape: `pipeline()` or `multi()` of ioredis or iovalkey, `multi()` of node-redis. */
export type RedisPipelineLike = IoredisPipelineLike | NodeRedisMultiLike

/**
 * The adapter for a client of the caller's.
 * @throws KAIROS_INVALID_CONFIG
 */
export function adapt(client: RedisClientLike): RedisClient {
  if (isIoredis(client)) {
    refuseKeyPrefix(client)
    warnOfResending(client)
    // It stays the caller's.
    return withoutClose(ioredisClient(client))
  }
  if (isNodeRedis(client)) return 'masters' in client ? nodeRedisCluster(client) : nodeRedisClient(client)
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `the store of redisDriver must be a URL, a Redis or Cluster of ioredis or iovalkey, or a client or cluster of node-redis, not ${describe(client)}`,
    { path: 'client', driver: 'redis' },
  )
}

function isIoredis(client: unknown): client is IoredisLike {
  return isRecord(client) && typeof client.evalshaBuffer === 'function'
}

function isNodeRedis(client: unknown): client is NodeRedisLike | NodeRedisClusterLike {
  return isRecord(client) && typeof client.sendCommand === 'function' && 'isReady' in client
}

function withoutClose(client: RedisClient): RedisClient {
  return Object.create(client, { close: { value: async () => {} } }) as RedisClient
}

function refuseKeyPrefix(client: IoredisLike): void {
  if (keyPrefixOf(client) === '') return
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    "the client's own keyPrefix would part keys that must stay together: leave it out, and use the driver's option prefix",
    { path: 'client.options.keyPrefix', driver: 'redis' },
  )
}

const warned = new WeakSet<object>()

function warnOfResending(client: IoredisLike): void {
  const hazards = hazardsOf(client)
  if (hazards.length === 0 || warned.has(client)) return
  warned.add(client)
  process.emitWarning(
    `this Redis client sends commands again whose answers were lost, so that your own increments may count twice; ` +
      `set ${hazards.join(' and ')}. Writes of kairos are marked, which keeps them from being counted twice and costs some memory.`,
    { type: 'KairosWarning', code: 'KAIROS_REDIS_RESENDS' },
  )
}

/**
 * The caller's pipeline or transaction.
 * @throws KAIROS_INVALID_CONFIG
 */
export function adaptPipeline(pipeline: unknown): CallerPipeline {
  if (isPipeline(pipeline)) {
    return 'execAsPipeline' in pipeline ? nodeRedisPipeline(pipeline) : ioredisPipeline(pipeline)
  }
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    'option "pipeline" takes a pipeline() or multi() of ioredis or iovalkey, or a multi() of node-redis',
    { path: 'pipeline', driver: 'redis' },
  )
}

function isPipeline(pipeline: unknown): pipeline is RedisPipelineLike {
  return (
    typeof pipeline === 'object' &&
    pipeline !== null &&
    'eval' in pipeline &&
    typeof pipeline.eval === 'function' &&
    'exec' in pipeline
  )
}
