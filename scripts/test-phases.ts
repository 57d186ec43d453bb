import { globSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { cassandra } from './servers/cassandra.ts'
import type { ServerKind } from './servers/kind.ts'
import { serverGroups } from './servers/kinds.ts'
import { mongo } from './servers/mongo.ts'
import { postgres } from './servers/postgres.ts'
import { redis } from './servers/redis.ts'

/** A part of the test run: the files that use the same servers, and run while these are up. */
export interface TestPhase {
  readonly name: string
  readonly servers: readonly ServerKind[]
  /** Globs from the root of the workspace. A file belongs to the last phase that names it. */
  readonly files: readonly string[]
}

/** Asked for by `--long`, which tells the processes of the tests by the variable. */
const isLong = process.argv.includes('--long') || process.env.KAIROS_TEST_SIZE === 'long'

/** In the order they start. A machine with two cores cannot run all servers at once, four of which are Java. */
export const testPhases: readonly TestPhase[] = [
  {
    name: 'no server',
    servers: [],
    files: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
  },
  {
    name: 'redis',
    servers: serverGroups.redis,
    files: [
      'packages/redis/test/**/*.test.ts',
      'packages/events/test/**/*.test.ts',
      'packages/move/test/*-redis.test.ts',
      'packages/cli/test/on-redis.test.ts',
      'scripts/test/documents-on-redis.test.ts',
    ],
  },
  {
    name: 'cassandra',
    servers: serverGroups.cassandra,
    files: [
      'packages/cassandra/test/**/*.test.ts',
      'packages/cli/test/on-cassandra.test.ts',
      'scripts/test/documents-on-cassandra.test.ts',
    ],
  },
  // On its own: its tests stop and kill nodes, and mostly wait for them.
  { name: 'ring', servers: serverGroups.cassandraRing, files: ['packages/cassandra/test/ring.test.ts'] },
  { name: 'browser', servers: serverGroups.chromium, files: ['packages/server/test/page.test.ts'] },
  {
    name: 'sql',
    servers: serverGroups.sql,
    files: [
      'packages/sql/test/**/*.test.ts',
      'packages/cli/test/on-{mariadb,postgres}.test.ts',
      'packages/events/test/end-to-end-on-sql.test.ts',
      'scripts/test/documents-on-sql.test.ts',
    ],
  },
  {
    name: 'mongo',
    servers: serverGroups.mongo,
    // The packed packages need no server: they use a core that is idle while others wait for servers.
    files: [
      'packages/mongo/test/**/*.test.ts',
      'packages/cli/test/on-mongo.test.ts',
      'packages/move/test/legacy-mongo.test.ts',
      'scripts/test/documents-on-mongo.test.ts',
      'scripts/test/packed.test.ts',
    ],
  },
  ...(isLong
    ? [
        {
          name: 'moving',
          servers: [postgres, redis, mongo, cassandra],
          // Through all of them at once; in the short size without a server.
          files: ['packages/{cli,move}/test/chain.test.ts'],
        },
      ]
    : []),
]

const root = join(import.meta.dirname, '..')

/** The test files of a phase, as paths from the root. */
export function filesOf(phase: TestPhase): string[] {
  const later = testPhases.slice(testPhases.indexOf(phase) + 1).flatMap(({ files }) => files)
  return globSync([...phase.files], { cwd: root, exclude: ['**/node_modules/**'] })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !later.some((glob) => matchesGlob(file, glob)))
    .sort()
}

/** The phases with files that vitest's arguments select by parts of their paths; all if they select none. */
export function phasesFor(vitestArguments: readonly string[]): readonly TestPhase[] {
  const parts = vitestArguments
    .filter(
      (argument, index) =>
        !argument.startsWith('-') && !['-t', '--testNamePattern'].includes(vitestArguments[index - 1] ?? ''),
    )
    .map((argument) => argument.replace(/^\.\//, ''))
  const named = testPhases.filter((phase) => filesOf(phase).some((file) => parts.some((part) => file.includes(part))))
  return named.length === 0 ? testPhases : named
}
