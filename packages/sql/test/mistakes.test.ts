import { join, resolve } from 'node:path'
import { createTimeseries, KairosError } from '@kairos/core'
import { afterAll, describe, expect, it } from 'vitest'
import type { AnyTables } from '../src/connection/connected.ts'
import { dialects } from '../src/dialects/index.ts'
import { type SqlDriverOptions, type SqliteModule, sqlDriver } from '../src/index.ts'
import { sqlFailure } from '../src/kysely/failures.ts'
import { LOST, UNAVAILABLE } from '../src/kysely/verdict.ts'
import { temporaryFolder } from './support/folder.ts'
import { kyselyOf } from './support/places.ts'
import { servers } from './support/servers.ts'
import { cell, namesIn, schemaOf, sweepIn } from './support/stores.ts'

const folder = temporaryFolder()
const schema = schemaOf({ minute: '{"version":1,"step":60}' })
const live = { minute: Number.MIN_SAFE_INTEGER }
const range = { names: ['a'], interval: 'minute', range: { first: 0, last: 10 } }

describe('a mistake is refused at once, with what is expected', () => {
  it.each<[unknown, unknown, RegExp]>([
    [null, {}, /^store must be the URL of a database, or a Kysely instance .* not null$/],
    [{ query() {} }, {}, /^store must be .*new Kysely/],
    ['sqlite::memory:', null, /options/],
    ['sqlite::memory:', { timeout: 0 }, /^timeout must be a whole number of milliseconds/],
    ['sqlite::memory:', { clientConfig: 5 }, /^clientConfig must be an object/],
    ['sqlite:50%.db', {}, /percent-encoded/],
    ['pglite:50%', {}, /percent-encoded/],
    ['postgres://u:50%@localhost/x', {}, /percent-encoded/],
    ['mysql://u:50%@localhost/x', {}, /percent-encoded/],
  ])('%o, %o', (store, options, message) => {
    const make = () => sqlDriver(store as string, options as SqlDriverOptions)
    expect(make).toThrow(
      expect.toSatisfy((error: unknown) => KairosError.is(error) && error.code === 'KAIROS_INVALID_CONFIG'),
    )
    expect(make).toThrow(message)
    expect(make).not.toThrow(/50%@/)
  })

  it.each<SqliteModule>(['better-sqlite3', 'node:sqlite'])('%s: a missing folder is named', async (sqliteModule) => {
    const path = join(folder, 'no', 'such.db')
    const driver = sqlDriver(`sqlite:${path}`, { sqliteModule })
    await expect(driver.open(schema)).rejects.toThrow(
      `cannot open ${resolve(path)}: the folder ${resolve(folder, 'no')} does not exist`,
    )
    await driver.close()
  })

  it('an unknown valueType is reported as a missing feature', async () => {
    const driver = sqlDriver('sqlite::memory:')
    const unknown = { ...schemaOf({ minute: '{}' }, 'gauge'), valueType: 'uuid' }
    await expect(driver.open(unknown)).rejects.toMatchObject({ code: 'KAIROS_UNSUPPORTED', feature: 'valueType' })
    await driver.close()
  })

  it('each address that refuses is named', () => {
    const refused = (address: string) => new Error(`connect ECONNREFUSED ${address}`)
    // In Node's form.
    const both = Object.assign(new AggregateError([refused('::1:1'), refused('127.0.0.1:1')], 'none'), { message: '' })
    const failure = sqlFailure(both, UNAVAILABLE)
    expect(failure.message).toMatch(/::1:1.*127\.0\.0\.1:1/)
  })

  it('names of intervals are limited to what fits in a key', () => {
    const bytes = (url: string) => sqlDriver(url).capabilities.maxIntervalBytes
    expect([bytes('mysql://localhost'), bytes('postgres://localhost'), bytes('sqlite::memory:')]).toEqual([
      255,
      255,
      undefined,
    ])
  })

  it('a statement that a client refused to send is not in doubt', () => {
    const queryable = new Error('Client has encountered a connection error and is not queryable')
    expect(dialects.postgres.classify(queryable)).toEqual(UNAVAILABLE)
    expect(dialects.mysql.classify(new Error("Can't add new command when connection is in closed state"))).toEqual(
      UNAVAILABLE,
    )
    expect(dialects.postgres.classify(new Error('Connection terminated unexpectedly'))).toEqual(LOST)
  })
})

describe('names and paths', () => {
  it('a URL of SQLite is percent-decoded', async () => {
    const driver = sqlDriver(`sqlite:${folder}/a%20%25b.db`)
    const counts = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } } })
    await counts.insert('a')
    await driver.close()
    const { db, close } = await kyselyOf(`sqlite:${join(folder, 'a %25b.db').replace(' ', '%20')}`)
    expect(await db.selectFrom('count').selectAll().execute()).toHaveLength(1)
    await close()
  })

  it.each(['n', 't', 's', 'page'])(
    'a table may be called as what statements call their parts: %s',
    async (tableName) => {
      const driver = sqlDriver('sqlite::memory:', { tableName })
      const { store } = await driver.open(schema)
      await store.write({ cells: [cell('a'), cell('b')], oldestLive: live })
      expect(await namesIn(store, live)).toEqual(['a', 'b'])
      expect(await store.bounds({ ...range, names: ['a', 'b'] })).toEqual({ first: 1, last: 1 })
      expect(await sweepIn(store, { minute: 5 })).toBe(2)
      await driver.close()
    },
  )

  it('a PGlite folder can be opened again while its last user closes it', async () => {
    const url = `pglite:${join(folder, 'pglite')}`
    const first = sqlDriver(url)
    const { store } = await first.open(schema)
    await store.write({ cells: [cell('a')], oldestLive: live })
    const closing = first.close()
    const second = sqlDriver(url)
    const again = await second.open(schema)
    expect(await again.store.read(range)).toHaveLength(1)
    await closing
    await second.close()
  }, 180_000)
})

