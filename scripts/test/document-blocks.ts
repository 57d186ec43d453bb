import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type CodeBlock, codeBlocksOf, documents } from './code-blocks.ts'

// Every ```ts block of the documents is a module that type-checks and runs unchanged. `ts no-run`: only type-checked.
// `ts redis`, `ts postgres`, …: run against that server, whose URL takes the place of the one in the block.

/** How a block's text names a server, and where the tests find theirs. */
const SERVERS = {
  redis: { written: /redis:\/\/localhost(:6379)?/g, variable: 'KAIROS_TEST_REDIS_URL' },
  'redis-cluster': { written: /redis\+cluster:\/\/[^'"`]+/g, variable: 'KAIROS_TEST_REDIS_CLUSTER_URL' },
  postgres: { written: /postgres:\/\/[^'"`]+/g, variable: 'KAIROS_TEST_POSTGRES_URL' },
  mysql: { written: /mysql:\/\/[^'"`]+/g, variable: 'KAIROS_TEST_MYSQL_URL' },
  mariadb: { written: /mariadb:\/\/[^'"`]+/g, variable: 'KAIROS_TEST_MARIADB_URL' },
  mongo: { written: /mongodb:\/\/localhost(:27017)?(\/[a-z]*)?/g, variable: 'KAIROS_TEST_MONGO_URL' },
  cassandra: { written: /cassandra:\/\/localhost(:9042)?(\/[a-z]*)?/g, variable: 'KAIROS_TEST_CASSANDRA_URL' },
} as const
export type ServerFlag = keyof typeof SERVERS

export const root: string = join(import.meta.dirname, '..', '..')
export const run = promisify(execFile)

/** All modules of the documents. */
export const modules: readonly CodeBlock[] = documents()
  .flatMap(codeBlocksOf)
  .filter(({ language }) => language === 'ts')

/** A folder inside the checkout, so that packages resolve as in an application; deleted after the tests. */
export function folderOfBlocks(blocks: readonly CodeBlock[]): { folder: string; fileOf(block: CodeBlock): string } {
  const folder = mkdtempSync(join(root, '.tools', 'documents-'))
  const fileOf = ({ place }: CodeBlock): string => join(folder, `${place.replace(/[^a-z0-9]+/gi, '-')}.ts`)
  beforeAll(() => {
    for (const block of blocks) writeFileSync(fileOf(block), withOwnServer(block))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  return { folder, fileOf }
}

/** Runs the modules that name one of these servers; with none, those that name no server. */
export function describeBlocks(servers: readonly ServerFlag[]): void {
  const wanted = modules.filter(({ flags }) =>
    servers.length === 0 ? flags.length === 0 : flags.some((flag) => (servers as readonly string[]).includes(flag)),
  )
  const { folder, fileOf } = folderOfBlocks(wanted)
  describe.for(wanted.filter(({ flags }) => !flags.includes('no-run')))('$place', (block) => {
    const needed = block.flags.map((flag) => serverOf(flag).variable)
    it.skipIf(needed.some((variable) => !process.env[variable]))('runs', { timeout: 300_000 }, async () => {
      const own = mkdtempSync(join(folder, 'run-'))
      // A reader's machine sets no test size: the kit's block runs its short one here too.
      const { KAIROS_TEST_SIZE, ...env } = process.env
      await run(process.execPath, ['--conditions=@kairos/source', fileOf(block)], { cwd: own, env, timeout: 280_000 })
    })
  })
}

/** Whether a block may have this flag. */
export function isFlag(flag: string): boolean {
  return flag === 'no-run' || Object.hasOwn(SERVERS, flag)
}

function serverOf(flag: string): (typeof SERVERS)[ServerFlag] {
  return SERVERS[flag as ServerFlag]
}

function withOwnServer({ code, flags }: CodeBlock): string {
  let own = code
  for (const flag of flags.filter((each) => Object.hasOwn(SERVERS, each))) {
    const { written, variable } = serverOf(flag)
    const url = process.env[variable]
    if (!url) continue
    own = own.replaceAll(written, url)
    // Clients that take a host instead of a URL.
    own = own.replaceAll('localhost:9042', url.replace(/^.*\/\//, ''))
  }
  return own
}
