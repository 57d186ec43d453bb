import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/folder.ts'

const folder = temporaryFolder()
const own = join(import.meta.dirname, '..')

interface Answer {
  readonly counts?: readonly number[]
  readonly code?: string
  readonly message?: string
}

// A project with this package, core and Kysely, but without a client.
beforeAll(() => {
  cpSync(join(own, 'src'), join(folder, 'sql'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const name of ['@kairos/core', 'kysely']) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(join(link, '..'), { recursive: true })
    symlinkSync(realpathSync(join(own, 'node_modules', name)), link, 'junction')
  }
  writeFileSync(
    join(folder, 'count.ts'),
    `import { createTimeseries } from '@kairos/core'
     import { sqlDriver } from './sql/index.ts'
     const [url, options] = JSON.parse(process.argv[2])
     const answer = {}
     try {
       const counts = createTimeseries(sqlDriver(url, options), { type: 'count', intervals: { minute: { step: 60 } } })
       await counts.insert('a', 3)
       answer.counts = [...(await counts.get('a', 'minute')).values()]
     } catch ({ code, message }) {
       Object.assign(answer, { code, message })
     }
     console.log(JSON.stringify(answer))`,
  )
})

async function count(url: string, options: object = {}): Promise<Answer> {
  const parameters = ['--conditions=@kairos/source', 'count.ts', JSON.stringify([url, options])]
  // Package managers run scripts with a path to everything in the workspace.
  const env = { ...process.env, NODE_PATH: '' }
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { cwd: folder, env })
  return JSON.parse(stdout) as Answer
}

describe('a client that is not installed', () => {
  it.each([
    ['postgres://127.0.0.1:1/a', 'postgres', 'pg', {}],
    ['postgresql://127.0.0.1:1/a', 'postgresql', 'pg', {}],
    ['mysql://127.0.0.1:1/a', 'mysql', 'mysql2', {}],
    ['mariadb://127.0.0.1:1/a', 'mariadb', 'mysql2', {}],
    ['pglite:data', 'pglite', '@electric-sql/pglite', {}],
    ['sqlite:a.db', 'sqlite', 'better-sqlite3', { sqliteModule: 'better-sqlite3' }],
  ])('%s: the error names what to install', async (url, scheme, client, options) => {
    const { code, message } = await count(url, options)
    expect(code).toBe('KAIROS_DRIVER_MISSING')
    expect(message).toContain(
      `"${scheme}:" needs the package ${client}, which is not installed; run: npm install ${client} (searched from`,
    )
  })

  it('sqlite: uses node:sqlite', async () => {
    expect(await count('sqlite:a.db')).toEqual({ counts: [3] })
  })

  // The errors of better-sqlite3 since version 13, of earlier versions, and for a binary of another Node.
  it.each([
    "Object.assign(new Error('Cannot find module better_sqlite3.node'), { code: 'MODULE_NOT_FOUND' })",
    "new Error('Could not locate the bindings file. Tried: …')",
    "Object.assign(new Error('compiled against a different Node.js version'), { code: 'ERR_DLOPEN_FAILED' })",
  ])('sqlite: takes it too where better-sqlite3 has no binary: %s', async (error) => {
    const module = join(folder, 'node_modules', 'better-sqlite3')
    mkdirSync(module)
    writeFileSync(join(module, 'index.js'), `module.exports = class { constructor() { throw ${error} } }`)
    expect(await count('sqlite::memory:')).toEqual({ counts: [3] })
    rmSync(module, { recursive: true })
  })
})
