import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createTimeseries, KairosError } from '@kairos/core'
import { CamelCasePlugin, ParseJSONResultsPlugin, type Transaction } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { AnyTables } from '../src/connection/connected.ts'
import { type DialectId, type ExpireProgress, type SqlDriverOptions, sqlDriver, tableStatements } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { ask, freshDatabase, isPostgres, kyselyOf } from './support/places.ts'
import { servers } from './support/servers.ts'

const folder = temporaryFolder()
let files = 0
const NOW = 1_700_000_000
const intervals = { minute: { step: 60 } }
const now = () => NOW

const places = [
  {
    name: 'SQLite',
    url: 'sqlite:',
    fresh: async () => ({ url: `sqlite:${join(folder, `${files++}.db`)}`, drop: async () => {} }),
  },
  ...servers.map(({ name, url }) => ({ name, url, fresh: () => freshDatabase(url!, 'options') })),
]

function dialectOf(url: string): DialectId {
  if (url.startsWith('sqlite:')) return 'sqlite'
  return isPostgres(url) ? 'postgres' : 'mysql'
}

const code = (wanted: string) => (error: unknown) => KairosError.is(error) && error.code === wanted

for (const { name, url, fresh } of places) {
  describe.skipIf(url === undefined)(`options on ${name}`, () => {
    it('a write with something other than a transaction stores nothing', async () => {
      const place = await fresh()
      const { db, close } = await kyselyOf(place.url)
      const counts = createTimeseries(sqlDriver(db), { type: 'count', intervals, now })
      for (const wrong of [db, null, 'transaction', {}]) {
        await expect(counts.insert('a', 1, { transaction: wrong as Transaction<AnyTables> })).rejects.toMatchObject({
          code: 'KAIROS_STORE_FAILED',
          message: expect.stringMatching(/must be a transaction of the Kysely instance.*1 cells were not written/),
          maybeApplied: [],
        })
      }
      expect(await counts.list()).toEqual([])
      await close()
      await place.drop()
    })

    it("the caller's Kysely instance keeps its plugins to itself, and stays open", async () => {
      const place = await fresh()
      const { db, close } = await kyselyOf(place.url)
      const plugged = db.withPlugin(new CamelCasePlugin()).withPlugin(new ParseJSONResultsPlugin())
      const driver = sqlDriver(plugged)
      const series = createTimeseries(driver, { type: 'series', valueType: 'string', intervals, now })
      await series.insert('{"a":1}', '[1]')
      expect([...(await series.get('{"a":1}', 'minute')).values()]).toEqual([['[1]']])
      expect(await series.list()).toEqual(['{"a":1}'])
      await driver.close()
      expect(await ask(db, 'select 1 as one')).toHaveLength(1)
      await close()
      await place.drop()
    })

    it("writes join the caller's transaction: they are committed or rolled back with it", async () => {
      const place = await fresh()
      const { db, close } = await kyselyOf(place.url)
      const counts = createTimeseries(sqlDriver(db), { type: 'count', intervals, now })
      await counts.insert('a', 1)
      const rollback = new Error('no')
      const undone = db.transaction().execute(async (transaction) => {
        await counts.insert('a', 10, { transaction })
        await counts.bulkInsert(
          Array.from({ length: 3_000 }, (_, index) => ({ name: `undone ${index}`, value: 1 })),
          { transaction },
        )
        throw rollback
      })
      await expect(undone).rejects.toBe(rollback)
      expect(await counts.list()).toEqual(['a'])
      await db.transaction().execute((transaction) => counts.insert('a', 100, { transaction }))
      expect([...(await counts.get('a', 'minute')).values()]).toEqual([101])
      await close()
      await place.drop()
    })

    it('stringLength limits names and strings, before anything is written', async () => {
      const place = await fresh()
      const driver = sqlDriver(place.url, { stringLength: 5 })
      const gauge = createTimeseries(driver, { type: 'gauge', valueType: 'string', intervals, now })
      await gauge.insert('🙂🙂🙂🙂🙂', '🙂🙂🙂🙂🙂')
      await expect(gauge.insert('123456', 'a')).rejects.toSatisfy(code('KAIROS_INVALID_VALUE'))
      await expect(gauge.insert('a', '123456')).rejects.toSatisfy(code('KAIROS_INVALID_VALUE'))
      expect(await gauge.list()).toEqual(['🙂🙂🙂🙂🙂'])
      await driver.close()
      await place.drop()
    })

    it('manageSchema: false creates nothing, and names the statements that do, like tableStatements', async () => {
      const place = await fresh()
      const { db, close } = await kyselyOf(place.url)
      const config = { type: 'series', valueType: 'int64', intervals, now } as const
      const driver = sqlDriver(place.url, { manageSchema: false })
      const series = createTimeseries(driver, config)
      // Each error names what is missing next: the tables of records and of ids, then the series' own.
      const made: string[] = []
      for (let round = 0; round < 3; round++) {
        const error = await series.open().catch((failure: unknown) => failure)
        expect(error).toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path: 'manageSchema' })
        for (const statement of (error as Error).message.split('these statements make: ')[1]!.split('; ')) {
          await ask(db, statement)
          made.push(statement)
        }
      }
      expect(made).toEqual(tableStatements(dialectOf(place.url), config))
      await series.insert('a', 2n ** 63n - 1n)
      expect([...(await series.get('a', 'minute')).values()]).toEqual([[2n ** 63n - 1n]])
      await driver.close()
      await close()
      await place.drop()
    })

    it('a foreign table is refused, and left alone', async () => {
      const place = await fresh()
      const { db, close } = await kyselyOf(place.url)
      await ask(db, 'create table other (id integer)')
      await ask(db, 'insert into other (id) values (7)')
      const counts = createTimeseries(sqlDriver(db, { tableName: 'other' }), { type: 'count', intervals })
      await expect(counts.open()).rejects.toSatisfy(code('KAIROS_CONFIG_CHANGED'))
      expect((await ask(db, 'select id from other')).map(({ id }) => Number(id))).toEqual([7])
      await close()
      await place.drop()
    })

    it('a table of another valueType with data in it is refused', async () => {
      const place = await fresh()
      const driver = sqlDriver(place.url)
      await createTimeseries(driver, { type: 'gauge', intervals, now }).insert('a', 1.5)
      const other = createTimeseries(sqlDriver(place.url), { type: 'gauge', valueType: 'string', intervals, now })
      await expect(other.open()).rejects.toSatisfy(code('KAIROS_CONFIG_CHANGED'))
      await driver.close()
      await other.close()
      await place.drop()
    })

    it('expire() deletes in batches, and reports its progress', async () => {
      const place = await fresh()
      const told: ExpireProgress[] = []
      const driver = sqlDriver(place.url, { onExpire: (progress) => told.push(progress) })
      let clock = 0
      const counts = createTimeseries(driver, {
        type: 'count',
        intervals: { second: { step: 1, steps: 20_000 } },
        now: () => clock,
      })
      clock = 12_000
      await counts.bulkInsert(Array.from({ length: 12_000 }, (_, index) => ({ name: 'a', value: 1, timestamp: index })))
      clock = 1_000_000
      expect(await counts.expire()).toBe(12_000)
      expect(told.map(({ cells }) => cells)).toEqual([5_000, 10_000, 12_000])
      expect(told[0]).toMatchObject({ table: 'count', name: 'a', interval: 'second' })
      await driver.close()
      await place.drop()
    })
  })
}

