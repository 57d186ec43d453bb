import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { serverKinds } from '../scripts/servers/kinds.ts'
import { startServers, stopServers } from '../scripts/servers/running.ts'
import { type Entry, Report } from './harness.ts'
import { pageOf } from './page.ts'
import type { Suite } from './suite.ts'

// npm run bench [-- SUITE…] [--json FILE] [--page FILE]: every suite, or those named. Figures are ratios to hand-written code that ran
// in the same minute on the same machine; a rate alone says little about another machine.
const suites: Readonly<Record<string, () => Promise<{ suite: Suite }>>> = {
  cassandra: () => import('./cassandra/suite.ts'),
  core: () => import('./core/suite.ts'),
  events: () => import('./events/suite.ts'),
  grouping: () => import('./grouping/suite.ts'),
  'growth-cassandra': () => import('./growth/cassandra.ts'),
  'growth-mongo': () => import('./growth/mongo.ts'),
  'growth-redis': () => import('./growth/redis.ts'),
  'growth-sql': () => import('./growth/sql.ts'),
  mongo: () => import('./mongo/suite.ts'),
  move: () => import('./move/suite.ts'),
  redis: () => import('./redis/suite.ts'),
  'redis-peers': () => import('./redis-peers/suite.ts'),
  server: () => import('./server/suite.ts'),
  'server-peers': () => import('./server-peers/suite.ts'),
  'server-reads': () => import('./server-reads/suite.ts'),
  sql: () => import('./sql/suite.ts'),
  streaming: () => import('./streaming/suite.ts'),
  types: () => import('./types/suite.ts'),
  'types-writing': async () => ({ suite: (await import('./types/suite.ts')).writingSuite }),
  writing: () => import('./writing/suite.ts'),
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, page: { type: 'string' } },
})
const names = positionals.length === 0 ? Object.keys(suites) : positionals
const unknown = names.filter((name) => !Object.hasOwn(suites, name))
if (unknown.length > 0) {
  console.error(`no suite ${unknown.join(', ')}; there are: ${Object.keys(suites).join(', ')}`)
  process.exit(2)
}

const machine = {
  node: process.version,
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
}
console.log(`Node ${machine.node}, ${machine.cores} cores of ${machine.processor}, ${machine.memory}`)

const results: Record<string, readonly Entry[]> = {}
for (const name of names) {
  const { suite } = await suites[name]!()
  const { running, missing } = await startServers(serverKinds.filter((kind) => suite.servers.includes(kind.name)))
  try {
    for (const line of missing) console.log(line)
    if (missing.length > 0) continue
    console.log(`\n=== ${name}`)
    const report = new Report()
    await suite.run(report, urlsOf(suite, running))
    results[name] = report.entries
  } finally {
    await stopServers(running)
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, results }, undefined, 2)}\n`)
if (values.page !== undefined) writeFileSync(values.page, pageOf({ machine, results }))

/** The URLs of the suite's servers: just started, or named by the environment. */
function urlsOf(suite: Suite, running: readonly { name: string; url: string }[]): Record<string, string> {
  const own = serverKinds
    .filter(({ name, variable }) => suite.servers.includes(name) && process.env[variable] !== undefined)
    .map(({ name, variable }) => [name, process.env[variable]!] as const)
  return Object.fromEntries([...own, ...running.map(({ name, url }) => [name, url] as const)])
}
