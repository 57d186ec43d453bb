import type { StorageDriver } from '@kairos/core'
import type { Fault } from '@kairos/driver-tests'
import { describe, expect, it } from 'vitest'
import { createDatabase } from '../src/connection/database.ts'
import { parseUrl } from '../src/connection/urls.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { slicesOf } from '../src/dialects/rows.ts'
import { sqlDriver } from '../src/index.ts'
import { findTable } from '../src/schema/open-table.ts'
import { createReceipts } from '../src/store/receipts.ts'
import { createWriter } from '../src/store/write.ts'
import { expectOutcome, startProxy, TYPES, throughProxy, writeThrough } from './support/faulty.ts'
import { freshDatabase, isPostgres, kyselyOf } from './support/places.ts'
import { servers } from './support/servers.ts'

const BATCHES = 20
const ROWS_A_STATEMENT = 7

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`transactions of several statements on ${name}`, { timeout: 240_000 }, () => {
    for (const type of TYPES) {
      const repeatable = type === 'set' || type === 'gauge'

      it(`${type}: a commit is cut off: exactly what was acknowledged is stored, and of the cells in doubt those that the server received`, async () => {
        const cycle: (Fault | null)[] = [null, 'cut-reply', null, 'cut-request']
        let commits = 0
        const decide = (text: string): Fault | null =>
          text.includes('commit') ? cycle[commits++ % cycle.length]! : null
        await throughProxy({ url: url!, type, decide, create: inSeveralStatements }, async (faulty) => {
          const { acknowledged, maybe } = await writeThrough(faulty.timeseries, type, BATCHES)
          const { 'cut-reply': answers, 'cut-request': requests } = faulty.proxy.faults
          expect(Math.min(answers, requests)).toBeGreaterThan(3)
          // Each cell that was cut off is reported once, or written again if that changes nothing.
          expect(maybe.size).toBe(repeatable ? 0 : answers + requests)
          expect(acknowledged.size + maybe.size).toBe(BATCHES)
          // A server that received the complete commit has carried it out.
          const carriedOut = [...maybe].filter((batch) => cycle[(batch - 1) % cycle.length] === 'cut-reply')
          const stored = { acknowledged: new Set([...acknowledged, ...carriedOut]), maybe: new Set<number>() }
          await expectOutcome(faulty.direct, type, stored)
        })
      })

      it(`${type}: a statement before the commit is cut off: the batch is written again, and nothing twice`, async () => {
        const cycle: (Fault | null)[] = [null, null, null, null, 'cut-reply', null, null, 'cut-request']
        let statements = 0
        const decide = (text: string): Fault | null =>
          text.includes('insert into') || text.includes('begin') ? cycle[statements++ % cycle.length]! : null
        await throughProxy({ url: url!, type, decide, create: inSeveralStatements }, async (faulty) => {
          const outcome = await writeThrough(faulty.timeseries, type, BATCHES)
          const { 'cut-reply': answers, 'cut-request': requests } = faulty.proxy.faults
          expect(Math.min(answers, requests)).toBeGreaterThan(3)
          expect(outcome.acknowledged.size).toBe(BATCHES)
          await expectOutcome(faulty.direct, type, outcome)
        })
      })
    }

    it('series of long texts: a commit is cut off: its cell is in doubt, and stored once', async () => {
      // Three of them are more than one statement.
      const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(isPostgres(url!) ? 6_000_000 : 600_000))
      let commits = 0
      const decide = (text: string): Fault | null => (text.includes('commit') && commits++ === 0 ? 'cut-reply' : null)
      await throughProxy({ url: url!, type: 'series', valueType: 'text', decide }, async ({ timeseries, direct }) => {
        const points = texts.map((value) => ({ name: 'a', value }))
        const error = await timeseries.bulkInsert(points).catch((failure: unknown) => failure)
        expect(commits).toBe(1)
        expect(error).toMatchObject({ code: 'KAIROS_STORE_FAILED', stored: 0, maybeApplied: [{ name: 'a' }] })
        await timeseries.bulkInsert([{ name: 'a', value: 'last' }])
        const lengths = [...(await direct.get('a', 'minute')).values()].map((values) =>
          (values as string[]).map((value) => `${value[0]} ${value.length}`),
        )
        expect(lengths).toEqual([[...texts, 'last'].map((value) => `${value[0]} ${value.length}`)])
      })
    })
  })
}

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`events on ${name}`, () => {
    it('a statement or a commit is cut off: events appended again are stored once, with their first body', async () => {
      const cycle: (Fault | null)[] = [null, 'cut-reply', null, null, 'cut-request']
      let pieces = 0
      const decide = (text: string): Fault | null =>
        /insert|commit/.test(text) ? cycle[pieces++ % cycle.length]! : null
      const place = await freshDatabase(url!, 'events')
      const { proxy, through, arm } = await startProxy({ url: place.url, decide })
      const driver = sqlDriver(through)
      const { append, read } = await driver.openEvents!({ namespace: 'a' })
      arm(true)
      const keyOf = (index: number): string => index.toString(16).padStart(32, '0')
      for (let batch = 0; batch < BATCHES; batch++) {
        for (let attempt = 0; ; attempt++) {
          const events = [1, 2, 3].map((index) => ({ key: keyOf(3 * batch + index), body: `"${batch} ${attempt}"` }))
          const error = await append('s', events).then(
            () => undefined,
            (failure: unknown) => failure,
          )
          if (error === undefined) break
          expect(error).toMatchObject({ retry: 'later' })
        }
      }
      arm(false)
      const { 'cut-reply': answers, 'cut-request': requests } = proxy.faults
      expect(Math.min(answers, requests)).toBeGreaterThan(3)
      const range = { first: keyOf(0), last: 'f'.repeat(32) }
      const { events } = await read('s', { ...range, order: 'ascending', limit: 1_000, maxLength: 1_000_000 })
      expect(events.map(({ key }) => key)).toEqual(Array.from({ length: 3 * BATCHES }, (_, index) => keyOf(index + 1)))
      // Each batch completely, from one attempt.
      expect(new Set(events.map(({ body }) => body)).size).toBe(BATCHES)
      await driver.close()
      await proxy.close()
      await place.drop()
    })
  })
}

