import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import Database from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { AnyTables } from '../src/connection/connected.ts'
import { parseUrl } from '../src/connection/urls.ts'
import { dialects } from '../src/dialects/index.ts'
import { type SqliteModule, sqlDriver } from '../src/index.ts'
import { CONFLICT, LOST, REFUSED, UNAVAILABLE, type Verdict } from '../src/kysely/verdict.ts'
import { temporaryFolder } from './support/folder.ts'
import { ask, freshDatabase, isPostgres, kyselyOf } from './support/places.ts'
import { servers } from './support/servers.ts'
import { schemaOf } from './support/stores.ts'

const folder = temporaryFolder()

/** Steps that lead to an error: what two connections to a table with `id` 1 and 2 do. The last step fails. */
type Steps = (ask: Ask, other: Ask) => Promise<unknown>
type Ask = (...statements: string[]) => Promise<void>

const everywhere: readonly (readonly [title: string, wanted: Verdict, steps: Steps])[] = [
  ['a key that is there', REFUSED, (ask) => ask('insert into t values (1, 0)')],
  ['a table that is not there', REFUSED, (ask) => ask('select * from missing')],
  [
    'a deadlock',
    CONFLICT,
    async (ask, other) => {
      await ask('begin', 'update t set n = 1 where id = 1')
      await other('begin', 'update t set n = 1 where id = 2')
      await Promise.all([ask('update t set n = 2 where id = 2'), other('update t set n = 2 where id = 1')])
    },
  ],
]

const onPostgres: typeof everywhere = [
  [
    'a lock that others hold',
    CONFLICT,
    async (ask, other) => {
      await other('begin', 'lock table t')
      await ask('set lock_timeout = 50', 'select * from t')
    },
  ],
  [
    'a row that others changed',
    CONFLICT,
    async (ask, other) => {
      await ask('begin isolation level repeatable read', 'select * from t')
      await other('update t set n = n + 1')
      await ask('update t set n = n + 1')
    },
  ],
  ['a server that is read-only', UNAVAILABLE, (ask) => ask('begin read only', 'insert into t values (3, 0)')],
  ['a statement that takes too long', REFUSED, (ask) => ask('set statement_timeout = 50', 'select pg_sleep(9)')],
  ['a connection that is ended', LOST, (ask) => ask('select pg_terminate_backend(pg_backend_pid())')],
]

const onMysql: typeof everywhere = [
  [
    'a lock that others hold',
    CONFLICT,
    async (ask, other) => {
      await other('begin', 'update t set n = 1')
      await ask('set innodb_lock_wait_timeout = 1', 'update t set n = 2')
    },
  ],
  [
    'a server that is read-only',
    UNAVAILABLE,
    (ask) => ask('start transaction read only', 'insert into t values (3, 0)'),
  ],
  ['a connection that is ended', LOST, (ask) => ask('kill connection_id()')],
]

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`errors of ${name}`, () => {
    it.each([...everywhere, ...(isPostgres(url ?? '') ? onPostgres : onMysql)])('%s', async (_title, wanted, steps) => {
      const place = await freshDatabase(url!, 'failures')
      const { db, close } = await kyselyOf(place.url)
      await ask(db, `create table t (id integer primary key, n integer)${isPostgres(url!) ? '' : ' engine = InnoDB'}`)
      await ask(db, 'insert into t values (1, 0), (2, 0)')
      const error = await failureOf(db, steps)
      await close()
      await place.drop()
      expect(parseUrl(url!).dialect.classify(error), String(error)).toEqual(wanted)
    })

    it.each(['login', 'database'] as const)('a %s that the server refuses makes opening fail', async (part) => {
      const wrong = new URL(url!)
      if (part === 'login') wrong.username = 'nobody'
      else wrong.pathname = '/nothing'
      const driver = sqlDriver(wrong.href)
      const counts = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } } })
      await expect(counts.open()).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED', retryable: false })
      await driver.close()
    })
  })
}

/** The error that the steps end with, on two connections that are released as they are. */
function failureOf(db: Kysely<AnyTables>, steps: Steps): Promise<unknown> {
  const session =
    (connection: Kysely<AnyTables>): Ask =>
    async (...statements) => {
      for (const statement of statements) await ask(connection, statement)
    }
  return db.connection().execute((one) =>
    db.connection().execute(async (other) => {
      const error = await steps(session(one), session(other)).then(
        () => undefined,
        (failure: unknown) => failure,
      )
      for (const connection of [one, other]) await ask(connection, 'rollback').catch(() => {})
      return error
    }),
  )
}

