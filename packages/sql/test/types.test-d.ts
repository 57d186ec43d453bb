import { createTimeseries, type StorageDriver } from '@kairos/core'
import type { ControlledTransaction, Dialect, Kysely, Transaction } from 'kysely'
import { expectTypeOf, it } from 'vitest'
import {
  driverFromUrl,
  type SqlDriver,
  type SqlDriverOptions,
  type SqlFetchQuery,
  sqlDriver,
  tableStatements,
} from '../src/index.ts'

interface Shop {
  orders: { id: number; customer: string }
  count: { name: string; interval: string; i_time: number; r_time: number; value: number }
}
declare const shop: Kysely<Shop>
declare const untyped: Kysely<unknown>
declare const anything: Kysely<Record<string, Record<string, unknown>>>
declare const transaction: Transaction<Shop>
declare const controlled: ControlledTransaction<Shop>

const config = { type: 'count', intervals: { minute: { step: 60 } } } as const

it('takes a URL, or a Kysely instance of any tables, with options', () => {
  expectTypeOf(sqlDriver).toBeCallableWith('sqlite::memory:')
  expectTypeOf(sqlDriver('sqlite::memory:')).toEqualTypeOf<SqlDriver>()
  expectTypeOf(sqlDriver(shop, { tableName: 'hits' })).toEqualTypeOf<SqlDriver<Kysely<Shop>>>()
  expectTypeOf(sqlDriver(untyped)).toEqualTypeOf<SqlDriver<Kysely<unknown>>>()
  expectTypeOf(sqlDriver(anything)).toEqualTypeOf<SqlDriver>()
  expectTypeOf(driverFromUrl('sqlite::memory:', {})).toEqualTypeOf<StorageDriver>()
  // Options that are computed may be undefined.
  expectTypeOf<{ tableName: string | undefined; clientConfig: object | undefined }>().toExtend<SqlDriverOptions>()
  sqlDriver('sqlite:a', { onExpire: ({ table, name, interval, cells }) => [table, name, interval, cells.toFixed()] })
})

it('takes nothing else', () => {
  // @ts-expect-error: no store
  sqlDriver()
  // @ts-expect-error: a dialect is not an instance
  sqlDriver({} as Dialect)
  // @ts-expect-error: no such option
  sqlDriver(shop, { tablename: 'hits' })
  // @ts-expect-error: no such database
  sqlDriver(shop, { dialect: 'oracle' })
  // @ts-expect-error: no such module
  sqlDriver('sqlite:a', { sqliteModule: 'sqlite3' })
  // @ts-expect-error: a number is not a name
  sqlDriver(shop, { tableName: 1 })
})

it('adds a transaction to writes and reads', () => {
  const counts = createTimeseries(sqlDriver(shop), config)
  void counts.insert('a', 1, { transaction })
  void counts.insert('a', 1, { transaction: controlled })
  void counts.bulkInsert([{ name: 'a', value: 1 }], { transaction })
  // @ts-expect-error: outside of a transaction nothing could undo the write
  void counts.insert('a', 1, { transaction: shop })
  // @ts-expect-error: no other option
  void counts.insert('a', 1, { session: transaction })
  void counts.get('a', 'minute', { transaction })
})

it("types fetch: the caller's own instance, what is asked for, and rows", () => {
  const counts = createTimeseries(sqlDriver(shop), config)
  void counts.get('a', 'minute', {
    fetch: (db, query) => {
      expectTypeOf(db).toEqualTypeOf<Kysely<Shop>>()
      expectTypeOf(query).toEqualTypeOf<SqlFetchQuery>()
      return db.selectFrom('count').select(['i_time', 'value']).where('name', 'in', query.names).execute()
    },
  })
  void counts.get('a', 'minute', {
    // @ts-expect-error: no such table
    fetch: (db) => db.selectFrom('sales').selectAll().execute(),
  })
  // @ts-expect-error: rows are objects
  void counts.get('a', 'minute', { fetch: () => ['a'] })
  void createTimeseries(sqlDriver('sqlite:a'), config).get('a', 'minute', {
    fetch: (db, { table }) => db.selectFrom(table).select(['i_time', 'value']).execute(),
  })
})

it('prints tables of any type for the databases that it knows', () => {
  expectTypeOf(tableStatements('mysql', { type: 'gauge', valueType: 'decimal' }, { tableName: 'a' })).toEqualTypeOf<
    string[]
  >()
  // @ts-expect-error: PGlite is a PostgreSQL
  tableStatements('pglite', { type: 'count' })
  // @ts-expect-error: no such type
  tableStatements('sqlite', { type: 'counter' })
})
