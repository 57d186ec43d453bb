import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { AnyTables } from '../src/connection/connected.ts'
import { sqlDriver, tableStatements } from '../src/index.ts'
import { isTableOf, tableNameOf } from '../src/schema/table-name.ts'
import { schemaOf } from './support/stores.ts'

describe('the table of a timeseries with a name', () => {
  it('has its type and name, after tableName, in at most 63 bytes', () => {
    expect(tableNameOf(undefined, { type: 'count', name: 'views' })).toBe('count_views')
    expect(tableNameOf('shop', { type: 'set', name: 'views' })).toBe('shop_set_views')
    expect(tableNameOf('shop', { type: 'set', name: undefined })).toBe('shop')
    const names = ['Views', 'views', 'views.v2', 'views-v2', `v${'x'.repeat(99)}`, `v${'x'.repeat(98)}y`]
    for (const tableName of [undefined, 'é'.repeat(16)]) {
      const tables = names.map((name) => tableNameOf(tableName, { type: 'series', name }))
      expect(new Set(tables).size).toBe(names.length)
      for (const [index, table] of tables.entries()) {
        expect(Buffer.byteLength(table)).toBeLessThanOrEqual(63)
        expect(isTableOf(tableName, { type: 'series', name: names[index] }, table)).toBe(true)
        expect(isTableOf(tableName, { type: 'count', name: names[index] }, table)).toBe(false)
      }
    }
    expect(() => tableNameOf('a'.repeat(36), { type: 'series', name: 'views' })).toThrow(/at most 35 bytes/)
  })

  it('is that of the statements for migrations', () => {
    const statements = tableStatements('sqlite', { type: 'count', name: 'views' }, { tableName: 'shop' })
    expect(statements.at(-1)).toContain('"shop_count_views"')
  })

  it('is refused to a driver whose tableName happens to be the same', async () => {
    const db = new Kysely<AnyTables>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
    const counts = schemaOf({ minute: '{"version":1,"step":60}' })
    await sqlDriver(db, { tableName: 'a' }).open({ ...counts, name: 'b' })
    const refused = sqlDriver(db, { tableName: 'a_count_b' }).open(counts)
    await expect(refused).rejects.toMatchObject({
      code: 'KAIROS_CONFIG_CHANGED',
      message: expect.stringContaining('b'),
    })
    expect(await sqlDriver(db, { tableName: 'a_count_b' }).discover!()).toEqual([])
    expect(await sqlDriver(db, { tableName: 'a' }).discover!()).toMatchObject([{ name: 'b' }])
    expect(await sqlDriver(db).discover!()).toEqual([])
    await db.destroy()
  })
})