for (const { name, url } of servers.filter((server) => server.name.startsWith('PostgreSQL'))) {
  describe.skipIf(url === undefined)(`${name} alone`, () => {
    it('keeps tables in the given schema, and creates it', async () => {
      expect(isPostgres(url!)).toBe(true)
      const place = await freshDatabase(url!, 'schema')
      const drivers = ['one', 'Two "2"'].map((schema) => sqlDriver(place.url, { schema }))
      for (const [index, driver] of drivers.entries())
        await createTimeseries(driver, { type: 'gauge', intervals, now }).insert('a', index)
      const { db, close } = await kyselyOf(place.url)
      expect((await ask(db, 'select value from one.gauge')).map(({ value }) => value)).toEqual([0])
      expect((await ask(db, 'select value from "Two ""2""".gauge')).map(({ value }) => value)).toEqual([1])
      for (const driver of drivers) await driver.close()
      await close()
      await place.drop()
    })

    it('sets extra_float_digits itself, and refuses your own session if it loses digits', async () => {
      const place = await freshDatabase(url!, 'digits')
      const { db, close } = await kyselyOf(url!)
      const database = new URL(place.url).pathname.slice(1)
      await ask(db, `alter database ${database} set extra_float_digits = 0`)
      const value = 0.1 + 0.2
      const own = sqlDriver(place.url)
      const gauge = createTimeseries(own, { type: 'gauge', intervals, now })
      await gauge.insert('a', value)
      expect([...(await gauge.get('a', 'minute')).values()]).toEqual([value])
      await own.close()
      const { default: pg } = await import('pg')
      const { Kysely, PostgresDialect } = await import('kysely')
      const pool = new pg.Pool({ connectionString: place.url })
      // The database is dropped by force, possibly before this pool's last connection has ended.
      pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}))
      const kysely = new Kysely<Record<string, Record<string, unknown>>>({ dialect: new PostgresDialect({ pool }) })
      const lossy = createTimeseries(sqlDriver(kysely), { type: 'gauge', intervals, now })
      await expect(lossy.open()).rejects.toSatisfy(code('KAIROS_INVALID_CONFIG'))
      await kysely.destroy()
      await close()
      await place.drop()
    })
  })
}

