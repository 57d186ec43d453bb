import { CLUSTER_URL, nodeRedisOfCluster } from './clients.ts'
import { nodeRedisClusterFetch } from './fetch.ts'
import { describeNodeRedis, ITS_OWN } from './kit.ts'

describeNodeRedis('a cluster of six', CLUSTER_URL, nodeRedisOfCluster, {
  ...ITS_OWN,
  fetch: nodeRedisClusterFetch,
})
