import { createTimeseries, KairosError } from '@kairos/core'
import { MongoClient } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { batchOf, countSchema, failureOf } from './stores/opening.ts'
import { freshPlace, type Place } from './stores/raw.ts'

const NOW = 1_700_000_000
const ABORTED = { code: 'KAIROS_STORE_FAILED', stored: 0, maybeApplied: [] }

async function opened(place: Place) {
  const counts = createTimeseries(mongoDriver(place.client, place.options), {
    ...{ type: 'count', intervals: { minute: { step: 60 } }, now: () => NOW },
  })
  await counts.open()
  const count = async (name: string): Promise<unknown> => [...(await counts.get(name, 'minute')).values()][0]
  return { counts, count }
}

for (const { name, url, sessions } of servers.filter((server) => server.sessions)) {
  describe.skipIf(url === undefined || !sessions)(`ended transactions on ${name}`, () => {
    it('are not continued outside: a call that continues while its transaction is aborted, and any call after that', async () => {
      const place = await freshPlace(url!, 'ended')
      const { counts, count } = await opened(place)
      const session = place.client.startSession()
      session.startTransaction()
      const late = counts.insert('a', 2, { session })
      await session.abortTransaction()
      await expect(late).rejects.toMatchObject(ABORTED)
      const after = await failureOf(counts.insert('a', 4, { session }))
      expect(after).toMatchObject({ ...ABORTED, message: expect.stringContaining('was aborted; begin a new one') })
      expect(after.notApplied).toHaveLength(1)
      await expect(counts.get('a', 'minute', { session })).rejects.toThrow('begin a new one')
      expect(await count('a')).toBe(0)
      session.startTransaction()
      await counts.insert('a', 8, { session })
      await session.commitTransaction()
      await counts.insert('a', 16, { session })
      expect(await count('a')).toBe(24)
      await session.endSession()
      await place.close()
    })

    it('are not left by a bulk insert for the next transaction, or for none', async () => {
      const place = await freshPlace(url!, 'ended')
      const { counts, count } = await opened(place)
      for (const next of ['a transaction', 'a request', 'nothing']) {
        const session = place.client.startSession()
        session.startTransaction()
        // Not all in one batch, and those after the first one in another transaction, or in none.
        async function* points() {
          for (let index = 0; index < 10_000; index++) yield { name: `n${index % 2}`, value: 1, timestamp: index * 60 }
          await session.abortTransaction()
          if (next === 'a transaction') session.startTransaction()
          if (next === 'a request') await place.collection.findOne({ name: 'x' }, { session })
          for (let index = 0; index < 2; index++) yield { name: 'late', value: 1 }
        }
        await expect(counts.bulkInsert(points(), { session })).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED' })
        if (session.inTransaction()) await session.commitTransaction()
        await session.endSession()
      }
      expect([await count('late'), await counts.list()]).toEqual([0, []])
      await place.close()
    })

    it('that the server has ended are over for the whole call of core, which may be several of the store', async () => {
      const place = await freshPlace(url!, 'ended')
      const { store } = await mongoDriver(place.client, place.options).open(await countSchema({ minute: 60 }))
      const [session, blocker] = [place.client.startSession(), place.client.startSession()]
      for (const each of [session, blocker]) each.startTransaction()
      await store.write(batchOf({}), { driverOptions: { session: blocker } })
      const driverOptions = { session }
      await store.write(batchOf({ name: 'b' }), { driverOptions })
      const failure = await failureOf(store.write(batchOf({}), { driverOptions }))
      expect(failure).toMatchObject({ transactionEnded: true, maybeApplied: [] })
      await blocker.abortTransaction()
      for (const each of [session, blocker]) await each.endSession()
      await place.close()
    })

    it('need a session of the same client that has not ended', async () => {
      const place = await freshPlace(url!, 'ended')
      const { counts } = await opened(place)
      const stranger = new MongoClient(url!)
      const ended = place.client.startSession()
      await ended.endSession()
      const foreign = stranger.startSession()
      for (const session of [null, {}, 'x', ended, foreign]) {
        const given = { session } as never
        const calls = [counts.insert('a', 1, given), counts.get('a', 'minute', given), counts.delete('a', given)]
        for (const call of calls) {
          const error = await failureOf(call)
          expect(error).toBeInstanceOf(KairosError)
          expect(error).toMatchObject({ code: 'KAIROS_INVALID_CONFIG', path: 'session' })
        }
      }
      const session = place.client.startSession()
      await expect(counts.drop({ session } as never)).rejects.toMatchObject({ code: 'KAIROS_INVALID_CONFIG' })
      expect(await counts.list()).toEqual([])
      for (const each of [foreign, session]) await each.endSession()
      await stranger.close()
      await place.close()
    })
  })
}
