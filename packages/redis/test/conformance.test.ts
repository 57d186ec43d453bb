import { startFaultProxy } from '@kairos/driver-tests'
import { redisDriver } from '../src/index.ts'
import { REDIS_URL } from './clients.ts'
import { create } from './create.ts'
import { describeIoredis, processesAt } from './kit.ts'

const closed = 'redis://127.0.0.1:1'

describeIoredis('the installed Redis', REDIS_URL, {
  processes: processesAt(REDIS_URL),
  unreachable: () => redisDriver(closed, { timeout: 1_000 }),
  async failing({ place, decide }) {
    const { hostname: host, port } = new URL(REDIS_URL!)
    const proxy = await startFaultProxy({ target: { host, port: Number(port) }, decide })
    return { driver: create({ place, url: `redis://${proxy.host}:${proxy.port}` }), close: () => proxy.close() }
  },
  factory: { make: redisDriver as (client: unknown, options?: unknown) => unknown, url: closed },
})
