import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTimeseries, KairosError } from '@kairos/core'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stopProcesses } from '../../../scripts/servers/processes.ts'
import { redisCluster } from '../../../scripts/servers/redis.ts'
import { redisDriver } from '../src/index.ts'
import { CLUSTER_URL, nodesOf } from './clients.ts'

const TIMESTAMP = 1_700_000_000
/** Of many shards, so that every master has some of them. */
const NAMES = Array.from({ length: 24 }, (_, index) => `name-${index}`)

describe.skipIf(CLUSTER_URL === undefined)('a master of a cluster is killed', { timeout: 120_000 }, () => {
  // A cluster of the test's own: one that has lost a node is no use to others.
  const folder = mkdtempSync(join(tmpdir(), 'kairos-failover-'))
  let cluster: Awaited<ReturnType<typeof redisCluster.start>>

  beforeAll(async () => {
    cluster = await redisCluster.start(folder)
  }, 90_000)
  afterAll(async () => {
    await stopProcesses(cluster.pids, folder)
    rmSync(folder, { recursive: true, force: true })
  }, 30_000)

  it('writing goes on, nothing counts twice, and only what was not replicated yet is lost', async () => {
    const driver = redisDriver(cluster.url)
    const counts = await createTimeseries(driver, {
      type: 'count',
      intervals: { day: { step: 86_400 } },
      now: () => TIMESTAMP,
    }).open()
    const names = NAMES.map((name) => ({ name, acknowledged: 0, maybe: 0, lastSecond: 0, afterwards: 0 }))
    let killed = Number.POSITIVE_INFINITY
    let stopped = false
    const write = async (entry: (typeof names)[number]): Promise<void> => {
      while (!stopped) {
        const time = performance.now()
        try {
          await counts.insert(entry.name, 1)
          entry.acknowledged++
          if (time > killed) entry.afterwards++
          else if (time > killed - 1_000) entry.lastSecond++
        } catch (error) {
          if (!KairosError.is(error)) throw error
          entry.maybe += error.maybeApplied?.length ?? 0
        }
        await sleep(2)
      }
    }
    const writers = names.map(write)
    await sleep(1_500)
    killed = performance.now() + 1_000
    await sleep(1_000)
    await killMaster(cluster.url)
    while (names.some(({ afterwards }) => afterwards < 20)) await sleep(50)
    stopped = true
    await Promise.all(writers)

    let lost = 0
    for (const { name, acknowledged, maybe, lastSecond } of names) {
      const [stored] = (await counts.get(name, 'day')).values()
      expect(stored).toBeLessThanOrEqual(acknowledged + maybe)
      expect(stored).toBeGreaterThanOrEqual(acknowledged - lastSecond)
      lost += Math.max(0, acknowledged - stored!)
    }
    const sum = (key: 'acknowledged' | 'maybe') => names.reduce((total, entry) => total + entry[key], 0)
    console.info(
      `fail-over: ${sum('acknowledged')} writes acknowledged, ${sum('maybe')} in doubt, ${lost} acknowledged and lost with their master`,
    )
    await driver.close()
  })
})

/** Ends the process that serves the first master, as the node itself knows it. */
async function killMaster(url: string): Promise<void> {
  for (const node of nodesOf(url)) {
    const redis = new Redis(node)
    const info = await redis.info()
    redis.disconnect()
    if (!info.includes('role:master')) continue
    process.kill(Number(/process_id:(\d+)/.exec(info)![1]), 'SIGKILL')
    return
  }
}
