import { redisDriver } from '../src/index.ts'
import { CLUSTER_URL } from './clients.ts'
import { describeIoredis, processesAt } from './kit.ts'

describeIoredis('a cluster of six', CLUSTER_URL, {
  further: true,
  processes: processesAt(CLUSTER_URL),
  unreachable: () => redisDriver('redis+cluster://127.0.0.1:1', { timeout: 1_000 }),
})
