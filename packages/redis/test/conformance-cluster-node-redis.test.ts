import { CLUSTER_URL, nodeRedisOfCluster } from './clients.ts'
import { nodeRedisClusterFetch } from './fetch.ts'
import { describeNodeRedis } from './kit.ts'

describeNodeRedis('a cluster of six', CLUSTER_URL, nodeRedisOfCluster, {
  further: true,
  fetch: nodeRedisClusterFetch,
})
