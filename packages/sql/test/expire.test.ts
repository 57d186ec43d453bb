import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { AnyTables } from '../src/connection/connected.ts'
import { type ExpireProgress, sqlDriver } from '../src/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { freshPlaces } from './support/fresh-places.ts'
import { cell, namesIn, schemaOf, sweepIn } from './support/stores.ts'

const folder = temporaryFolder()
let files = 0
const schema = schemaOf({ minute: '{"version":1,"step":60}' })
const live = { minute: Number.MIN_SAFE_INTEGER }
const OLDEST = { minute: 1_000_000 }

const places = freshPlaces(folder, 'expire')

const manyBuckets = (name: string, buckets: number) =>
  Array.from({ length: buckets }, (_, bucket) => cell(name, 1, bucket))
const manyNames = (names: number) =>
  Array.from({ length: names }, (_, index) => cell(`n${String(index).padStart(6, '0')}`))

for (const { name, skipped, fresh } of places) {
  describe.skipIf(skipped)(`expiring on ${name}`, { timeout: 60_000 }, () => {
    it('deletes in batches: many names with few rows, one with many, and keeps live ones between them', async () => {
      const place = await fresh()
      const told: ExpireProgress[] = []
      const driver = sqlDriver(place.url, { onExpire: (progress) => told.push(progress) })
      const { store } = await driver.open(schema)
      await store.write({ cells: manyNames(6_000), oldestLive: live })
      await store.write({ cells: manyBuckets('n000777', 9_999).slice(2), oldestLive: live })
      await store.write({ cells: [cell('n000777', 1, OLDEST.minute)], oldestLive: live })
      expect(await sweepIn(store, OLDEST)).toBe(6_000 + 9_997)
      expect(await namesIn(store, live)).toEqual(['n000777'])
      // 500 names per page; one of them takes three batches.
      expect(told.length).toBeLessThan(20)
      expect(told.at(-1)).toMatchObject({ table: 'count', interval: 'minute', cells: 15_997 })
      await store.delete(null)
      expect(await namesIn(store, live)).toEqual([])
      await driver.close()
      await place.drop()
    })

    it('stops within a batch after an abort', async () => {
      const place = await fresh()
      const abort = new AbortController()
      const told: number[] = []
      const driver = sqlDriver(place.url, {
        onExpire: ({ cells }) => {
          told.push(cells)
          abort.abort()
        },
      })
      const { store } = await driver.open(schema)
      await store.write({ cells: manyBuckets('a', 10_000), oldestLive: live })
      await store.write({ cells: manyBuckets('b', 10_000), oldestLive: live })
      await expect(
        store.sweep!({ oldestLive: OLDEST, names: null, limit: 20_000 }, { signal: abort.signal }),
      ).rejects.toMatchObject({ retry: 'never' })
      expect(told).toEqual([5_000])
      expect(await sweepIn(store, OLDEST)).toBe(15_000)
      await driver.close()
      await place.drop()
    })
  })
}

describe('on SQLite', () => {
  it('expire() waits for a file that is busy midway, and counts everything deleted', async () => {
    const file = join(folder, `${files++}.db`)
    let clock = 60 * 30_000
    let waiting: Promise<unknown> | undefined
    const driver = sqlDriver(`sqlite:${file}`, {
      onExpire() {
        waiting ??= holdFor(file, 300)
      },
    })
    const counts = createTimeseries(driver, {
      type: 'count',
      intervals: { minute: { step: 60, steps: 30_000 } },
      now: () => clock,
    })
    await counts.bulkInsert(
      Array.from({ length: 12_000 }, (_, index) => ({ name: 'a', value: 1, timestamp: 60 * index + 60 })),
    )
    clock = 60 * 1_000_000
    expect(await counts.expire()).toBe(12_000)
    await waiting
    await driver.close()
  })

  it.each(['by URL', 'by your own instance'])('%s: timers run between pages and batches', async (way) => {
    const file = join(folder, `${files++}.db`)
    const db = new Kysely<AnyTables>({ dialect: new SqliteDialect({ database: new Database(file) }) })
    const driver = way === 'by URL' ? sqlDriver(`sqlite:${file}`) : sqlDriver(db)
    const { store } = await driver.open(schema)
    for (let from = 0; from < 400_000; from += 10_000)
      await store.write({ cells: manyBuckets('a', from + 10_000).slice(from), oldestLive: live })
    const query = { names: ['a'], interval: 'minute', range: { first: 0, last: 400_000 } }
    for (const work of [() => store.read(query), () => sweepIn(store, OLDEST)]) {
      let ticks = 0
      const timer = setInterval(() => ticks++, 1)
      await work()
      clearInterval(timer)
      // None runs while a synchronous client does all in one go; how many do depends on the machine.
      expect(ticks).toBeGreaterThan(0)
    }
    await driver.close()
    await db.destroy()
  })
})

/** Another connection writes to the file, for this many milliseconds. */
function holdFor(file: string, milliseconds: number): Promise<void> {
  const other = new Database(file)
  other.exec('begin immediate')
  return new Promise((resolve) => {
    setTimeout(() => {
      other.exec('commit')
      other.close()
      resolve()
    }, milliseconds)
  })
}
