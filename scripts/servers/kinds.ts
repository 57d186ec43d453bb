import { cassandra, cassandraRing } from './cassandra.ts'
import { chromium } from './chromium.ts'
import type { ServerKind } from './kind.ts'
import { mariadb } from './mariadb.ts'
import { mongo, mongoJava } from './mongo.ts'
import { mysql } from './mysql.ts'
import { postgres, postgres18 } from './postgres.ts'
import { redis, redisCluster } from './redis.ts'
import { redis6, redis8, valkey } from './redis-versions.ts'

/** Every server that tests can use, in groups that run together; the only list. */
export const serverGroups = {
  redis: [redis, redisCluster, redis6, redis8, valkey],
  sql: [postgres, postgres18, mariadb, mysql],
  mongo: [mongo, mongoJava],
  cassandra: [cassandra],
  cassandraRing: [cassandraRing],
  chromium: [chromium],
} satisfies Record<string, readonly ServerKind[]>

export const serverKinds: readonly ServerKind[] = Object.values(serverGroups).flat()
