import { createTimeseries } from '@kairos/core'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { AnyTables } from '../src/connection/connected.ts'
import { type DialectId, sqlDriver } from '../src/index.ts'
import { ownPlaces } from './support/own-instances.ts'
import { ask } from './support/places.ts'

const NAMES = 4_000
const names = Array.from({ length: NAMES }, (_, index) => `n${String(index).padStart(4, '0')}`)

/** Counts of two intervals, in which there are many names, and one with many buckets. */
async function fill(db: Kysely<AnyTables>) {
  const counts = createTimeseries(sqlDriver(db, { tableName: 'growth' }), {
    type: 'count',
    intervals: { minute: { step: 60 }, hour: { step: 3600 } },
    now: () => 1e9,
  })
  await counts.bulkInsert(names.map((name) => ({ name, timestamp: 0 })))
  await counts.bulkInsert(names.map((_, index) => ({ name: 'n2000', value: 1, timestamp: index * 60 })))
  return counts
}

/** What each call may read, in rows or entries of an index: the range, the page, a few beside them. */
function callsOn(counts: Awaited<ReturnType<typeof fill>>) {
  const range = { start: 60_000, end: 60_000 + 99 * 60 }
  return [
    { title: 'one bucket', most: 10, call: () => counts.get('n2000', 'minute', { timestamp: 60_000 }) },
    { title: 'a range', most: 120, call: () => counts.series('n2000', 'minute', range) },
    { title: 'the range of all buckets', most: 20, call: () => counts.properties('n2000') },
    {
      title: 'names with a prefix',
      most: 900,
      call: async () => expect(await counts.list({ prefix: 'n02' })).toEqual(names.slice(200, 300)),
    },
    {
      title: 'names after a name',
      most: 900,
      call: async () => expect(await counts.list({ after: 'n0199', limit: 100 })).toEqual(names.slice(200, 300)),
    },
    { title: 'an insert', most: 20, call: () => counts.insert('n2000', 1, { timestamp: 60_000 }) },
    { title: 'a deletion', most: 420, call: () => counts.delete('n2000', { interval: 'minute', ...range }) },
  ]
}

/** How many rows the tables of this test have read so far, on the only connection. */
const READ: Readonly<Partial<Record<DialectId, (db: Kysely<AnyTables>) => Promise<number>>>> = {
  async postgres(db) {
    await ask(db, 'select pg_stat_force_next_flush()')
    const [row] = await ask(
      db,
      "select coalesce(sum(seq_tup_read), 0) + (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes where relname = 'growth') as rows " +
        "from pg_stat_user_tables where relname = 'growth'",
    )
    return Number(row!.rows)
  },
  async mysql(db) {
    const rows = await ask(db, "show session status like 'Handler_read%'")
    return rows.reduce((sum, { Value }) => sum + Number(Value), 0)
  },
}

for (const { name, dialect, skipped, instance } of ownPlaces) {
  const read = READ[dialect]
  if (read === undefined || name === 'PGlite') continue
  describe.skipIf(skipped)(`growth on ${name}`, () => {
    it('costs a call nothing: it reads what it returns, and a few rows beside', async () => {
      const { db, end } = await instance(1)
      const counts = await fill(db)
      if (dialect === 'postgres') await ask(db, 'analyze growth')
      const costs: Record<string, number> = {}
      for (const { title, most, call } of callsOn(counts)) {
        await call()
        const before = await read(db)
        await call()
        const rows = (await read(db)) - before
        if (rows > most) costs[title] = rows
      }
      expect(costs).toEqual({})
      await counts.close()
      await end()
    })
  })
}

describe('growth on SQLite', () => {
  it('costs a call nothing: no statement reads a table from its first row on', async () => {
    const statements: string[] = []
    const database = new Database(':memory:', { verbose: (sql) => statements.push(String(sql)) })
    const db = new Kysely<AnyTables>({ dialect: new SqliteDialect({ database }) })
    const counts = await fill(db)
    const plans: string[] = []
    for (const { call } of callsOn(counts)) {
      statements.length = 0
      await call()
      for (const sql of [...statements].filter((each) => /\bgrowth\b/.test(each)))
        for (const { detail } of database.prepare(`explain query plan ${sql}`).all() as { detail: string }[])
          plans.push(detail)
    }
    expect(plans.filter((plan) => /^SEARCH (t|growth) /.test(plan)).length).toBeGreaterThan(7)
    expect(plans.filter((plan) => /^SCAN (t|growth)\b/.test(plan))).toEqual([])
    await counts.close()
    await db.destroy()
  })
})
