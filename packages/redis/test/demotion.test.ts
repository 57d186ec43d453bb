import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTimeseries } from '@kairos/core'
import type { WriteFailure } from '@kairos/core/driver'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StartedServer } from '../../../scripts/servers/kind.ts'
import { stopProcesses } from '../../../scripts/servers/processes.ts'
import { redis } from '../../../scripts/servers/redis.ts'
import { redis6, redis8, valkey } from '../../../scripts/servers/redis-versions.ts'
import { redisDriver } from '../src/index.ts'
import { careful, nodesOf } from './clients.ts'

const TIMESTAMP = 1_700_000_000
// On a busy machine a master takes long to become one again.
const config = { intervals: { day: { step: 86_400 } }, now: () => TIMESTAMP, patience: 60_000 } as const

// The test starts its own pairs of servers. Each version words the error of a script on a replica differently.
const kinds = await Promise.all(
  [redis, redis6, redis8, valkey].map(async (kind) => ({ ...kind, missing: await kind.prepare() })),
)

describe.each(kinds)('a master that becomes a replica: $name', ({ missing, start }) => {
  describe.skipIf(missing !== null)('with its clients connected', () => {
    let folder: string
    const servers: StartedServer[] = []
    let url: string
    let master: Redis
    let other: { host: string; port: number }

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'kairos-demotion-'))
      for (const name of ['master', 'other']) {
        const own = join(folder, name)
        mkdirSync(own)
        servers.push(await start(own))
      }
      url = servers[0]!.url
      master = careful(url)
      other = nodesOf(servers[1]!.url)[0]!
    })
    afterAll(async () => {
      master.disconnect()
      for (const { pids } of servers) await stopProcesses(pids, folder)
      rmSync(folder, { recursive: true, force: true })
    })
    const demote = async () => {
      await master.replicaof(other.host, other.port)
      while (!(await master.info('replication')).includes('master_link_status:up')) await sleep(20)
    }
    const promote = () => master.replicaof('NO', 'ONE')

    it('a write is not applied, and may be tried again', async () => {
      const driver = redisDriver(url)
      const schema = {
        record: '',
        facts: '{}',
        hasResolution: false,
        fanOut: 1,
        resolutionRange: () => ({ first: 0, last: 0 }),
      }
      const { store } = await driver.open({
        type: 'count',
        valueType: 'float',
        record: '',
        facts: '{}',
        intervals: { day: { ...schema, expiresAt: () => null } },
      })
      await demote()
      const cells = ['a', 'b'].map((name) => ({ name, interval: 'day', bucket: 1, resolutionBucket: 0, change: 1 }))
      const error: WriteFailure = await store.write({ cells, oldestLive: { day: 0 } }).then(
        () => expect.unreachable(),
        (reason) => reason,
      )
      expect(error).toMatchObject({ retry: 'later', notApplied: cells, maybeApplied: [] })
      expect(error.message).toMatch(/READONLY/)
      await promote()
      await driver.close()
    })

    it.each([{}, { delivery: 'once' }] as const)('writes wait for the master: %o', async (options) => {
      const warned: string[] = []
      const onWarning = ({ name }: Error) => warned.push(name)
      process.on('warning', onWarning)
      const driver = redisDriver(url)
      let refused = 0
      const onRetry = () => {
        refused++
      }
      const logs = await createTimeseries(driver, { type: 'series', valueType: 'int', ...config, onRetry }).open()
      await logs.deleteAll()
      await demote()
      let done = 0
      const writes = Array.from({ length: 20 }, async (_, value) => {
        await logs.insert(`name-${value % 5}`, value, options)
        done++
      })
      // Writes of the same moment go together, and are refused together.
      await expect.poll(() => refused).toBeGreaterThanOrEqual(2)
      expect(done).toBe(0)
      await promote()
      await Promise.all(writes)
      const names = Array.from({ length: 5 }, (_, index) => `name-${index}`)
      const [values] = (await logs.get(names, 'day')).values()
      expect(values!.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, value) => value))
      await driver.close()
      process.off('warning', onWarning)
      expect(warned).toEqual([])
    })

    it('a client that the application has made sees the error, as it would after its own commands', async () => {
      const told: string[] = []
      const reconnectOnError = (error: Error) => told.push(error.message) > 0
      const client = new Redis(url, { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0, reconnectOnError })
      const counts = await createTimeseries(redisDriver(client), { type: 'count', ...config }).open()
      await counts.insert('mine')
      await demote()
      const write = counts.insert('mine')
      await expect.poll(() => told.some((message) => message.startsWith('READONLY'))).toBe(true)
      await promote()
      await write
      client.disconnect()
    })
  })
})
