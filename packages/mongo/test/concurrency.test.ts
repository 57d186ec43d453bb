import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createTimeseries } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'
import { freshPlace } from './stores/raw.ts'

const NOW = 1_700_000_000
const BATCHES = process.env.KAIROS_TEST_SIZE === 'long' ? 200 : 40
const TIMEOUT = 240_000

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(`concurrency on ${name}`, () => {
    it('200 first writes of one cell at once make one document, and lose nothing', async () => {
      for (const type of ['count', 'histogram'] as const) {
        const place = await freshPlace(url!, 'first')
        const config = { intervals: { minute: { step: 60 } }, now: () => NOW } as const
        const drivers = Array.from({ length: 4 }, () => mongoDriver(url!, place.options))
        const timeseries = drivers.map((driver) =>
          createTimeseries(driver, { ...config, type } as { type: 'count' } & typeof config),
        )
        await Promise.all(timeseries.map((each) => each.open()))
        await Promise.all(Array.from({ length: 200 }, (_, index) => timeseries[index % 4]!.insert('a', 1)))
        const [sum] = [...(await timeseries[0]!.get('a', 'minute')).values()]
        expect(sum).toEqual(type === 'count' ? 200 : new Map([[1, 200]]))
        expect(await place.collection.countDocuments({ name: 'a' })).toBe(1)
        await Promise.all(drivers.map((driver) => driver.close()))
        await place.close()
      }
    })

    it(`8 processes write ${BATCHES} batches to the same 400 cells, and every sum is exact`, {
      timeout: TIMEOUT,
    }, async () => {
      const place = await freshPlace(url!, 'processes')
      const { database, collectionName } = place.options
      const script = new URL('./stores/counting.ts', import.meta.url).pathname
      const codes = await Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          const parameters = [
            '--conditions=@kairos/source',
            script,
            url!,
            database,
            collectionName,
            String(writer),
            String(BATCHES),
          ]
          const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'ignore', 'inherit'] })
          const [code] = await once(child, 'close')
          return code
        }),
      )
      expect(codes).toEqual(Array(8).fill(0))
      const counts = createTimeseries(mongoDriver(place.client, place.options), {
        type: 'count',
        intervals: { minute: { step: 60 } },
      })
      for (let index = 0; index < 20; index++) {
        const sums = await counts.series(`n${index}`, 'minute', { start: 0, end: 19 * 60 })
        expect([...sums.values()]).toEqual(Array(20).fill(8 * BATCHES))
      }
      expect(await place.collection.countDocuments({ interval: 'minute' })).toBe(20)
      await place.close()
    })
  })
}
