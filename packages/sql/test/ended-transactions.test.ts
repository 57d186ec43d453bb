import { createTimeseries } from '@kairos/core'
import type { Kysely, Transaction } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { AnyTables } from '../src/connection/connected.ts'
import { sqlDriver } from '../src/index.ts'
import { ownPlaces } from './support/own-instances.ts'
import { ask } from './support/places.ts'

const config = { type: 'count', intervals: { minute: { step: 60 } }, now: () => 1_700_000_000 } as const
const texts = { ...config, type: 'series', valueType: 'text' } as const

/** What a call rejects with if it was not made, since its transaction has ended. */
const notMade = expect.objectContaining({
  code: 'KAIROS_STORE_FAILED',
  retryable: false,
  message: expect.stringContaining('begin a new one'),
})
/** The same, for a write of one cell. */
const notWritten = expect.objectContaining({
  stored: 0,
  notApplied: [expect.anything()],
  maybeApplied: [],
  message: expect.stringContaining('begin a new one'),
})

function countsOn(db: Kysely<AnyTables>) {
  return createTimeseries(sqlDriver(db), config)
}

/** Every call in the transaction rejects, again and again. */
async function expectEnded(counts: ReturnType<typeof countsOn>, transaction: Transaction<AnyTables>): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await expect(counts.insert('late', 1, { transaction })).rejects.toEqual(notWritten)
    await expect(counts.insert('late', 1, { transaction, once: 'key' })).rejects.toEqual(notWritten)
    await expect(counts.get('late', 'minute', { transaction })).rejects.toEqual(notMade)
    await expect(counts.delete('kept', { transaction })).rejects.toEqual(notMade)
    await expect(counts.expire(undefined, { transaction })).rejects.toEqual(notMade)
  }
}

