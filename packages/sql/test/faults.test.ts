import { createTimeseries } from '@kairos/core'
import type { Fault } from '@kairos/driver-tests'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import type { WriterAnswer } from './processes/writer.ts'
import { runChild } from './support/children.ts'
import { expectOutcome, TYPES, throughProxy, writeThrough } from './support/faulty.ts'
import { ask, freshDatabase, isPostgres, kyselyOf } from './support/places.ts'
import { servers } from './support/servers.ts'

const PROCESSES = 8
const KEYS = 400

// A connection that dies also emits an event, which would end the process, and vitest with it, without a listener.
const rejections: unknown[] = []
const onRejection = (reason: unknown): void => {
  rejections.push(reason)
}
beforeAll(() => {
  process.on('unhandledRejection', onRejection)
})
afterAll(() => {
  process.off('unhandledRejection', onRejection)
  expect(rejections).toEqual([])
})

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`faults on ${name}`, { timeout: 240_000 }, () => {
    it('connections of 8 processes are killed: the sums stored are between those acknowledged and those in doubt', async () => {
      const place = await freshDatabase(url!, 'killed')
      const { db, close } = await kyselyOf(url!)
      const database = new URL(place.url).pathname.slice(1)
      let ending = false
      let kills = 0
      const killer = (async () => {
        while (!ending) {
          if (await killOne(db, database, isPostgres(url!))) kills++
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
      })()
      const answers = await Promise.all(
        Array.from({ length: PROCESSES }, (_, writer) =>
          runChild<WriterAnswer>('writer.ts', { url: place.url, writer, batches: 100, keys: KEYS }),
        ),
      )
      ending = true
      await killer
      await close()

      const driver = sqlDriver(place.url, { tableName: 'shared' })
      const counts = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } } })
      let stored = 0
      for (let index = 0; index < 20; index++) {
        const sums = await counts.series(`n${index}`, 'minute', { start: 0, end: (KEYS / 20 - 1) * 60 })
        for (const sum of sums.values()) stored += sum
      }
      const sum = (of: (answer: WriterAnswer) => number): number =>
        answers.reduce((total, answer) => total + of(answer), 0)
      const acknowledged = sum((answer) => answer.acknowledged)
      expect(kills).toBeGreaterThan(10)
      expect(acknowledged).toBeGreaterThan(0)
      expect(stored).toBeGreaterThanOrEqual(acknowledged)
      expect(stored).toBeLessThanOrEqual(acknowledged + sum((answer) => answer.maybeApplied))
      await driver.close()
      await place.drop()
    })

    for (const type of TYPES) {
      it(`${type}: requests and answers are cut off: the bound holds for every name`, async () => {
        const faults: (Fault | null)[] = [null, 'cut-reply', null, null, 'cut-request', null, null]
        let decisions = 0
        const decide = (text: string): Fault | null =>
          text.includes('insert into') ? faults[decisions++ % faults.length]! : null
        await throughProxy({ url: url!, type, decide }, async ({ timeseries, direct, proxy }) => {
          const outcome = await writeThrough(timeseries, type)
          expect(proxy.faults['cut-reply']).toBeGreaterThan(3)
          expect(proxy.faults['cut-request']).toBeGreaterThan(3)
          await expectOutcome(direct, type, outcome)
          // What can be written twice without a difference is simply written again.
          if (type === 'set' || type === 'gauge') expect(outcome.maybe.size).toBe(0)
        })
      })
    }

    it('an answer that never arrives: the signal ends the call, which reports what is in doubt', async () => {
      const controllers: AbortController[] = []
      let writes = 0
      const decide = (text: string): Fault | null => {
        if (!text.includes('insert into') || writes++ % 4 !== 1) return null
        setTimeout(() => controllers.at(-1)!.abort(), 50)
        return 'stall'
      }
      await throughProxy({ url: url!, type: 'count', decide }, async ({ timeseries, direct, proxy }) => {
        const outcome = await writeThrough(timeseries, 'count', 12, () => {
          const controller = new AbortController()
          controllers.push(controller)
          return controller.signal
        })
        expect(proxy.faults.stall).toBe(3)
        expect(outcome.maybe.size).toBe(3)
        // Cut off only now, so that only the signal can have ended the calls.
        proxy.release()
        await expectOutcome(direct, 'count', outcome)
      })
    })
  })
}

async function killOne(db: Parameters<typeof ask>[0], database: string, postgres: boolean): Promise<boolean> {
  if (postgres) {
    const rows = await ask(
      db,
      `select pg_terminate_backend(pid) from (select pid from pg_stat_activity where datname = '${database}' order by random() limit 1) a`,
    )
    return rows.length > 0
  }
  const [row] = await ask(
    db,
    `select id as id from information_schema.processlist where db = '${database}' order by rand() limit 1`,
  )
  if (row === undefined) return false
  // It may have ended by itself.
  return ask(db, `kill ${Number(row.id)}`).then(
    () => true,
    () => false,
  )
}
