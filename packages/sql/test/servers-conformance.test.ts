import { describeDriver } from '@kairos/driver-tests'
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
  })
}
