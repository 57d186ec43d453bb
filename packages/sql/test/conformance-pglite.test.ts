import { describeDriver } from '@kairos/driver-tests'
import { afterAll, describe, it } from 'vitest'
import { sqlDriver } from '../src/index.ts'
import { fetchLikeRead } from './support/fetch.ts'
import { temporaryFolder } from './support/folder.ts'

const folder = temporaryFolder()

describeDriver({
  runner: { describe, it, afterAll },
  name: 'PGlite',
  create: ({ place }) => sqlDriver(`pglite:${folder}/data`, { tableName: place }),
  fetch: fetchLikeRead,
  further: true,
})
