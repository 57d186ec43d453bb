import type { ServerKind } from './kind.ts'
import { mongo, mongoJava } from './mongo.ts'
import { redis, redisCluster } from './redis.ts'

/** Every server that tests can talk to; the only list. */
export const serverKinds: readonly ServerKind[] = [redis, redisCluster, mongo, mongoJava]
