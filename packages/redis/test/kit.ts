import { type DriverTestOptions, describeDriver } from '@kairos/driver-tests'
import { afterAll, describe, it } from 'vitest'
import type { RedisClientLike } from '../src/index.ts'
import { redisDriver } from '../src/index.ts'
import { create } from './create.ts'
import { ioredisFetch, nodeRedisFetch } from './fetch.ts'

/** The conformance kit on a server, or a cluster, that an ioredis client talks to; skipped where there is none. */
export function describeIoredis(title: string, url: string | undefined, more: Partial<DriverTestOptions> = {}): void {
  describe.skipIf(url === undefined)(title, () => {
    describeDriver({
      runner: { describe, it, afterAll },
      name: 'ioredis, from a URL',
      create: (request) => create({ ...request, url: url! }),
      fetch: ioredisFetch,
      ...more,
    })
  })
}

/** The same with node-redis, each driver on a client of its own. */
export function describeNodeRedis(
  title: string,
  url: string | undefined,
  connect: (url: string) => Promise<RedisClientLike & { destroy(): void }>,
  more: Partial<DriverTestOptions> = {},
): void {
  describe.skipIf(url === undefined)(title, () => {
    const clients: ReturnType<typeof connect>[] = []
    describeDriver({
      runner: { describe, it, afterAll },
      name: 'node-redis',
      async create({ place }) {
        const client = connect(url!)
        clients.push(client)
        return redisDriver(await client, { prefix: `kit-node:${place}`, lease: 20 })
      },
      fetch: nodeRedisFetch,
      ...more,
    })
    afterAll(async () => {
      for (const client of clients) (await client).destroy()
    })
  })
}

/** How the processes that the kit starts reach it. */
export function processesAt(url: string | undefined): DriverTestOptions['processes'] & {} {
  return { module: new URL('./create.ts', import.meta.url), env: { KAIROS_URL: url ?? '' } }
}