/**
 * The package's own driver, with only a few rows per statement, so that small batches of any type are transactions. Otherwise, PostgreSQL would need
 * long texts for one, and MySQL a thousand rows.
 */
function inSeveralStatements(url: string, tableName: string): StorageDriver {
  const driver = sqlDriver(url, { tableName })
  const { dialect } = parseUrl(url)
  const connection = kyselyOf(url)
  return {
    ...driver,
    async open(schema, options) {
      const { store, records } = await driver.open(schema, options)
      const place = {
        dialect,
        schema: null,
        tableName,
        name: undefined,
        stringLength: 255,
        manageSchema: true,
        codec: null,
      }
      const short: Dialect = {
        ...dialect,
        upsert(table) {
          const upsert = dialect.upsert(table)
          return (rows) =>
            slicesOf(rows, ROWS_A_STATEMENT, Number.POSITIVE_INFINITY).flatMap(([from, to]) =>
              upsert(rows.map((column) => column.slice(from, to))),
            )
        },
      }
      const database = createDatabase({
        kysely: (await connection).db,
        dialect: short,
        shortcut: null,
        patience: { timeout: 10_000, boundByClient: false, shared: false },
      })
      const { table } = (await findTable(database, place))!
      const receipts = createReceipts({ dialect, receipts: dialect.quote('kairos_schema_once'), tableName })
      return {
        store: {
          ...store,
          write: createWriter(database, short, table, receipts),
        },
        records,
      }
    },
    async close() {
      await driver.close()
      await (await connection).close()
    },
  }
}
