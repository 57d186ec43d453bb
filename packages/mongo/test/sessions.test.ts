import { createTimeseries, KairosError } from '@kairos/core'
import { startFaultProxy } from '@kairos/driver-tests'
import { type ClientSession, type Collection, MongoClient, MongoError } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers, urlWith } from './servers.ts'
import { batchOf, countSchema } from './stores/opening.ts'
import { freshPlace } from './stores/raw.ts'

const NOW = 1_700_000_000

interface Values {
  insert(name: string, values: readonly number[], options?: { session: ClientSession }): Promise<unknown>
  get(name: string, interval: string): Promise<Map<number, unknown>>
}

const numbersFrom = (first: number, length: number): number[] => Array.from({ length }, (_, index) => first + index)

for (const { name, url, sessions } of servers.filter((server) => server.sessions)) {
  describe.skipIf(url === undefined || !sessions)(`sessions on ${name}`, () => {
    it("make writes join the caller's transaction, with other documents", async () => {
      const place = await freshPlace(url!, 'session')
      const orders = createTimeseries(mongoDriver(place.client, place.options), {
        type: 'count',
        intervals: { minute: { step: 60 } },
        now: () => NOW,
      })
      await orders.open()
      const count = async (options: object = {}): Promise<unknown> =>
        [...(await orders.get('a', 'minute', options)).values()][0]
      const session = place.client.startSession()
      session.startTransaction()
      await orders.insert('a', 5, { session })
      expect(await count({ session })).toBe(5)
      expect(await count()).toBe(0)
      await session.abortTransaction()
      expect(await count()).toBe(0)
      await session.withTransaction(async () => {
        await orders.insert('a', 7, { session })
      })
      expect(await count()).toBe(7)
      await session.endSession()
      await place.close()
    })

    it('are accepted by every call that reaches the store', async () => {
      const place = await freshPlace(url!, 'session')
      const { store } = await mongoDriver(place.client, place.options).open(await countSchema({ minute: 60 }))
      const range = { names: ['a'], interval: 'minute', range: { first: 0, last: 9 } }
      const session = place.client.startSession()
      const own = { driverOptions: { session } }
      const fetched: unknown[] = []
      const seen = async (options: object): Promise<unknown[]> => [
        (await store.read(range, options)).length,
        await store.bounds(range, options),
        (await store.names({ oldestLive: { minute: 0 }, limit: 10 }, options)).names,
        (
          await store.fetch!(
            range,
            (collection: Collection, { filter, session: given }: { filter: object; session?: ClientSession }) => {
              fetched.push(given)
              return collection.find(filter, given === undefined ? {} : { session: given })
            },
            options,
          )
        ).length,
      ]
      session.startTransaction()
      await store.write(batchOf({}), own)
      expect(await seen(own)).toEqual([1, { first: 1, last: 1 }, ['a'], 1])
      expect(fetched).toEqual([session])
      expect(await seen({})).toEqual([0, null, [], 0])
      await store.delete(['a'], own)
      expect(await seen(own)).toEqual([0, null, [], 0])
      await session.abortTransaction()
      await session.endSession()
      await place.close()
    })

    it.each(['series', 'histogram', 'set'] as const)(
      'write to a %s of many chunks that this process has not seen, in the first transaction',
      async (type) => {
        const place = await freshPlace(url!, 'session')
        const config = { type, valueType: 'int', intervals: { minute: { step: 60 } }, now: () => NOW } as never
        const writer = createTimeseries(mongoDriver(place.client, place.options), config) as unknown as Values
        for (let part = 0; part < 30; part++)
          await writer.insert(
            'a',
            Array.from({ length: 500 }, (_, index) => part * 500 + index),
          )
        expect(await place.collection.countDocuments({ name: 'a' })).toBeGreaterThan(1)
        const fresh = createTimeseries(mongoDriver(place.client, place.options), config) as unknown as Values
        const session = place.client.startSession()
        session.startTransaction()
        await fresh.insert('a', [20_000], { session })
        await session.commitTransaction()
        // What is learnt in a transaction that is rolled back affects neither the next one nor a write without one.
        session.startTransaction()
        await fresh.insert('a', numbersFrom(20_001, 9_000), { session })
        await session.abortTransaction()
        await fresh.insert('a', [30_000])
        session.startTransaction()
        await fresh.insert('a', [30_001], { session })
        await session.commitTransaction()
        await session.endSession()
        const [value] = [...(await fresh.get('a', 'minute')).values()]
        const found = value instanceof Map ? [...value.keys()] : [...(value as Iterable<number>)]
        const expected = [...numbersFrom(0, 15_000), 20_000, 30_000, 30_001]
        expect(type === 'series' ? found : found.sort((a, b) => a - b)).toEqual(expected)
        await place.close()
      },
    )

    it('let withTransaction recognise what may be repeated: a conflict with another write', async () => {
      const place = await freshPlace(url!, 'session')
      const config = { type: 'count', intervals: { minute: { step: 60 } }, now: () => NOW } as const
      const counts = createTimeseries(mongoDriver(place.client, place.options), config)
      await counts.insert('a', 1)
      const blocker = place.client.startSession()
      const session = place.client.startSession()
      blocker.startTransaction()
      await counts.insert('a', 10, { session: blocker })
      const errors: unknown[] = []
      await session.withTransaction(async () => {
        try {
          await counts.insert('a', 100, { session })
        } catch (error) {
          errors.push(error)
          if (blocker.inTransaction()) await blocker.commitTransaction()
          throw error
        }
      })
      expect(errors.length).toBeGreaterThan(0)
      for (const error of errors) {
        expect(error).toBeInstanceOf(KairosError)
        expect(error).toBeInstanceOf(MongoError)
        expect(error).toMatchObject({ name: 'KairosError', code: 'KAIROS_STORE_FAILED', maybeApplied: [], stored: 0 })
        expect((error as MongoError).hasErrorLabel('TransientTransactionError')).toBe(true)
      }
      expect([...(await counts.get('a', 'minute')).values()]).toEqual([111])
      await session.endSession()
      await blocker.endSession()
      await place.close()
    })

    it('are repeated by withTransaction when the answer to a write in them is lost', async () => {
      const place = await freshPlace(url!, 'lost')
      const { hostname, port } = new URL(url!)
      let cuts = 0
      const proxy = await startFaultProxy({
        target: { host: hostname, port: Number(port) },
        decide: (data) => (cuts === 0 && Buffer.from(data).includes('updates\0') && ++cuts > 0 ? 'cut-reply' : null),
      })
      const config = { type: 'count', intervals: { minute: { step: 60 } }, now: () => NOW } as const
      const direct = createTimeseries(mongoDriver(place.client, place.options), config)
      await direct.insert('a', 1)
      const client = new MongoClient(urlWith(url!, { host: `${proxy.host}:${proxy.port}`, directConnection: 'true' }))
      const counts = createTimeseries(mongoDriver(client, place.options), config)
      await counts.open()
      let attempts = 0
      await client.withSession((session) =>
        session.withTransaction(async () => {
          attempts++
          await counts.insert('a', 10, { session })
        }),
      )
      expect([cuts, attempts]).toEqual([1, 2])
      expect([...(await direct.get('a', 'minute')).values()]).toEqual([11])
      await client.close()
      await proxy.close()
      await place.close()
    })

    it('append to a series whose last chunk is known', async () => {
      const place = await freshPlace(url!, 'session')
      const options = { type: 'series', valueType: 'int', intervals: { minute: { step: 60 } }, now: () => NOW } as const
      const series = createTimeseries(mongoDriver(place.client, place.options), options)
      const numbers = Array.from({ length: 9_000 }, (_, index) => index)
      await series.insert('a', numbers)
      const session = place.client.startSession()
      session.startTransaction()
      await series.insert('a', [9_000], { session })
      await session.commitTransaction()
      await session.endSession()
      expect([...(await series.get('a', 'minute')).values()]).toEqual([[...numbers, 9_000]])
      await place.close()
    })
  })
}
