import { type CommandStartedEvent, MongoClient } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { batchOf, countSchema } from './stores/opening.ts'
import { freshPlace } from './stores/raw.ts'

const OLDEST = { minute: 0 }

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`pages of names on ${name}`, () => {
    it('read as many keys of the unique index as they hold names, however many others there are', async () => {
      const place = await freshPlace(url!, 'pages')
      const client = new MongoClient(url!, { monitorCommands: true })
      const { store } = await mongoDriver(client, place.options).open(await countSchema({ minute: 60 }))
      const nameOf = (index: number): string => `n${String(index).padStart(4, '0')}`
      const finds: CommandStartedEvent['command'][] = []
      client.on('commandStarted', ({ commandName, command }) => {
        if (commandName === 'find' && command.filter.name !== undefined) finds.push(command)
      })
      const asked: unknown[] = []
      for (const many of [400, 1_200]) {
        await store.write(batchOf(...Array.from({ length: many }, (_, index) => ({ name: nameOf(index) }))))
        finds.length = 0
        const page = await store.names({ oldestLive: OLDEST, after: nameOf(49), limit: 200 })
        expect(page).toEqual({
          names: Array.from({ length: 200 }, (_, index) => nameOf(50 + index)),
          next: nameOf(249),
        })
        asked.push(finds.map(({ filter, limit, sort }) => ({ filter, limit, sort: Object.fromEntries(sort) })))
      }
      expect(asked[0]).toEqual([{ filter: { name: { $gt: nameOf(49) } }, limit: 201, sort: { name: 1 } }])
      expect(asked[1]).toEqual(asked[0])
      await client.close()
      await place.close()
    })

    it('jump over the documents of a name, and show only names with a live bucket', async () => {
      const place = await freshPlace(url!, 'jumps')
      const client = new MongoClient(url!, { monitorCommands: true })
      const { store } = await mongoDriver(client, place.options).open(await countSchema({ minute: 60 }))
      const documents = Array.from({ length: 500 }, (_, index) => index * 60)
      for (const each of ['a', 'b', 'c'])
        await store.write(batchOf(...documents.map((bucket) => ({ name: each, bucket }))))
      // Of the document in which the live buckets begin, x has a live bucket and y has not; z has only documents that are too old.
      await store.write(batchOf({ name: 'x', bucket: 630 }, { name: 'y', bucket: 629 }, { name: 'z', bucket: 1 }))
      let keys = 0
      client.on('commandStarted', ({ commandName, command }) => {
        if (commandName === 'find') keys += command.limit ?? 0
      })
      const page = await store.names({ oldestLive: { minute: 630 }, limit: 9 })
      expect(page).toEqual({ names: ['a', 'b', 'c', 'x'] })
      // A run for each name, not the 1,500 documents of three.
      expect(keys).toBeLessThan(1_200)
      // Names of which only the last documents are live are found where a run ends before these.
      expect((await store.names({ oldestLive: { minute: 499 * 60 }, limit: 9 })).names).toEqual(['a', 'b', 'c'])
      expect((await store.names({ oldestLive: { minute: 499 * 60 + 1 }, limit: 9 })).names).toEqual([])
      await client.close()
      await place.close()
    })
  })
}
