import { describeDriver } from '@kairos/driver-tests'
import { afterAll, describe, it } from 'vitest'
import { OTHER_SERVERS } from './clients.ts'
import { create } from './create.ts'
import { ioredisFetch } from './fetch.ts'

for (const { name, url } of OTHER_SERVERS) {
  describe.skipIf(url === undefined)(name, () => {
    describeDriver({
      runner: { describe, it, afterAll },
      name: 'ioredis, from a URL',
      create: (request) => create({ ...request, url: url! }),
      fetch: ioredisFetch,
    })
  })
}
