import type { WriteFailure } from '@kairos/core/driver'
import { type CommandStartedEvent, MongoClient } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { guarded } from '../src/documents/overflow.ts'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { batchOf, countSchema, failureOf } from './stores/opening.ts'
import { freshPlace } from './stores/raw.ts'

const RANGE = { names: ['a', 'b'], interval: 'minute', range: { first: 0, last: 100 } }
const HUGE = Number.MAX_VALUE

describe('a guard', () => {
  it('passes what can be added, and nothing more', () => {
    for (const change of [2 ** 970, 1.5 * 2 ** 970, 2 ** 971, 1e300, 1e308, 2 ** 1023, HUGE]) {
      const { n } = guarded({}, new Map([['n', change]])) as { n: { $not: { $gt: number } } }
      const most = n.$not.$gt
      const next = most === 0 ? 5e-324 : most + most * Number.EPSILON
      expect([most + change, next + change]).toEqual([expect.any(Number), Number.POSITIVE_INFINITY])
      expect(Number.isFinite(most + change)).toBe(true)
      expect(guarded({}, new Map([['n', -change]]))).toEqual({ n: { $not: { $lt: -most } } })
    }
  })
})

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`sums that would not be finite on ${name}`, () => {
    it('of counts are refused; their cells stay as they are, and the others of the batch are stored', async () => {
      const place = await freshPlace(url!, 'overflow')
      const { store } = await mongoDriver(place.client, place.options).open(await countSchema({ minute: 60 }))
      await store.write(batchOf({ bucket: 1, change: 1e308 }, { bucket: 2, change: -1e308 }, { bucket: 3, change: 1 }))
      const batch = batchOf(
        { bucket: 1, change: 1e308 },
        { bucket: 2, change: -1e308 },
        { bucket: 3, change: 1e308 },
        { bucket: 4, change: 2 },
        { name: 'b', bucket: 1, change: 4 },
      )
      const failure = (await failureOf(store.write(batch))) as WriteFailure
      expect(failure).toMatchObject({ retry: 'never', maybeApplied: [] })
      // A server may answer in any order.
      expect(failure.notApplied.toSorted((a, b) => a.bucket - b.bucket)).toEqual(batch.cells.slice(0, 2))
      const cells = await store.read(RANGE)
      const values = Object.fromEntries(cells.map((cell) => [`${cell.name}${cell.bucket}`, cell.value]))
      expect(values).toEqual({ a1: 1e308, a2: -1e308, a3: 1e308, a4: 2, b1: 4 })
      // What was refused fits again once there is room.
      await store.write(batchOf({ bucket: 1, change: -1e308 }))
      await store.write(batchOf({ bucket: 1, change: HUGE }))
      await place.close()
    })

    it('of many writers at once are refused too: no interleaving makes Infinity', async () => {
      const place = await freshPlace(url!, 'overflow')
      const { store } = await mongoDriver(place.client, place.options).open(await countSchema({ minute: 60 }))
      const write = async (): Promise<boolean> => {
        for (;;) {
          const [{ status, reason }] = (await Promise.allSettled([store.write(batchOf({ change: 1e307 }))])) as [
            { status: string; reason: { retry: string } },
          ]
          if (status === 'fulfilled') return true
          if (reason.retry === 'never') return false
        }
      }
      const stored = await Promise.all(Array.from({ length: 40 }, write))
      expect(stored.filter(Boolean)).toHaveLength(17)
      const [cell] = await store.read(RANGE)
      expect(cell!.value).toBeCloseTo(17e307, -300)
      await place.close()
    })

    it('of a histogram are refused with the whole cell, on whichever level its values are', async () => {
      const place = await freshPlace(url!, 'overflow')
      const schema = { ...(await countSchema({ minute: 60 })), type: 'histogram' as const, valueType: 'int' }
      const { store } = await mongoDriver(place.client, place.options).open(schema)
      const times = (...entries: [number, number][]) => batchOf({ change: new Map(entries) })
      await store.write(times([1, 1e308], [2, 1]))
      // This many values at once begin on a deeper level.
      const many = Array.from({ length: 3_000 }, (_, value): [number, number] => [value + 10, 1])
      await store.write(times(...many))
      const batch = times(...many, [1, 1e308], [5_000, 1e308])
      expect(await failureOf(store.write(batch))).toMatchObject({ retry: 'never', notApplied: batch.cells })
      const counts = new Map<unknown, number>()
      for (const { value } of await store.read(RANGE))
        for (const [scalar, found] of value as ReadonlyMap<number, number>)
          counts.set(scalar, (counts.get(scalar) ?? 0) + found)
      expect(counts).toEqual(new Map<unknown, number>([[1, 1e308], [2, 1], ...many]))
      await place.close()
    })
  })
}

const [{ url } = { url: undefined }] = servers
describe.skipIf(url === undefined)('ordinary changes', () => {
  it('are written without a look, many in one command', async () => {
    const place = await freshPlace(url!, 'ordinary')
    const client = new MongoClient(url!, { monitorCommands: true })
    const { store } = await mongoDriver(client, place.options).open(await countSchema({ minute: 60 }))
    const commands: string[] = []
    client.on('commandStarted', ({ commandName }: CommandStartedEvent) => commands.push(commandName))
    await store.write(batchOf({ bucket: 1 }, { bucket: 100 }, { name: 'b', change: 1e290 }))
    expect(commands).toEqual(['update'])
    await client.close()
    await place.close()
  })
})
