import { redisDriver } from '@kairos/redis'
import type { Suite } from '../suite.ts'
import { measureGrowth, sizesTo, TIMEOUT } from './measure.ts'

/** Redis among ten and a million buckets and names. */
export const suite: Suite = {
  servers: ['redis'],
  async run(report, urls) {
    // A drop waits for leases.
    const driver = redisDriver(urls.redis!, { prefix: 'growth', lease: 100, timeout: TIMEOUT })
    await measureGrowth(report, { name: 'Redis', driver, url: urls.redis!, sizes: sizesTo(1_000_000), calls: 50 })
  },
}
