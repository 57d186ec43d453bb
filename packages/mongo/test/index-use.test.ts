import { createTimeseries } from '@kairos/core'
import type { OriginalType } from '@kairos/core/driver'
import { type CommandStartedEvent, MongoClient } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { batchOf, countSchema } from './stores/opening.ts'
import { freshPlace } from './stores/raw.ts'

const TYPES = ['count', 'gauge', 'histogram', 'series', 'set'] as const satisfies readonly OriginalType[]

/** The filters that commands carry. */
function filtersOf({ command }: CommandStartedEvent): object[] {
  if ('filter' in command) return [command.filter]
  if ('pipeline' in command) return [command.pipeline[0].$match]
  if ('findAndModify' in command) return [command.query]
  const updates: { q: object }[] = command.updates ?? command.deletes ?? []
  return updates.map(({ q }) => q)
}

const [{ url } = { url: undefined }] = servers
describe.skipIf(url === undefined)('the filters sent to MongoDB', () => {
  // MongoDB uses an index only if its first field is in the filter. The test servers do not show that, so the test looks at the filters.
  it.each(TYPES)('have the first field of an index: %s', async (type) => {
    const place = await freshPlace(url!, `index_use_${type}`)
    // A replacement waits until it has run out.
    const options = { ...place.options, lease: 100 }
    const client = new MongoClient(url!, { monitorCommands: true })
    const filters: object[] = []
    client.on('commandStarted', (event) => filters.push(...filtersOf(event)))
    const config = (step: number) =>
      ({
        type,
        intervals: { minute: { step, steps: 100 }, hour: { step: 3600, resolution: 60 } },
        now: () => 6_000_030,
        ...(type !== 'count' && { valueType: 'int' }),
      }) as never
    const timeseries = createTimeseries(mongoDriver(client, options), config(60)) as unknown as Any
    await timeseries.insert('a', 1)
    await timeseries.bulkInsert([{ name: 'b', value: 2 }])
    await timeseries.get(['a', 'b'], 'minute')
    await timeseries.series('a', 'hour')
    for await (const _ of timeseries.iterate(['a', 'b'], 'minute')) break
    expect(await timeseries.list()).toEqual(['a', 'b'])
    expect(await timeseries.list({ prefix: 'b' })).toEqual(['b'])
    await timeseries.properties('a')
    await timeseries.delete('a')
    await timeseries.deleteAll()
    expect(await timeseries.list()).toEqual([])
    const { store } = await mongoDriver(client, options).open({ ...(await countSchema({ minute: 60 })), name: type })
    await store.write(batchOf({}, { bucket: 2 }, { bucket: 70 }))
    const position = { name: 'a', interval: 'minute', resolutionBucket: 0 }
    const cells = [
      { ...position, bucket: 1, value: null },
      { ...position, bucket: 3, value: 5 },
    ]
    await store.replace!({ cells, oldestLive: { minute: 0 } })
    await store.write({ ...batchOf({ bucket: 2 }), returning: true })
    await store.deleteRange({ names: ['a'], interval: 'minute', range: { first: 3, last: 80 } })
    await store.drop!(null)
    // A record that covers nothing is replaced, and what is left under it is deleted.
    await (createTimeseries(mongoDriver(client, options), config(120)) as unknown as Any).insert('a', 1)
    expect(filters.length).toBeGreaterThan(15)
    for (const filter of filters) expect(Object.keys(filter)).toContainEqual(expect.stringMatching(/^(_id|name)$/))
    await client.close()
    await place.close()
  })
})

interface Any {
  insert(name: string, value: unknown): Promise<unknown>
  bulkInsert(points: Iterable<unknown>): Promise<unknown>
  get(names: string[], interval: string): Promise<unknown>
  series(name: string, interval: string): Promise<unknown>
  iterate(names: string[], interval: string): AsyncIterable<unknown>
  list(options?: { prefix: string }): Promise<string[]>
  properties(name: string): Promise<unknown>
  delete(name: string): Promise<unknown>
  deleteAll(): Promise<unknown>
}
