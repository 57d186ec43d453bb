import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { batchOf, countSchema } from './stores/opening.ts'
import { freshPlace } from './stores/raw.ts'

const RANGE = { names: ['a'], interval: 'minute', range: { first: 0, last: 10 } }

const [{ url } = { url: undefined }] = servers
describe.skipIf(url === undefined)('fetch', () => {
  it('may return any iterable of documents; anything else is refused', async () => {
    const place = await freshPlace(url!, 'fetch')
    const { store } = await mongoDriver(place.client, place.options).open(await countSchema({ minute: 60 }))
    await store.write(batchOf({ change: 5 }))
    const document = { name: 'a', i: 0, r: 0, b: { 1: 5 } }
    const row = [{ name: 'a', bucket: 1, resolutionBucket: 0, row: { name: 'a', i: 0, r: 0, value: 5 } }]
    expect(await store.fetch!(RANGE, () => [document])).toEqual(row)
    expect(
      await store.fetch!(RANGE, async function* () {
        yield document
      }),
    ).toEqual(row)
    for (const wrong of [
      undefined,
      null,
      Promise.resolve([document]),
      5,
      [null],
      [[document]],
      [{ name: 'a' }],
      [{ ...document, i: 'x' }],
    ])
      await expect(store.fetch!(RANGE, () => wrong)).rejects.toMatchObject({
        ...{ code: 'KAIROS_INVALID_CONFIG', path: 'fetch' },
      })
    await place.close()
  })

  it('returns a list of documents for a cell that may have several', async () => {
    const place = await freshPlace(url!, 'fetch')
    const schema = { ...(await countSchema({ minute: 60 })), type: 'set' as const, valueType: 'int' }
    const { store } = await mongoDriver(place.client, place.options).open(schema)
    await store.write(batchOf({ change: new Set([5]) }))
    const [cell] = await store.fetch!(RANGE, (collection: typeof place.collection, { filter }: { filter: object }) =>
      collection.find(filter),
    )
    expect(cell!.row).toMatchObject([{ h: { 5: true } }])
    expect(store.decodeRow!(cell!.row)).toEqual(new Set([5]))
    await place.close()
  })
})
