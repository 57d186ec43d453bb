import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import { isIoredis, type RedisClientLike } from './check-client.ts'
import type { RedisClient, ScriptPipeline } from './client.ts'
import { ioredisClient, ioredisPipeline } from './ioredis.ts'
import type { IoredisPipelineLike } from './ioredis-types.ts'
import { type NodeRedisMultiLike, nodeRedisClient, nodeRedisCluster, nodeRedisPipeline } from './node-redis.ts'

/** A pipeline or transaction that you have begun: `pipeline()` or `multi()` of ioredis or iovalkey, or `multi()` of node-redis. */
export type RedisPipelineLike = IoredisPipelineLike | NodeRedisMultiLike

/** The adapter for a client that the application has made, and that has been checked. */
export function adapt(client: RedisClientLike): RedisClient {
  // The application closes its own client.
  if (isIoredis(client)) return withoutClose(ioredisClient(client))
  return 'masters' in client ? nodeRedisCluster(client) : nodeRedisClient(client)
}

function withoutClose(client: RedisClient): RedisClient {
  return Object.create(client, { close: { value: async () => {} } }) as RedisClient
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
