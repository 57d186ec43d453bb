import { KairosError } from '@kairos/core'
import { describe, isRecord } from '@kairos/core/driver'
import { hazardsOf, keyPrefixOf } from './ioredis-options.ts'
import type { IoredisLike } from './ioredis-types.ts'
import { refuseKeyPrefix } from './key-prefix.ts'
import type { NodeRedisClusterLike, NodeRedisLike } from './node-redis.ts'

/**
 * A client that you have made: `Redis` or `Cluster` from ioredis (5 or later) or iovalkey, or the result of `createClient` or `createCluster`
 * from node-redis (5 or later). It is recognized by its methods, so no class has to match.
 */
export type RedisClientLike = IoredisLike | NodeRedisLike | NodeRedisClusterLike

/**
 * Checks a client that the application has made, before it is used.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkClient(client: RedisClientLike): void {
  if (isIoredis(client)) {
    refuseKeyPrefix('client.options.keyPrefix', keyPrefixOf(client))
    warnOfResending(client)
  } else if (!isNodeRedis(client)) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `store must be a URL, a Redis or Cluster of ioredis or iovalkey, or a client or cluster of node-redis, not ${describe(client)}`,
      { path: 'store', driver: 'redis' },
    )
  }
}

export function isIoredis(client: unknown): client is IoredisLike {
  return isRecord(client) && typeof client.evalshaBuffer === 'function'
}

function isNodeRedis(client: unknown): client is NodeRedisLike | NodeRedisClusterLike {
  return isRecord(client) && typeof client.sendCommand === 'function' && 'isReady' in client
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
