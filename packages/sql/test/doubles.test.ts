import { createTimeseries } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import { servers } from './support/servers.ts'

for (const { name, url } of servers) {
  describe.skipIf(url === undefined)(name, () => {
    it('gives every double back, bit by bit, however it is written', async () => {
      const driver = sqlDriver(url!, { tableName: 'doubles' })
      const doubles = createTimeseries(driver, { type: 'series', intervals: { day: { step: 'daily' } } })
      await doubles.deleteAll()
      const values = [
        5e-324,
        1.7976931348623157e308,
        0.1 + 0.2,
        9_144_640.788860345,
        -1e-7,
        123_456_789_012_345_680_000,
      ]
      for (let index = 0; index < 5_000; index++) values.push((Math.random() - 0.5) * 10 ** (Math.random() * 40 - 20))
      await doubles.insert('few', values.slice(0, 6))
      await doubles.insert('many', values)
      expect([...(await doubles.get('few', 'day')).values()]).toEqual([values.slice(0, 6)])
      expect([...(await doubles.get('many', 'day')).values()]).toEqual([values])
      await doubles.close()
      await driver.close()
    })
  })
}
