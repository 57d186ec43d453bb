import { globSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import type { Outcome } from '../commands.ts'

/** What an application pays for an import: minified and gzipped, without the client libraries. */
interface Budget {
  readonly title: string
  readonly code: string
  /** Packages that are counted separately. */
  readonly without?: readonly string[]
  /** In bytes: what it loads at once, each file gzipped by itself. */
  readonly first: number
  /** In bytes: with what is loaded later, where a package has such parts. */
  readonly all?: number
}

const CLIENTS = ['kysely', 'ioredis', 'mongodb', 'cassandra-driver']
const WITHOUT_CORE = ['@kairos/core', '@kairos/core/calls', '@kairos/core/driver']

/** What the command line is made with. */
const OF_THE_COMMAND = [
  'commander',
  'cli-table3',
  'cli-progress',
  '@clack/prompts',
  'd3-scale',
  'd3-shape',
  '@kairos/events',
  '@kairos/move',
  '@kairos/server',
]

const COUNTING = `import { createTimeseries } from '@kairos/core'
  const views = createTimeseries(globalThis.driver, { type: 'count', intervals: { minute: { step: 60 } } })
  await views.insert('home')`

/** Lower a budget when a package gets smaller; raise it only for something that users gain. */
const BUDGETS: readonly Budget[] = [
  { title: 'an app that counts', code: COUNTING, first: 5_960, all: 96_900 },
  { title: 'all of @kairos/core', code: `export * from '@kairos/core'`, first: 13_950, all: 98_860 },
  { title: '@kairos/core/driver', code: `export * from '@kairos/core/driver'`, first: 10_740 },
  {
    title: '@kairos/redis',
    code: `export * from '@kairos/redis'`,
    without: WITHOUT_CORE,
    first: 3_200,
    all: 47_800,
  },
  { title: '@kairos/sql', code: `export * from '@kairos/sql'`, without: WITHOUT_CORE, first: 13_130, all: 39_310 },
  {
    title: '@kairos/mongo',
    code: `export * from '@kairos/mongo'`,
    without: WITHOUT_CORE,
    first: 2_600,
    all: 27_940,
  },
  {
    title: '@kairos/cassandra',
    code: `export * from '@kairos/cassandra'`,
    without: WITHOUT_CORE,
    first: 2_750,
    all: 32_410,
  },
  { title: '@kairos/events', code: `export * from '@kairos/events'`, without: WITHOUT_CORE, first: 25_300 },
  { title: '@kairos/move', code: `export * from '@kairos/move'`, without: WITHOUT_CORE, first: 21_200 },
  {
    title: '@kairos/cli',
    code: `export * from '@kairos/cli'`,
    without: [...WITHOUT_CORE, ...OF_THE_COMMAND],
    first: 34_650,
  },
  { title: '@kairos/server', code: `export * from '@kairos/server'`, without: WITHOUT_CORE, first: 9_350 },
]

/** All files of the server's page, gzipped. */
const LARGEST_PAGE = 40_000

/** Whether every package of the last build stays within its budget. */
export async function checkSizes(): Promise<Outcome> {
  const found = await Promise.all(BUDGETS.map(async (budget) => ({ ...budget, sizes: await sizesOf(budget) })))
  const output = found.flatMap(({ title, first, all = Number.POSITIVE_INFINITY, sizes }) => [
    ...(sizes.first <= first ? [] : [`${title} must load at most ${first} bytes at first, not ${sizes.first}\n`]),
    ...(sizes.all <= all ? [] : [`${title} must load at most ${all} bytes in all, not ${sizes.all}\n`]),
  ])
  const files = globSync('packages/server/dist/browser/*')
  const page = files.reduce((sum, file) => sum + gzipped(readFileSync(file)), 0)
  if (files.length !== 3 || page > LARGEST_PAGE)
    output.push(`the server's page must be 3 files of at most ${LARGEST_PAGE} bytes, not ${files.length} of ${page}\n`)
  return { ok: output.length === 0, output: output.join('') }
}

function gzipped(contents: Uint8Array): number {
  return gzipSync(contents, { level: 9 }).length
}

async function sizesOf({ code, without = [] }: Budget): Promise<{ first: number; all: number }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname, sourcefile: 'app.js' },
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    outdir: 'out',
    absWorkingDir: import.meta.dirname,
    format: 'esm',
    platform: 'node',
    external: [...CLIENTS, ...without],
    logLevel: 'silent',
  })
  const files = Object.keys(metafile.outputs)
  const first = loadedAtFirst(metafile)
  const sizes = outputFiles.map(({ contents }, index) => ({
    file: files[index]!,
    size: gzipped(contents),
  }))
  const sum = (some: typeof sizes): number => some.reduce((total, { size }) => total + size, 0)
  return { first: sum(sizes.filter(({ file }) => first.has(file))), all: sum(sizes) }
}

/** The files that the entry point imports at once, itself among them. */
function loadedAtFirst({ outputs }: Metafile): Set<string> {
  const found = new Set(Object.keys(outputs).filter((file) => outputs[file]!.entryPoint?.endsWith('app.js')))
  for (const file of found)
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') found.add(path)
  return found
}