for (const { name, url } of servers.filter((server) => server.name.startsWith('M'))) {
  describe.skipIf(url === undefined)(`the caller's typeCast on ${name}`, () => {
    // A common setting, for strings instead of bytes. They are wrong, since a binary column has no character set.
    const typeCast = (
      field: { type: string; string(encoding?: string): string | null },
      next: () => unknown,
    ): unknown => (field.type === 'VAR_STRING' || field.type === 'BLOB' ? field.string('latin1') : next())
    const ends: (() => Promise<void>)[] = []
    afterAll(async () => {
      for (const end of ends) await end()
    })

    it('does not change text for a client made from a URL', async () => {
      const driver = sqlDriver(url!, { tableName: `cast_${process.pid}`, clientConfig: { typeCast } })
      ends.push(driver.close)
      const { store } = await driver.open({
        ...schemaOf({ minute: '{"version":1,"step":60}' }, 'gauge'),
        valueType: 'string',
      })
      await store.write({ cells: [cell('ä🙂', 'ä🙂')], oldestLive: live })
      expect(await store.read({ ...range, names: ['ä🙂', 'b'] })).toMatchObject([{ name: 'ä🙂', value: 'ä🙂' }])
      await store.delete(null)
    })

    it('is refused on your own pool if it changes text', async () => {
      const { createPool } = await import('mysql2')
      const { Kysely, MysqlDialect } = await import('kysely')
      const pool = createPool({ uri: url!.replace(/^mariadb:/, 'mysql:'), typeCast: typeCast as never })
      const kysely = new Kysely<Record<string, Record<string, unknown>>>({ dialect: new MysqlDialect({ pool }) })
      ends.push(() => kysely.destroy())
      await expect(sqlDriver(kysely).open(schema)).rejects.toMatchObject({
        code: 'KAIROS_INVALID_CONFIG',
        message: expect.stringContaining('typeCast'),
      })
    })
  })
}

/** The parsers of pg that matter, but for text. */
const trimming = (type: number) => (text: string) => (type === 17 ? Buffer.from(text.slice(2), 'hex') : text.trim())

/** The same for mysql2, which returns text in binary columns as bytes. */
function trimmed(_field: unknown, next: () => unknown): unknown {
  const stored = next()
  return stored instanceof Uint8Array ? String(stored).trim() : stored
}

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`your own client on ${name}`, () => {
    const cases: [string, RegExp, object, string?][] = url?.startsWith('postgres')
      ? [
          ['binary', /^store must .*not one with binary: true/, { binary: true }],
          ['a parser that trims text', /^store must .*returns text, numbers/, { types: { getTypeParser: trimming } }],
          [
            'another encoding',
            /^store must .*client_encoding = UTF8, not LATIN1/,
            {},
            "set client_encoding = 'LATIN1'",
          ],
        ]
      : [
          ['rowsAsArray', /^store must .*without rowsAsArray/, { rowsAsArray: true }],
          ['nestTables', /^store must .*without rowsAsArray and nestTables/, { nestTables: true }],
          ['a typeCast that trims text', /^store must .*whose typeCast changes them/, { typeCast: trimmed }],
          ['a limit of rows', /^store must .*sql_select_limit, not 1000,/, {}, 'set sql_select_limit = 1000'],
        ]

    it.each(cases)('with %s is refused', async (_, message, options, statement) => {
      const { db, end } = await ownPool(url!, options, statement)
      await expect(sqlDriver(db).open(schema)).rejects.toMatchObject({
        code: 'KAIROS_INVALID_CONFIG',
        message: expect.stringMatching(message),
      })
      await end()
    })
  })
}

/** An instance with one connection, in which the statement has run. */
async function ownPool(url: string, options: object, statement: string | undefined) {
  const { Kysely, MysqlDialect, PostgresDialect } = await import('kysely')
  if (url.startsWith('postgres')) {
    const { default: pg } = await import('pg')
    const pool = new pg.Pool({ connectionString: url, max: 1, ...options })
    if (statement !== undefined) await pool.query(statement)
    const db = new Kysely<AnyTables>({ dialect: new PostgresDialect({ pool }) })
    return { db, end: () => db.destroy() }
  }
  const { createPool } = await import('mysql2')
  const pool = createPool({ uri: url.replace(/^mariadb:/, 'mysql:'), connectionLimit: 1, ...options })
  if (statement !== undefined) await pool.promise().query(statement)
  const db = new Kysely<AnyTables>({ dialect: new MysqlDialect({ pool }) })
  return { db, end: () => db.destroy() }
}
