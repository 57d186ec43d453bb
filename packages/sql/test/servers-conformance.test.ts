import { describeDriver, startFaultProxy } from '@kairos/driver-tests'
import { afterAll, describe, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import { fetchLikeRead } from './support/fetch.ts'
import { servers } from './support/servers.ts'

const runner = { describe, it, afterAll }

for (const { name, variable, url } of servers) {
  if (url === undefined) {
    describe.skip(`${name}: ${variable} is not set`, () => it('conforms', () => {}))
    continue
  }
  describeDriver({
    runner,
    name,
    create: ({ place }) => sqlDriver(url, { tableName: place }),
    fetch: fetchLikeRead,
    processes: {
      module: new URL('./support/server-store.ts', import.meta.url),
      env: { KAIROS_TEST_SQL_URL: url },
    },
    unreachable: () => sqlDriver(url.replace(/@127\.0\.0\.1:\d+/, '@127.0.0.1:1')),
    async failing({ place, decide }) {
      const { hostname: host, port } = new URL(url)
      const proxy = await startFaultProxy({ target: { host, port: Number(port) }, decide })
      const through = url.replace(/@127\.0\.0\.1:\d+/, `@${proxy.host}:${proxy.port}`)
      return { driver: sqlDriver(through, { tableName: place }), close: () => proxy.close() }
    },
    factory: { make: sqlDriver as (client: unknown, options?: unknown) => unknown, url },
  })
}
