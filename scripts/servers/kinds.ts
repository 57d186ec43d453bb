import { cassandra, cassandraRing } from './cassandra.ts'
import type { ServerKind } from './kind.ts'
import { mariadb } from './mariadb.ts'
import { mongo, mongoJava } from './mongo.ts'
import { mysql } from './mysql.ts'
import { postgres, postgres18 } from './postgres.ts'
import { redis, redisCluster } from './redis.ts'
import { redis6, redis8, valkey } from './redis-versions.ts'

/** Every server that tests can talk to; the only list. */
export const serverKinds: readonly ServerKind[] = [
  redis,
  redisCluster,
  redis6,
  redis8,
  valkey,
  mongo,
  mongoJava,
  postgres,
  postgres18,
  mariadb,
  mysql,
  cassandra,
  cassandraRing,
]
