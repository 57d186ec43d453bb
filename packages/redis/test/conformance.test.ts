import { describeDriver, startFaultProxy } from '@kairos/driver-tests'
import { afterAll, describe, it } from 'vitest'
import { redisDriver } from '../src/index.ts'
import { CLUSTER_URL, nodeRedis, nodeRedisOfCluster, REDIS_URL } from './clients.ts'
import { create } from './create.ts'
import { ioredisFetch, nodeRedisFetch } from './fetch.ts'

const size = process.env.KAIROS_TEST_SIZE === 'long' ? 'long' : 'short'
const runner = { describe, it, afterAll }

const closed = 'redis://127.0.0.1:1'

describe.skipIf(REDIS_URL === undefined)('the installed Redis', () => {
  describeDriver({
    runner,
    size,
    name: 'ioredis, from a URL',
    create: (request) => create({ ...request, url: REDIS_URL! }),
    fetch: ioredisFetch,
    processes: { module: new URL('./create.ts', import.meta.url), env: { KAIROS_URL: REDIS_URL ?? '' } },
    unreachable: () => redisDriver(closed, { timeout: 1_000 }),
    async failing({ place, decide }) {
      const { hostname: host, port } = new URL(REDIS_URL!)
      const proxy = await startFaultProxy({ target: { host, port: Number(port) }, decide })
      return { driver: create({ place, url: `redis://${proxy.host}:${proxy.port}` }), close: () => proxy.close() }
    },
    factory: { make: redisDriver as (client: unknown, options?: unknown) => unknown, url: closed },
  })

  const clients: Promise<Awaited<ReturnType<typeof nodeRedis>>>[] = []
  describeDriver({
    runner,
    size,
    name: 'node-redis',
    async create({ place }) {
      clients.push(nodeRedis(REDIS_URL!))
      return redisDriver(await clients.at(-1)!, { prefix: `kit-node:${place}`, lease: 50 })
    },
    fetch: nodeRedisFetch,
  })
  afterAll(async () => {
    for (const client of clients) (await client).destroy()
  })
})

describe.skipIf(CLUSTER_URL === undefined)('a cluster of six', () => {
  describeDriver({
    runner,
    size,
    name: 'ioredis, from a URL',
    create: (request) => create({ ...request, url: CLUSTER_URL! }),
    fetch: ioredisFetch,
    processes: { module: new URL('./create.ts', import.meta.url), env: { KAIROS_URL: CLUSTER_URL ?? '' } },
    unreachable: () => redisDriver('redis+cluster://127.0.0.1:1', { timeout: 1_000 }),
  })

  const clusters: Promise<Awaited<ReturnType<typeof nodeRedisOfCluster>>>[] = []
  describeDriver({
    runner,
    size,
    name: 'node-redis',
    async create({ place }) {
      clusters.push(nodeRedisOfCluster(CLUSTER_URL!))
      return redisDriver(await clusters.at(-1)!, { prefix: `kit-node:${place}`, lease: 50 })
    },
    fetch: nodeRedisFetch,
  })
  afterAll(async () => {
    for (const cluster of clusters) (await cluster).destroy()
  })
})