describe('errors of SQLite', () => {
  const verdicts: readonly (readonly [title: string, wanted: Verdict, steps: Steps])[] = [
    everywhere[0]!,
    everywhere[1]!,
    [
      'a file that others write',
      CONFLICT,
      async (ask, other) => {
        await other('begin immediate')
        await ask('begin immediate')
      },
    ],
    [
      'a snapshot that others wrote after',
      CONFLICT,
      async (ask, other) => {
        await ask('begin', 'select * from t')
        await other('update t set n = 1')
        await ask('update t set n = 2')
      },
    ],
  ]
  const modules: readonly SqliteModule[] = ['better-sqlite3', 'node:sqlite']
  let files = 0

  describe.each(modules)('by %s', (sqliteModule) => {
    it.each(verdicts)('%s', async (_title, wanted, steps) => {
      const url = `sqlite:${join(folder, `${files++}.db`)}`
      const { connect, ...parts } = parseUrl(url)
      // A client with a configuration is not shared.
      const clients = await Promise.all(
        [1, 2].map(() => connect({ ...parts, clientConfig: {}, sqliteModule, timeout: 10_000 })),
      )
      const [one, other] = clients.map(
        ({ kysely }): Ask =>
          async (...statements) => {
            for (const statement of statements) await ask(kysely, statement)
          },
      )
      await one!('create table t (id integer primary key, n integer)', 'insert into t values (1, 0), (2, 0)')
      const error = await steps(one!, other!).catch((failure: unknown) => failure)
      for (const { close } of clients) await close()
      expect(dialects.sqlite.classify(error), String(error)).toEqual(wanted)
    })
  })
})

/** Errors that a test cannot provoke on a server, in the clients' form. */
describe('an error', () => {
  const server = (code: string) => ({ severity: 'FATAL', code })
  const errno = (number: number, fatal = false) => ({ errno: number, sqlState: 'HY000', fatal })
  const disk: Verdict = { retry: 'never', inDoubt: true }

  it.each([
    ['postgres', 'too many connections', server('53300'), UNAVAILABLE],
    ['postgres', 'a server that starts', server('57P03'), UNAVAILABLE],
    ['postgres', 'a session that was idle', server('57P05'), UNAVAILABLE],
    ['postgres', 'a transaction that was idle', server('25P03'), UNAVAILABLE],
    ['postgres', 'a statement of which the server knows no end', server('40003'), LOST],
    ['postgres', 'a server that crashed', server('57P02'), LOST],
    ['postgres', 'a proxy that lost its server', server('08006'), LOST],
    ['postgres', 'a transaction that could not be serialized', server('40001'), CONFLICT],
    ['postgres', 'a socket', { code: 'ECONNRESET', errno: -104 }, LOST],
    ['postgres', 'words of the client', new Error('Connection terminated unexpectedly'), LOST],
    ['postgres', 'nothing', undefined, LOST],
    ['mysql', 'too many connections', errno(1040), UNAVAILABLE],
    ['mysql', 'a replica', errno(1290), UNAVAILABLE],
    ['mysql', 'a session that was idle', errno(4031, true), UNAVAILABLE],
    ['mysql', 'a table that changed since the transaction began', errno(1412), CONFLICT],
    ['mysql', 'a cluster that is not ready', errno(1047), UNAVAILABLE],
    ['mysql', 'a group whose other member was first', errno(3101), CONFLICT],
    ['mysql', 'a commit that failed', errno(1180), LOST],
    ['mysql', 'a server that shuts down', errno(1053), LOST],
    ['mysql', 'an unknown one that ended the connection', errno(9999, true), LOST],
    ['mysql', 'an unknown one that did not', errno(9999), REFUSED],
    ['mysql', 'a socket', { code: 'ECONNRESET', errno: -104, fatal: true }, LOST],
    ['mysql', 'words of the client', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, LOST],
    ['sqlite', 'a disk, by better-sqlite3', { code: 'SQLITE_IOERR_FSYNC' }, disk],
    ['sqlite', 'a disk, by node:sqlite', { code: 'ERR_SQLITE_ERROR', errcode: 1034 }, disk],
    ['sqlite', 'processes that open a file at once', { code: 'SQLITE_PROTOCOL' }, CONFLICT],
    ['sqlite', 'tables that have just changed, by node:sqlite', { code: 'ERR_SQLITE_ERROR', errcode: 17 }, CONFLICT],
    ['sqlite', 'a full disk', { code: 'SQLITE_FULL' }, REFUSED],
    ['sqlite', 'a shared cache', { code: 'SQLITE_LOCKED_SHAREDCACHE' }, CONFLICT],
  ] as const)('of %s: %s', (dialect, _title, error, wanted) => {
    expect(dialects[dialect].classify(error)).toEqual(wanted)
  })
})

it('a file that another process locks while it is opened may be opened later', async () => {
  const file = join(folder, 'locked.db')
  const other = new Database(file)
  other.exec('begin exclusive; create table other (a)')
  const driver = sqlDriver(`sqlite:${file}`)
  const schema = schemaOf({ minute: '{"version":1,"step":60}' })
  await expect(driver.open(schema)).rejects.toMatchObject({ retry: 'later', message: expect.stringContaining(file) })
  other.exec('commit')
  await driver.open(schema)
  await driver.close()
  other.close()
})