for (const { name, dialect, skipped, instance } of ownPlaces) {
  describe.skipIf(skipped)(`a transaction that has ended, on ${name}`, { timeout: 180_000 }, () => {
    async function openCounts(connections = 2) {
      const { db, end } = await instance(connections)
      const counts = countsOn(db)
      await counts.insert('kept')
      return { db, end, counts }
    }

    it('by a statement: nothing more is written or read in it, until another begins', async () => {
      const { db, end, counts } = await openCounts()
      await db.transaction().execute(async (transaction) => {
        await counts.insert('early', 1, { transaction })
        await ask(transaction, 'rollback')
        await expectEnded(counts, transaction)
        await ask(transaction, 'begin')
        await counts.insert('again', 1, { transaction })
      })
      expect(await counts.list()).toEqual(['again', 'kept'])
      await end()
    })

    it('by its commit: nothing is written or read in it', async () => {
      const { db, end, counts } = await openCounts(1)
      const over = await db.transaction().execute(async (transaction) => transaction)
      await expectEnded(counts, over)
      expect(await counts.list()).toEqual(['kept'])
      await end()
    })

    it('by its commit, while a call is being made in it: what may be stored is in doubt', async () => {
      const { db, end, counts } = await openCounts(1)
      for (let turns = 0; turns <= 24; turns += 4) {
        const name = `after ${turns} turns`
        let call: Promise<{ known: number; doubtful: number }> | undefined
        await db.transaction().execute(async (transaction) => {
          call = counts.insert(name, 1, { transaction }).then(
            () => ({ known: 1, doubtful: 0 }),
            (error) => ({ known: 0, doubtful: error.maybeApplied.length }),
          )
          for (let turn = 0; turn < turns; turn++) await null
        })
        const { known, doubtful } = await call!
        const [found] = (await counts.get(name, 'minute')).values()
        expect(found, name).toBeGreaterThanOrEqual(known)
        expect(found, name).toBeLessThanOrEqual(known + doubtful)
      }
      await end()
    })

    if (dialect === 'postgres')
      it('by a statement that failed: nothing is written until that is undone', async () => {
        const { db, end, counts } = await openCounts()
        await db.transaction().execute(async (transaction) => {
          await ask(transaction, 'savepoint own')
          await expect(ask(transaction, 'select * from missing')).rejects.toThrow()
          await expectEnded(counts, transaction)
          await ask(transaction, 'rollback to savepoint own')
          await counts.insert('again', 1, { transaction })
        })
        expect(await counts.list()).toEqual(['again', 'kept'])
        await end()
      })

    if (dialect === 'mysql')
      it('by a deadlock: its writes are gone, and nothing more is written', async () => {
        const { db, end, counts } = await openCounts(3)
        await ask(db, 'create table heavy (id integer)')
        await db.transaction().execute((light) =>
          db.transaction().execute(async (heavy) => {
            await counts.insert('one', 1, { transaction: light })
            // The server ends the transaction that has changed less.
            const rows = Array.from({ length: 50 }, (_, id) => `(${id})`)
            await ask(heavy, `insert into heavy values ${rows.join(', ')}`)
            await counts.insert('two', 10, { transaction: heavy })
            const [inLight, inHeavy] = await Promise.allSettled([
              counts.insert('two', 1, { transaction: light }),
              counts.insert('one', 10, { transaction: heavy }),
            ])
            expect(inHeavy.status).toBe('fulfilled')
            expect((inLight as PromiseRejectedResult).reason).toEqual(notWritten)
            expect((inLight as PromiseRejectedResult).reason.message).toMatch(
              /deadlock.*nothing that was written in it/i,
            )
            await expectEnded(counts, light)
          }),
        )
        expect(await counts.list()).toEqual(['kept', 'one', 'two'])
        for (const each of ['one', 'two']) expect([...(await counts.get(each, 'minute')).values()]).toEqual([10])
        await end()
      })

    if (dialect === 'mysql')
      it('not by a lock wait timeout, which undoes one write', async () => {
        const { db, end, counts } = await openCounts(3)
        await db.transaction().execute((waiting) =>
          db.transaction().execute(async (holding) => {
            await counts.insert('one', 1, { transaction: waiting })
            await counts.insert('two', 10, { transaction: holding })
            await ask(waiting, 'set innodb_lock_wait_timeout = 1')
            await expect(counts.insert('two', 1, { transaction: waiting })).rejects.toMatchObject({
              stored: 0,
              maybeApplied: [],
              message: expect.not.stringContaining('begin a new one'),
            })
            await counts.insert('three', 1, { transaction: waiting })
          }),
        )
        const sums = await Promise.all(['one', 'two', 'three'].map((each) => counts.get(each, 'minute')))
        expect(sums.flatMap((each) => [...each.values()])).toEqual([1, 10, 1])
        await end()
      })

    if (dialect === 'sqlite')
      it('by a trigger that rolls back', async () => {
        const { db, end, counts } = await openCounts()
        await ask(
          db,
          "create trigger refuse before insert on count when new.name = 'refused' begin select raise(rollback, 'refused'); end",
        )
        const ended = db.transaction().execute(async (transaction) => {
          await counts.insert('early', 1, { transaction })
          await expect(counts.insert('refused', 1, { transaction })).rejects.toEqual(notWritten)
          await expectEnded(counts, transaction)
        })
        await expect(ended).rejects.toThrow('no transaction is active')
        expect(await counts.list()).toEqual(['kept'])
        expect(await ask(db, 'pragma foreign_keys')).toEqual([{ foreign_keys: 1 }])
        await end()
      })

    if (dialect === 'sqlite')
      it.each(['Kairos', 'the caller'])('by a full disk, which %s met', async (who) => {
        const { db, end } = await openCounts()
        const series = createTimeseries(sqlDriver(db), texts)
        await series.insert('kept', 'x')
        await ask(db, 'create table own (body text)')
        await ask(db, 'pragma max_page_count = 100')
        const ended = db.transaction().execute(async (transaction) => {
          await series.insert('early', 'x', { transaction })
          const filling =
            who === 'Kairos'
              ? series.insert('large', 'x'.repeat(1_000_000), { transaction })
              : ask(transaction, 'insert into own values (hex(zeroblob(500000)))')
          await expect(filling).rejects.toThrow('full')
          await expect(series.insert('late', 'x', { transaction })).rejects.toEqual(notWritten)
        })
        await expect(ended).rejects.toThrow('no transaction is active')
        expect(await series.list()).toEqual(['kept'])
        await end()
      })
  })
}
