import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Outcome } from '../commands.ts'

/** What an application pays for an import: minified and gzipped, without the client libraries. */
interface Budget {
  readonly title: string
  readonly code: string
  /** Packages that are counted separately. */
  readonly without?: readonly string[]
  /** In bytes. */
  readonly most: number
}

const CLIENTS = ['kysely', 'ioredis', 'mongodb', 'cassandra-driver']
const WITHOUT_CORE = ['@kairos/core', '@kairos/core/driver']

/** Lower a budget when a package gets smaller; raise it only for something that users gain. */
const BUDGETS: readonly Budget[] = [
  { title: 'all of @kairos/core', code: `export * from '@kairos/core'`, most: 32_000 },
  { title: '@kairos/redis', code: `export * from '@kairos/redis'`, without: WITHOUT_CORE, most: 21_000 },
  { title: '@kairos/sql', code: `export * from '@kairos/sql'`, without: WITHOUT_CORE, most: 23_000 },
  { title: '@kairos/mongo', code: `export * from '@kairos/mongo'`, without: WITHOUT_CORE, most: 15_000 },
  { title: '@kairos/cassandra', code: `export * from '@kairos/cassandra'`, without: WITHOUT_CORE, most: 26_000 },
  { title: '@kairos/events', code: `export * from '@kairos/events'`, without: WITHOUT_CORE, most: 28_000 },
]

/** Whether every package of the last build stays within its budget. */
export async function checkSizes(): Promise<Outcome> {
  const lines = await Promise.all(
    BUDGETS.map(async (budget) => {
      const size = await sizeOf(budget)
      return { ok: size <= budget.most, line: `${budget.title} must be at most ${budget.most} bytes, not ${size}\n` }
    }),
  )
  const over = lines.filter(({ ok }) => !ok)
  return { ok: over.length === 0, output: over.map(({ line }) => line).join('') }
}

async function sizeOf({ code, without = [] }: Budget): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    external: [...CLIENTS, ...without],
    logLevel: 'silent',
  })
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length
}
