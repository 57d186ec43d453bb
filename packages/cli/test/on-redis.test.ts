import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stopProcesses } from '../../../scripts/servers/processes.ts'
import { startRedisSentinel } from '../../../scripts/servers/redis-sentinel.ts'
import { writeRedisSamples } from '../../move/test/support/legacy-stores.ts'
import { ownRedis } from '../../redis/test/own-redis.ts'
import { describeLegacy } from './support/describe-legacy.ts'
import { describeMigrating } from './support/describe-migrating.ts'
import { describeReading } from './support/describe-reading.ts'
import { describeWriting } from './support/describe-writing.ts'
import { findingsOf } from './support/findings.ts'
import { isLong, kairos } from './support/kairos.ts'

/** For the samples of Python kairos, some of which mean a whole database. */
const old = isLong ? await ownRedis() : undefined
const url = process.env.KAIROS_TEST_REDIS_URL

describe.skipIf(!url)('on Redis', () => {
  // Databases of their own: discover shows what everyone has written.
  describeReading('Redis', `${url}/7`)
  describeWriting('Redis', `${url}/8`)
  describeMigrating('Redis', `${url}/9`)

  it('import reads counters of a program', async () => {
    const client = new Redis(`${url}/11`)
    await client.mset({ 'hits:home:2024022913': '7', 'hits:home:2024022914': '2' })
    const views = createTimeseries(`${url}/11`, { name: 'counted', type: 'count', intervals: { hour: { step: '1h' } } })
    await views.deleteAll()
    const line = ['import', `${url}/11`, '--redis-keys', 'hits:{name}:{yyyy}{MM}{dd}{HH}', '--store', `${url}/11`]
    for (let time = 0; time < 2; time++) expect(await kairos(line)).toMatchObject({ code: 0, err: '' })
    expect([...(await views.get('home', 'hour', { timestamp: new Date('2024-02-29T13:30Z') })).values()]).toEqual([7])
    await views.close()
    client.disconnect()
  })

  it('doctor finds keys that should expire', async () => {
    const store = `${url}/10`
    const config = { name: 'kept', type: 'count', intervals: { hour: { step: '1h', steps: 24 } } } as const
    const endless = createTimeseries(store, { ...config, intervals: { hour: { step: '1h' } } })
    await endless.insert('home')
    await endless.close()
    const kept = createTimeseries(store, config)
    await kept.open()
    const { states, findings } = await findingsOf(store)
    expect(states).toMatchObject({
      'timeseries kept': 'ok',
      version: 'ok',
      permissions: 'ok',
      role: 'ok',
    })
    expect(findings['keys without TTL']).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('count.kept hour'),
    })
    await kept.deleteAll()
    await kept.close()
    expect((await findingsOf(store)).states['keys without TTL']).toBe('ok')
  })
})

const cluster = process.env.KAIROS_TEST_REDIS_CLUSTER_URL

describe.skipIf(!cluster)('on a cluster of Redis', () => {
  it('doctor looks at each master', async () => {
    const { states, findings } = await findingsOf(cluster!)
    expect(states).toMatchObject({
      ...{ cluster: 'ok', nodes: 'ok', version: 'ok', clock: 'ok', permissions: 'ok', role: 'ok', replicas: 'ok' },
      ...{ persistence: 'ok', 'cut off': 'warn' },
    })
    expect(findings.cluster?.found).toBe('3 masters, 16384 of 16384 slots served')
  })
})

if (isLong && url !== undefined)
  describe('behind Sentinels', () => {
    let folder: string
    let servers: Awaited<ReturnType<typeof startRedisSentinel>>
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'kairos-cli-sentinel-'))
      servers = await startRedisSentinel(folder)
    }, 60_000)
    afterAll(async () => {
      await stopProcesses(servers.pids, folder)
      rmSync(folder, { recursive: true, force: true })
    })

    it('doctor looks at them, and at the master', async () => {
      const { states } = await findingsOf(servers.url)
      expect(states).toMatchObject({
        ...{ sentinels: 'ok', master: 'ok', failover: 'ok' },
        ...{ version: 'ok', permissions: 'ok', role: 'ok', replicas: 'ok', 'cut off': 'warn' },
      })
    })
  })

if (old !== undefined)
  describe('of Python kairos', () => {
    beforeAll(async () => {
      const clients = new Map<number, Redis>()
      await writeRedisSamples((db) => {
        if (!clients.has(db)) clients.set(db, new Redis(old, { db }))
        return clients.get(db)!
      })
      for (const client of clients.values()) client.disconnect()
    })

    describeLegacy('redis', ({ db }) => `${old}/${db}`)
  })
