import type { Suite } from '../suite.ts'
import { buffering, bufferingToRedis, heapOfBuffers } from './buffers.ts'
import { observing } from './observed.ts'
import { serving } from './service.ts'

/** What an application pays for its writes, in processor time where another would share the time by the clock. */
export const suite: Suite = {
  servers: ['redis'],
  async run(report, { redis }) {
    await buffering(report)
    await bufferingToRedis(report, redis!)
    await heapOfBuffers(report, redis!)
    await serving(report, redis!)
    observing(report)
  },
}
