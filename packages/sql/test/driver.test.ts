import { createTimeseries, KairosError } from '@kairos/core'
import BetterSqlite from 'better-sqlite3'
import { CamelCasePlugin, Kysely, type KyselyPlugin, ParseJSONResultsPlugin, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'
import { sqlDriver, tableStatements } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { servers } from './support/servers.ts'

const folder = temporaryFolder()
const intervals = { minute: { step: 60, steps: 3 }, day: { step: 'daily', resolution: '1h' } } as const

function ownSqlite(plugins: KyselyPlugin[] = []) {
  const database = new BetterSqlite(':memory:')
  return new Kysely<Record<string, Record<string, unknown>>>({ dialect: new SqliteDialect({ database }), plugins })
}

describe("the caller's own Kysely instance", () => {
  it('may have plugins that rename columns and parse texts', async () => {
    const db = ownSqlite([new CamelCasePlugin(), new ParseJSONResultsPlugin()])
    const texts = createTimeseries(sqlDriver(db), { type: 'gauge', valueType: 'text', intervals })
    await texts.insert('a', '[1]', { timestamp: Date.now() / 1000 })
    expect([...(await texts.get('a', 'minute')).values()]).toEqual(['[1]'])
    await texts.close()
    await db.destroy()
  })

  it('is asked by writes that join a transaction of it, which commits or rolls them back', async () => {
    const db = ownSqlite()
    const counts = createTimeseries(sqlDriver(db), { type: 'count', intervals })
    await counts.open()
    await db.transaction().execute((transaction) => counts.insert('kept', 2, { transaction }))
    await expect(
      db.transaction().execute(async (transaction) => {
        await counts.insert('gone', 2, { transaction })
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    expect(await counts.list()).toEqual(['kept'])
    await db.destroy()
  })
})

describe('tables', () => {
  it('are made by the printed statements where the driver must not', async () => {
    const db = ownSqlite()
    const driver = sqlDriver(db, { manageSchema: false })
    const gauges = createTimeseries(driver, { type: 'gauge', valueType: 'int64', intervals })
    const refused = await gauges.open().catch((error: unknown) => error)
    expect(KairosError.is(refused) && refused.code).toBe('KAIROS_INVALID_CONFIG')
    for (const statement of tableStatements('sqlite', { type: 'gauge', valueType: 'int64' }))
      await db.executeQuery({
        sql: statement,
        parameters: [],
        query: { kind: 'RawNode' } as never,
        queryId: { queryId: '' },
      })
    await gauges.insert('a', 2n ** 63n - 1n)
    expect([...(await gauges.get('a', 'minute')).values()]).toEqual([2n ** 63n - 1n])
    await db.destroy()
  })

  it('of another value type, with data, are refused', async () => {
    const url = `sqlite:${folder}/types.db`
    const ints = createTimeseries(url, { type: 'gauge', valueType: 'int', intervals })
    await ints.insert('a', 1)
    const strings = createTimeseries(url, { type: 'gauge', valueType: 'string', intervals })
    const refused = await strings.open().catch((error: unknown) => error)
    expect(KairosError.is(refused) && refused.code).toBe('KAIROS_CONFIG_CHANGED')
    await Promise.all([ints.close(), strings.close()])
  })

  it('that something else made are refused', async () => {
    const file = `${folder}/foreign.db`
    const other = new BetterSqlite(file)
    other.exec('create table "count" (id integer primary key, name text)')
    other.close()
    const counts = createTimeseries(`sqlite:${file}`, { type: 'count', intervals })
    const refused = await counts.open().catch((error: unknown) => error)
    expect(KairosError.is(refused) && refused.code).toBe('KAIROS_CONFIG_CHANGED')
    await counts.close()
  })
})

describe('expire', () => {
  it('tells after each batch how far it has come', async () => {
    let now = 1_700_000_000
    const seen: number[] = []
    const driver = sqlDriver('sqlite::memory:', { onExpire: ({ cells }) => seen.push(cells) })
    const counts = createTimeseries(driver, {
      type: 'count',
      intervals: { minute: { step: 60, steps: 20_000 } },
      now: () => now,
    })
    const points = Array.from({ length: 12_000 }, (_, minute) => ({
      name: 'a',
      value: 1,
      timestamp: now + minute * 60,
    }))
    await counts.bulkInsert(points)
    now += 60 * 60_000
    expect(await counts.expire()).toBe(12_000)
    expect(seen).toEqual([5_000, 10_000, 12_000])
    await counts.close()
    await driver.close()
  })
})

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(name, () => {
    it('gives every double back, bit by bit, however it is written', async () => {
      const driver = sqlDriver(url!, { tableName: 'doubles' })
      const doubles = createTimeseries(driver, { type: 'series', intervals: { day: { step: 'daily' } } })
      await doubles.deleteAll()
      const values = [
        5e-324,
        1.7976931348623157e308,
        0.1 + 0.2,
        9_144_640.788860345,
        -1e-7,
        123_456_789_012_345_680_000,
      ]
      for (let index = 0; index < 5_000; index++) values.push((Math.random() - 0.5) * 10 ** (Math.random() * 40 - 20))
      await doubles.insert('few', values.slice(0, 6))
      await doubles.insert('many', values)
      expect([...(await doubles.get('few', 'day')).values()]).toEqual([values.slice(0, 6)])
      expect([...(await doubles.get('many', 'day')).values()]).toEqual([values])
      await doubles.close()
      await driver.close()
    })
  })
}
