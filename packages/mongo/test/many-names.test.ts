import { type CommandStartedEvent, MongoClient } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { batchOf, countSchema } from './stores/opening.ts'
import { freshPlace } from './stores/raw.ts'

const [{ url } = { url: undefined }] = servers
describe.skipIf(url === undefined)('names that do not fit into one request', () => {
  it('are asked for in parts', async () => {
    const place = await freshPlace(url!, 'names')
    const client = new MongoClient(url!, { monitorCommands: true })
    const { store } = await mongoDriver(client, place.options).open(await countSchema({ minute: 60 }))
    const names = Array.from({ length: 1_500 }, (_, index) => `${String(index).padStart(4, '0')}${'x'.repeat(4_000)}`)
    const written = [names[0]!, names[700]!, names[1_499]!]
    await store.write(batchOf(...written.map((name, index) => ({ name, bucket: index + 1 }))))
    let largest = 0
    client.on('commandStarted', ({ command }: CommandStartedEvent) => {
      const name: { $in?: string[] } = command.filter?.name ?? {}
      largest = Math.max(largest, name.$in?.reduce((sum, { length }) => sum + length, 0) ?? 0)
    })
    const query = { names, interval: 'minute', range: { first: 0, last: 1_000 } }
    expect((await store.read(query)).map((cell) => cell.name)).toEqual(written)
    expect(await store.bounds(query)).toEqual({ first: 1, last: 3 })
    const fetched = await store.fetch!(
      query,
      (collection: { find(filter: object): AsyncIterable<object> }, { filter }: { filter: object }) =>
        collection.find(filter),
    )
    expect(fetched.map((cell) => cell.name)).toEqual(written)
    await store.delete(names)
    expect(await store.names({ oldestLive: { minute: 0 }, limit: 10 })).toEqual({ names: [] })
    expect(largest).toBeGreaterThan(1_000_000)
    expect(largest).toBeLessThan(4_000_000)
    await client.close()
    await place.close()
  })
})
