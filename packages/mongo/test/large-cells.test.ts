import { createTimeseries } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { freshPlace } from './stores/raw.ts'

const NOW = 1_700_000_000
/** Cells of megabytes take a busy machine longer than calls usually wait. */
const PATIENCE = 120_000
const config = { intervals: { minute: { step: 60 } }, now: () => NOW, patience: PATIENCE } as const
const TIMEOUT = 300_000

/** A tenth of it already fills dozens of chunks. */
const [values, members] = process.env.KAIROS_TEST_SIZE === 'long' ? [3_000_000, 500_000] : [300_000, 50_000]

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`large cells on ${name}`, () => {
    it(`a series of ${values} values comes back in order`, { timeout: TIMEOUT }, async () => {
      const place = await freshPlace(url!, 'large')
      const series = createTimeseries(mongoDriver(place.client, { ...place.options, timeout: PATIENCE }), {
        ...config,
        type: 'series',
      })
      const written = Array.from({ length: values }, (_, index) => index / 3)
      expect(await series.insert('a', written)).toEqual({ stored: values, expired: 0 })
      const [read] = [...(await series.get('a', 'minute')).values()]
      expect(read!.length).toBe(values)
      expect(read!.findIndex((value, index) => value !== written[index])).toBe(-1)
      await place.close()
    })

    it(`a histogram of ${members} distinct values comes back, each with its count`, { timeout: TIMEOUT }, async () => {
      const place = await freshPlace(url!, 'large')
      const histogram = createTimeseries(mongoDriver(place.client, { ...place.options, timeout: PATIENCE }), {
        ...config,
        type: 'histogram',
        valueType: 'int',
      })
      const written = Array.from({ length: members }, (_, index) => index * 7)
      await histogram.insert('a', written)
      await histogram.insert('a', written.slice(0, 1_000))
      const [read] = [...(await histogram.get('a', 'minute')).values()]
      expect(read!.size).toBe(members)
      expect(written.findIndex((value, index) => read!.get(value) !== (index < 1_000 ? 2 : 1))).toBe(-1)
      await place.close()
    })

    it(`a set of ${members} members comes back whole`, { timeout: TIMEOUT }, async () => {
      const place = await freshPlace(url!, 'large')
      const set = createTimeseries(mongoDriver(place.client, { ...place.options, timeout: PATIENCE }), {
        ...config,
        type: 'set',
        valueType: 'string',
      })
      const written = Array.from({ length: members }, (_, index) => `member.${index}`)
      await set.insert('a', written)
      await set.insert('a', written.slice(0, 1_000))
      const [read] = [...(await set.get('a', 'minute')).values()]
      expect(read!.size).toBe(members)
      expect(written.every((member) => read!.has(member))).toBe(true)
      await place.close()
    })
  })
}
