import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CodeBlock, codeBlocksOf, documents } from './code-blocks.ts'

// Every ```ts block of the documents is a module that type-checks and runs as it stands. `ts no-run`: only type-checked.
// `ts redis`, `ts postgres`, …: run against that server, whose URL takes the place of the one in the block.

/** How a block's text names a server, and where the tests' own is. */
const SERVERS: Readonly<Record<string, { written: RegExp; variable: string }>> = {
  redis: { written: /redis:\/\/localhost(:6379)?/g, variable: 'KAIROS_TEST_REDIS_URL' },
  'redis-cluster': { written: /redis\+cluster:\/\/[^'"`]+/g, variable: 'KAIROS_TEST_REDIS_CLUSTER_URL' },
  postgres: { written: /postgres:\/\/[^'"`]+/g, variable: 'KAIROS_TEST_POSTGRES_URL' },
  mysql: { written: /mysql:\/\/[^'"`]+/g, variable: 'KAIROS_TEST_MYSQL_URL' },
  mariadb: { written: /mariadb:\/\/[^'"`]+/g, variable: 'KAIROS_TEST_MARIADB_URL' },
  mongo: { written: /mongodb:\/\/localhost(:27017)?(\/[a-z]*)?/g, variable: 'KAIROS_TEST_MONGO_URL' },
  cassandra: { written: /cassandra:\/\/localhost(:9042)?(\/[a-z]*)?/g, variable: 'KAIROS_TEST_CASSANDRA_URL' },
}

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const blocks = documents().flatMap(codeBlocksOf)
const modules = blocks.filter(({ language }) => language === 'ts')

describe('documents', () => {
  // Inside the checkout, so that packages are found as an application finds them.
  const folder = mkdtempSync(join(root, '.tools', 'documents-'))
  const fileOf = ({ place }: CodeBlock) => join(folder, `${place.replace(/[^a-z0-9]+/gi, '-')}.ts`)

  beforeAll(() => {
    for (const block of modules) writeFileSync(fileOf(block), withOwnServer(block))
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions: { noEmit: true }, include: ['*.ts'] }),
    )
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('have modules to run', () => expect(modules.length).toBeGreaterThan(0))

  it('type-check', { timeout: 120_000 }, async () => {
    const { stdout } = await run('tsc', ['-p', folder, '--pretty', 'false'], { cwd: root }).catch((error) => error)
    expect(stdout).toBe('')
  })

  describe.for(modules.filter(({ flags }) => !flags.includes('no-run')))('$place', (block) => {
    const needed = block.flags.map((flag) => SERVERS[flag]?.variable ?? `an unknown flag: ${flag}`)
    it.skipIf(needed.some((variable) => !process.env[variable]))('runs', { timeout: 60_000 }, async () => {
      const own = mkdtempSync(join(folder, 'run-'))
      await run(process.execPath, ['--conditions=@kairos/source', fileOf(block)], { cwd: own, timeout: 55_000 })
    })
  })

  it('link to files that are there', () => {
    const broken = documents().flatMap((file) =>
      [...proseOf(file).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
        .map(([, target = '']) => normalize(join(root, dirname(file), target)))
        .filter((target) => !existsSync(target))
        .map((target) => `${file} -> ${target}`),
    )
    expect(broken).toEqual([])
  })
})

/** A document without its code blocks: `merge[type](value)` is no link. */
function proseOf(file: string): string {
  return readFileSync(join(root, file), 'utf8').replace(/^```.*?^```/gms, '')
}

function withOwnServer({ code, flags }: CodeBlock): string {
  let own = code
  for (const flag of flags) {
    const server = SERVERS[flag]
    const url = server && process.env[server.variable]
    if (!url) continue
    own = own.replaceAll(server.written, url)
    // Clients that take a host instead of a URL.
    own = own.replaceAll('localhost:9042', url.replace(/^.*\/\//, ''))
  }
  return own
}
