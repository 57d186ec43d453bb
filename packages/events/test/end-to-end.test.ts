import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { describeEndToEnd } from './support/end-to-end.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-events-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describeEndToEnd('SQLite', `sqlite:${join(folder, 'events.db')}`)
describeEndToEnd('Redis', process.env.KAIROS_TEST_REDIS_URL)
describeEndToEnd('Redis Cluster', process.env.KAIROS_TEST_REDIS_CLUSTER_URL)
