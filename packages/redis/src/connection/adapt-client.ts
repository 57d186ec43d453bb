import { KairosError } from '@kairos/core'
import { describe, isRecord } from '@kairos/core/driver'
import type { RedisClient, ScriptPipeline } from './client.ts'
import { hazardsOf, ioredisClient, ioredisPipeline, keyPrefixOf } from './ioredis.ts'
import type { IoredisLike, IoredisPipelineLike } from './ioredis-types.ts'
import { refuseKeyPrefix } from './key-prefix.ts'
import {
  type NodeRedisClusterLike,
  type NodeRedisLike,
  type NodeRedisMultiLike,
  nodeRedisClient,
  nodeRedisCluster,
  nodeRedisPipeline,
} from './node-redis.ts'

/**
 * A client that you have made: `Redis` or `Cluster` from ioredis (5 or later) or iovalkey, or the result of `createClient` or `createCluster`
 * from node-redis (5 or later). It is recognized by its methods, so no class has to match.
 */
export type RedisClientLike = IoredisLike | NodeRedisLike | NodeRedisClusterLike

/** A pipeline or transaction that you have begun: `pipeline()` or `multi()` of ioredis or iovalkey, or `multi()` of node-redis. */
export type RedisPipelineLike = IoredisPipelineLike | NodeRedisMultiLike

/**
 * The adapter for a client that the application has made.
 * @throws KAIROS_INVALID_CONFIG
 */
export function adapt(client: RedisClientLike): RedisClient {
  if (isIoredis(client)) {
    refuseKeyPrefix('client.options.keyPrefix', keyPrefixOf(client))
    warnOfResending(client)
    // The application closes its own client.
    return withoutClose(ioredisClient(client))
  }
  if (isNodeRedis(client)) return 'masters' in client ? nodeRedisCluster(client) : nodeRedisClient(client)
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `client must be a URL, a Redis or Cluster of ioredis or iovalkey, or a client or cluster of node-redis, not ${describe(client)}`,
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

const warned = new WeakSet<object>()

function warnOfResending(client: IoredisLike): void {
  const hazards = hazardsOf(client)
  if (hazards.length === 0 || warned.has(client)) return
  warned.add(client)
  process.emitWarning(
    `this Redis client resends commands whose answers were lost, so your own increments may count twice; ` +
      `set ${hazards.join(' and ')}. Kairos marks its writes so that they count once, which costs some memory.`,
    { type: 'KairosWarning', code: 'KAIROS_REDIS_RESENDS' },
  )
}

/**
 * The adapter for a pipeline or transaction of the application.
 * @throws KAIROS_INVALID_CONFIG
 */
export function adaptPipeline(pipeline: unknown): ScriptPipeline {
  if (isPipeline(pipeline)) {
    return 'execAsPipeline' in pipeline ? nodeRedisPipeline(pipeline) : ioredisPipeline(pipeline)
  }
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `pipeline must be a pipeline() or multi() of ioredis or iovalkey, or a multi() of node-redis, not ${describe(pipeline)}`,
    { path: 'pipeline', driver: 'redis' },
  )
}

function isPipeline(pipeline: unknown): pipeline is RedisPipelineLike {
  return (
    typeof pipeline === 'object' &&
    pipeline !== null &&
    'eval' in pipeline &&
    typeof pipeline.eval === 'function' &&
    // A client has `exec`, too.
    ('isPipeline' in pipeline || 'execAsPipeline' in pipeline)
  )
}
