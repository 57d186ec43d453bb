import type { StoredEvent } from '@kairos/core/driver'
import { type CommandSucceededEvent, MongoClient } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { Requests } from '../src/connection/requests.ts'
import { openEventStorage } from '../src/events/open-events.ts'
import { type MongoCollectionLike, mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { freshPlace } from './stores/raw.ts'

const keyOf = (index: number): string => `1${index.toString(16).padStart(31, '0')}`
const ALL = { first: keyOf(0), last: 'f'.repeat(32) }

describe('an append', () => {
  it('that too few members of a replica set acknowledged is not stored yet, even if one of its events existed before', async () => {
    const collection = {
      async createIndexes() {},
      async bulkWrite() {
        const result = { getWriteConcernError: () => ({ code: 64, errmsg: 'waiting for replication timed out' }) }
        throw Object.assign(new Error('bulk'), { code: 11000, writeErrors: [{ index: 0, code: 11000 }], result })
      },
    } as Partial<MongoCollectionLike> as MongoCollectionLike
    const storage = await openEventStorage(new Requests({ collection, timeout: 1_000 }), { namespace: 'n' })
    const events = [0, 1].map((index) => ({ key: keyOf(index), body: '{}' }))
    await expect(storage.append('s', events)).rejects.toMatchObject({ retry: 'later' })
  })
})

const [{ url } = { url: undefined }] = servers
describe.skipIf(url === undefined)('a page of events', () => {
  it.each(['ascending', 'descending'] as const)('asks for about as much as it returns, %s', async (order) => {
    const place = await freshPlace(url!, 'pages')
    const client = new MongoClient(url!, { monitorCommands: true })
    const storage = await mongoDriver(client, place.options).openEvents!({ namespace: 'n' })
    // 20 MB in 20 events, then many small ones.
    const large = Array.from({ length: 20 }, (_, index) => event(index, 1_000_000))
    for (const each of large) await storage.append('s', [each])
    await storage.append(
      's',
      Array.from({ length: 900 }, (_, index) => event(20 + index, 10)),
    )
    let received = 0
    let requests = 0
    client.on('commandSucceeded', ({ commandName, reply }: CommandSucceededEvent) => {
      if (commandName !== 'find' && commandName !== 'getMore') return
      requests++
      const { cursor } = reply as { cursor: Record<string, { body?: string }[]> }
      for (const { body } of cursor.firstBatch ?? cursor.nextBatch ?? []) received += body?.length ?? 0
    })
    const found: StoredEvent[] = []
    for (let done = false; !done; ) {
      const reached = found.at(-1)?.key
      const range =
        reached === undefined
          ? ALL
          : order === 'ascending'
            ? { ...ALL, first: after(reached) }
            : { ...ALL, last: before(reached) }
      const page = await storage.read('s', { ...range, order, limit: 500, maxLength: 1_000_000 })
      found.push(...page.events)
      done = page.done
    }
    expect(found).toHaveLength(920)
    expect(found.map(({ key }) => key)).toEqual(
      Array.from({ length: 920 }, (_, index) => keyOf(order === 'ascending' ? index : 919 - index)),
    )
    // Where long events follow short ones, one answer is as large as the server allows.
    expect(received).toBeLessThan(45_000_000)
    expect(requests).toBeLessThan(30)
    await storage.delete('s', ALL)
    await client.close()
    await place.close()
  })
})

const event = (index: number, length: number): StoredEvent => ({
  key: keyOf(index),
  body: `{"a":"${'x'.repeat(length)}"}`,
})
const after = (key: string): string => keyOf(Number.parseInt(key.slice(1), 16) + 1)
const before = (key: string): string => keyOf(Number.parseInt(key.slice(1), 16) - 1)
