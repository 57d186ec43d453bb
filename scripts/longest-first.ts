import { statSync } from 'node:fs'
import { relative } from 'node:path'
import type { TestSequencer, TestSpecification } from 'vitest/node'

/** The files that take longest, longest first, as `npm test -- --slowest` tells; a file that moves up is moved here when it delays the end. */
const LONGEST: readonly string[] = [
  'scripts/test/packed.test.ts',
  'packages/cassandra/test/ring.test.ts',
  'packages/cassandra/test/conformance.test.ts',
  'packages/mongo/test/conformance-java.test.ts',
  'packages/mongo/test/conformance-secantus.test.ts',
  'packages/redis/test/demotion.test.ts',
  'packages/sql/test/conformance-pglite.test.ts',
  'packages/events/test/client/broken-connections.test.ts',
  'packages/mongo/test/faults.test.ts',
  'packages/sql/test/concurrency.test.ts',
  'packages/sql/test/crash.test.ts',
  'packages/redis/test/conformance-cluster.test.ts',
  'packages/redis/test/conformance-cluster-node-redis.test.ts',
  'packages/sql/test/faults.test.ts',
  'packages/mongo/test/index-use.test.ts',
  'packages/sql/test/conformance-postgres18.test.ts',
  'packages/sql/test/conformance-postgres15.test.ts',
  'packages/sql/test/conformance-mysql.test.ts',
  'packages/redis/test/conformance.test.ts',
  'packages/sql/test/conformance-mariadb.test.ts',
  'packages/sql/test/values.test.ts',
  'packages/redis/test/conformance-redis6.test.ts',
  'packages/sql/test/deadlines.test.ts',
  'packages/sql/test/transactions.test.ts',
  'packages/redis/test/conformance-node-redis.test.ts',
  'packages/sql/test/commit.test.ts',
  'packages/sql/test/conformance-better-sqlite3.test.ts',
  'packages/redis/test/conformance-redis8.test.ts',
  'packages/redis/test/conformance-valkey.test.ts',
  'packages/sql/test/conformance-node-sqlite.test.ts',
  'packages/redis/test/failover.test.ts',
  'packages/redis/test/cut-connections.test.ts',
  'packages/sql/test/generations.test.ts',
  'scripts/test/documents.test.ts',
  'packages/sql/test/expire.test.ts',
  'packages/driver-tests/test/capabilities.test.ts',
  'packages/core/test/time/zones.test.ts',
  'packages/mongo/test/chunks.test.ts',
  'packages/cassandra/test/replacement.test.ts',
  'packages/redis/test/store.test.ts',
  'packages/mongo/test/timeouts.test.ts',
  'packages/driver-tests/test/node-test.test.ts',
  'packages/cassandra/test/folding.test.ts',
  'packages/sql/test/identifiers.test.ts',
  'packages/core/test/pipeline/reads.test.ts',
]

/** Runs long files first, so that none begins when the others are done; the rest by size. Vitest itself would sort by package and by size. */
export class LongestFirst implements TestSequencer {
  shard(files: TestSpecification[]): TestSpecification[] {
    return files
  }

  sort(files: TestSpecification[]): TestSpecification[] {
    const places = new Map(files.map((file) => [file, placeOf(file)]))
    return files.toSorted((a, b) => places.get(a)! - places.get(b)!)
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.indexOf(relative('.', moduleId).replaceAll('\\', '/'))
  return place === -1 ? LONGEST.length + 1 / statSync(moduleId).size : place
}