for (const { name, url } of servers.filter((server) => server.name.startsWith('M'))) {
  it.skipIf(url === undefined)(`${name} alone: refuses a session without autocommit, for events too`, async () => {
    const { createPool } = await import('mysql2')
    const { Kysely, MysqlDialect } = await import('kysely')
    const pool = createPool({ uri: url!.replace(/^mariadb:/, 'mysql:') })
    pool.on('connection', (connection) => connection.query('set autocommit = 0'))
    const kysely = new Kysely<AnyTables>({ dialect: new MysqlDialect({ pool }) })
    const driver = sqlDriver(kysely)
    const refused = expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', path: 'store' })
    await expect(createTimeseries(driver, { type: 'count', intervals }).open()).rejects.toEqual(refused)
    await expect(driver.openEvents!({ namespace: 'a' })).rejects.toEqual(refused)
    await kysely.destroy()
  })
}

describe('URLs and options', () => {
  it.each(['sqlite:PATH', 'sqlite://PATH', 'SQLite:PATH'])('%s is a file', async (form) => {
    const file = join(folder, `${files++}.db`)
    const driver = sqlDriver(form.replace('PATH', file))
    await createTimeseries(driver, { type: 'count', intervals }).insert('a')
    await driver.close()
    expect(existsSync(file)).toBe(true)
  })

  it('sqlite: takes a path relative to the working folder, or :memory:, which is not shared', async () => {
    const file = join(folder, `${files++}.db`)
    const driver = sqlDriver(`sqlite:${relative(process.cwd(), file)}`)
    await createTimeseries(driver, { type: 'count', intervals }).insert('a')
    await driver.close()
    expect(existsSync(file)).toBe(true)
    const [one, two] = [sqlDriver('sqlite::memory:'), sqlDriver('sqlite::memory:')]
    await createTimeseries(one, { type: 'count', intervals }).insert('a')
    expect(await createTimeseries(two, { type: 'count', intervals }).list()).toEqual([])
    await one.close()
    await two.close()
  })

  it.each<[string, SqlDriverOptions]>([
    ['mongodb://localhost', {}],
    ['sqlite::memory:', { schema: 'a' }],
    ['sqlite::memory:', { stringLength: 0 }],
    ['postgres://localhost', { stringLength: 10_000 }],
    ['sqlite::memory:', { dialect: 'postgres' }],
    ['sqlite::memory:', { sqliteModule: 'other' as 'node:sqlite' }],
    ['sqlite::memory:', { tablename: 'a' } as SqlDriverOptions],
    ['sqlite::memory:', { manageSchema: 'no' as unknown as boolean }],
  ])('%s with %o is a mistake', (url, options) => {
    expect(() => sqlDriver(url, options)).toThrow(expect.toSatisfy(code('KAIROS_INVALID_CONFIG')))
  })

  it('sqlite: without a path is refused', async () => {
    const counts = createTimeseries(sqlDriver('sqlite:'), { type: 'count', intervals })
    await expect(counts.open()).rejects.toSatisfy(code('KAIROS_INVALID_CONFIG'))
  })
})
