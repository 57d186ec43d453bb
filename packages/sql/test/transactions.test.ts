import { createTimeseries } from '@kairos/core'
import type { Kysely, Transaction } from 'kysely'
import { describe, expect, it, vi } from 'vitest'
import type { AnyTables } from '../src/connection/connected.ts'
import { sqlDriver } from '../src/index.ts'
import { ownPlaces, refuseRows } from './support/own-instances.ts'

const config = { type: 'count', intervals: { minute: { step: 60 } }, now: () => 1_700_000_000 } as const
/** A call that waits for itself must end within this time. */
const SOON = 400
const PATIENTLY = { timeout: 60_000 }

for (const { name, dialect, skipped, instance } of ownPlaces) {
  describe.skipIf(skipped)(`transactions on ${name}`, { timeout: 180_000 }, () => {
    // One row is one statement; more than a thousand are several on every database but PostgreSQL.
    for (const rows of [1, 1_100]) {
      it.each([
        ['first', ['good', 'refused']],
        ['last', ['refused', 'good']],
      ])(
        `of two writes at once of ${rows} rows, one refused, the other comes ${'%s'} and is stored`,
        async (_, names) => {
          const { db, end } = await instance(2)
          const counts = createTimeseries(sqlDriver(db), config)
          await counts.open()
          await refuseRows(db, dialect, 'count')
          const outcomes = await db.transaction().execute((transaction) =>
            Promise.allSettled(
              names.map((each) =>
                counts.bulkInsert(
                  Array.from({ length: rows }, (_entry, index) => ({ name: each, value: 1, timestamp: index * 60 })),
                  { transaction },
                ),
              ),
            ),
          )
          expect(Object.fromEntries(names.map((each, index) => [each, outcomes[index]!.status]))).toEqual({
            good: 'fulfilled',
            refused: 'rejected',
          })
          expect((outcomes[names.indexOf('refused')] as PromiseRejectedResult).reason).toMatchObject({
            stored: 0,
            maybeApplied: [],
          })
          const sums = await counts.series('good', 'minute', { start: 0, end: (rows - 1) * 60 })
          expect([...sums.values()]).toEqual(Array(rows).fill(1))
          expect(await counts.list()).toEqual(['good'])
          await end()
        },
      )
    }

    it('reads that are given the transaction see what was written in it; others do not', async () => {
      const { db, end } = await instance(2)
      const counts = createTimeseries(sqlDriver(db), config)
      await counts.open()
      const undo = new Error('undo')
      const undone = db.transaction().execute(async (transaction) => {
        await counts.insert('a', 7, { transaction })
        expect([...(await counts.get('a', 'minute', { transaction })).values()]).toEqual([7])
        expect(await counts.list({ transaction })).toEqual(['a'])
        expect(Object.keys(await counts.properties('a', { transaction }))).toEqual(['minute'])
        const seen: number[] = []
        for await (const [, value] of counts.iterate('a', 'minute', { transaction })) seen.push(value)
        expect(seen).toEqual([7])
        await counts.delete('a', { transaction })
        expect(await counts.list({ transaction })).toEqual([])
        throw undo
      })
      await expect(undone).rejects.toBe(undo)
      expect(await counts.list()).toEqual([])
      await end()
    })

    it('a transaction of another instance is refused, by writes and reads, and nothing is stored', async () => {
      const [one, other] = [await instance(2), await instance(2)]
      const counts = createTimeseries(sqlDriver(one.db), config)
      await counts.open()
      const refused = expect.objectContaining({ message: expect.stringContaining('not one of another') })
      await other.db.transaction().execute(async (transaction) => {
        await expect(counts.insert('a', 1, { transaction })).rejects.toEqual(refused)
        await expect(counts.get('a', 'minute', { transaction })).rejects.toEqual(refused)
      })
      expect(await counts.list()).toEqual([])
      await one.end()
      await other.end()
    })

    it.each<[string, (ways: Ways) => Promise<unknown>]>([
      ['an insert without the transaction', ({ opened }) => opened.insert('a')],
      ['an insert that has to open', ({ unopened, transaction }) => unopened.insert('a', 1, { transaction })],
      ['a read without the transaction', ({ opened }) => opened.get('a', 'minute')],
    ])('%s, where the transaction has the only connection: says what to do, and sends nothing', async (_, call) => {
      const { db, end } = await instance(1)
      const opened = createTimeseries(sqlDriver(db, { timeout: SOON }), config)
      const unopened = createTimeseries(sqlDriver(db, { timeout: SOON, tableName: 'other' }), config)
      // A busy server may need longer than SOON for what is not the point here.
      await vi.waitFor(() => opened.open(), PATIENTLY)
      await db.transaction().execute(async (transaction) => {
        await expect(call({ opened, unopened, transaction })).rejects.toMatchObject({
          code: 'KAIROS_STORE_FAILED',
          message: expect.stringMatching(/open\(\) before the transaction.*\{ transaction \}/),
        })
      })
      expect(await vi.waitFor(() => opened.list(), PATIENTLY)).toEqual([])
      expect(await vi.waitFor(() => unopened.list(), PATIENTLY)).toEqual([])
      await end()
    })
  })
}

interface Ways {
  readonly opened: ReturnType<typeof make>
  readonly unopened: ReturnType<typeof make>
  readonly transaction: Transaction<AnyTables>
}
function make(db: Kysely<AnyTables>) {
  return createTimeseries(sqlDriver(db), config)
}
