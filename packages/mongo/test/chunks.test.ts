import { createTimeseries } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { freshPlace } from './stores/raw.ts'

const NOW = 1_700_000_000
const TIMEOUT = 240_000
/** Cells of megabytes take a busy machine longer than calls usually wait. */
const PATIENCE = 120_000
const config = { intervals: { minute: { step: 60 } }, now: () => NOW, patience: PATIENCE } as const

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`chunks on ${name}`, () => {
    it('of a series keep the order of arrival of many writers on two clients', { timeout: TIMEOUT }, async () => {
      const place = await freshPlace(url!, 'order')
      const series = [0, 1].map(() =>
        createTimeseries(mongoDriver(url!, { ...place.options, timeout: PATIENCE }), {
          ...config,
          type: 'series',
          valueType: 'int',
        }),
      )
      // Each writer's values ascend; 8 writers of 12,000 values fill some 20 chunks.
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let batch = 0; batch < 40; batch++) {
          const values = Array.from({ length: 300 }, (_, index) => writer * 1_000_000 + batch * 300 + index)
          await series[writer % 2]!.insert('a', values)
        }
      })
      await Promise.all(writers)
      const [values] = [...(await series[0]!.get('a', 'minute')).values()]
      expect(values).toHaveLength(8 * 12_000)
      for (let writer = 0; writer < 8; writer++) {
        const own = values!.filter((value) => Math.floor(value / 1_000_000) === writer)
        expect(own).toEqual(Array.from({ length: 12_000 }, (_, index) => writer * 1_000_000 + index))
      }
      const chunks = await place.collection.find({ name: 'a' }).toArray()
      expect(chunks.length).toBeGreaterThan(4)
      expect(Math.max(...chunks.map(({ v }) => v.length))).toBeLessThan(60_000)
      await Promise.all(series.map((each) => each.close()))
      await place.close()
    })

    it('of a histogram grow with its values, not with how often they are written', {
      timeout: TIMEOUT,
    }, async () => {
      const place = await freshPlace(url!, 'crowded')
      const latencies = createTimeseries(mongoDriver(place.client, { ...place.options, timeout: PATIENCE }), {
        ...config,
        type: 'histogram',
        valueType: 'int',
      })
      const values = Array.from({ length: 2_500 }, (_, index) => index)
      const rounds = 60
      for (let round = 0; round < rounds; round++) {
        // In small pieces, as single requests would write them.
        await Promise.all(
          Array.from({ length: 25 }, (_, part) => latencies.insert('a', values.slice(part * 100, part * 100 + 100))),
        )
      }
      const [counts] = [...(await latencies.get('a', 'minute')).values()]
      expect(counts).toEqual(new Map(values.map((value) => [value, rounds])))
      const chunks = await place.collection.find({ name: 'a' }).toArray()
      const fields = chunks.reduce((sum, { h = {}, frozen = {} }) => sum + fieldsIn(h) + fieldsIn(frozen.h), 0)
      expect(chunks.length).toBeGreaterThan(2)
      // 150,000 were written; a value appears at most once on each of a few levels.
      expect(fields).toBeLessThan(8 * values.length)
      await latencies.close()
      await place.close()
    })

    it('of a series are closed when the server says that they are full, even if no writer has closed them before', {
      timeout: TIMEOUT,
    }, async () => {
      const place = await freshPlace(url!, 'full')
      const open = () =>
        createTimeseries(mongoDriver(place.client, { ...place.options, timeout: PATIENCE }), {
          ...config,
          type: 'series',
          valueType: 'blob',
        })
      const large = (byte: number) => new Uint8Array(9_000_000).fill(byte)
      await open().insert('a', large(0))
      // What a writer leaves that dies between its write and its look.
      await place.collection.updateOne({ name: 'a' }, { $set: { n: 1 } })
      await Promise.all([open().insert('a', large(1)), open().insert('a', large(1))])
      await open().insert('a', large(2))
      const [values] = [...(await open().get('a', 'minute')).values()]
      expect(values!.map((value) => [value.length, value[0]])).toEqual([0, 1, 1, 2].map((byte) => [9_000_000, byte]))
      await place.close()
    })

    it('refuse for good a value that fits into none of them', async () => {
      const place = await freshPlace(url!, 'full')
      const series = createTimeseries(mongoDriver(place.client, { ...place.options, timeout: PATIENCE }), {
        ...config,
        type: 'series',
        valueType: 'blob',
      })
      await expect(series.insert('a', new Uint8Array(16 * 1024 * 1024 - 100))).rejects.toMatchObject({
        ...{ code: 'KAIROS_STORE_FAILED', retryable: false, notApplied: [{ name: 'a' }], maybeApplied: [] },
      })
      await series.insert('a', Uint8Array.of(1))
      expect([...(await series.get('a', 'minute')).values()]).toEqual([[Uint8Array.of(1)]])
      await place.close()
    })

    it('of long values stay far below the 16 MB of a document', { timeout: TIMEOUT }, async () => {
      const place = await freshPlace(url!, 'long')
      const driver = mongoDriver(place.client, { ...place.options, timeout: PATIENCE })
      const words = createTimeseries(driver, { ...config, type: 'set', valueType: 'string' })
      const values = Array.from({ length: 1_000 }, (_, index) => `${index}${'.$'.repeat(2_000)}`)
      await words.insert('a', values.slice(0, 500))
      for (let start = 0; start < values.length; start += 100) await words.insert('a', values.slice(start, start + 100))
      const [members] = [...(await words.get('a', 'minute')).values()]
      expect(members!.size).toBe(values.length)
      expect(values.every((value) => members!.has(value))).toBe(true)
      const chunks = await place.collection.find({ name: 'a' }).toArray()
      const largest = Math.max(
        ...chunks.map(({ h = {} }) => Object.keys(h).reduce((sum, key) => sum + Buffer.byteLength(key), 0)),
      )
      expect(largest).toBeLessThan(8_000_000)
      await words.close()
      await place.close()
    })
  })
}

function fieldsIn(values: object = {}): number {
  return Object.keys(values).length
}
