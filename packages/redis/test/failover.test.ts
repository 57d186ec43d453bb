import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTimeseries, KairosError } from '@kairos/core'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StartedServer } from '../../../scripts/servers/kind.ts'
import { stopProcesses } from '../../../scripts/servers/processes.ts'
import { redis, redisCluster } from '../../../scripts/servers/redis.ts'
import { startRedisSentinel } from '../../../scripts/servers/redis-sentinel.ts'
import { redisDriver } from '../src/index.ts'
import { nodesOf } from './clients.ts'

const TIMESTAMP = 1_700_000_000
/** Names in many shards, so that every master of a cluster has some of them. */
const NAMES = Array.from({ length: 24 }, (_, index) => `name-${index}`)

interface Place {
  readonly title: string
  start(folder: string): Promise<StartedServer>
  /** The process of a master that serves some of the names. */
  master(url: string): Promise<number>
}

const places: readonly Place[] = [
  { title: 'a master of a cluster', start: redisCluster.start, master: masterOfCluster },
  { title: 'the master behind Sentinel', start: startRedisSentinel, master: masterOfSentinel },
]

// The test starts its own servers, since those that have lost a node are useless to other tests.
const missing = await redis.prepare()

describe.skipIf(missing !== null).each(places)('$title is killed', { timeout: 120_000 }, ({ start, master }) => {
  let folder: string
  let servers: StartedServer

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kairos-failover-'))
    servers = await start(folder)
  }, 90_000)
  afterAll(async () => {
    await stopProcesses(servers.pids, folder)
    rmSync(folder, { recursive: true, force: true })
  }, 30_000)

  it('writing and reading continue, nothing counts twice, and only what was not replicated yet is lost', async () => {
    const driver = redisDriver(servers.url)
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
    let reads = 0
    const read = async (): Promise<void> => {
      while (!stopped) {
        // Core repeats the call until a master answers.
        await counts.get(NAMES, 'day')
        if (performance.now() > killed) reads++
        await sleep(20)
      }
    }
    const work = [...names.map(write), read()]
    while (names.some(({ acknowledged }) => acknowledged < 100)) await sleep(10)
    const pid = await master(servers.url)
    killed = performance.now() + 1_000
    await sleep(1_000)
    process.kill(pid, 'SIGKILL')
    while (reads < 20 || names.some(({ afterwards }) => afterwards < 20)) await sleep(50)
    stopped = true
    await Promise.all(work)

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
    // Only what was in flight when the master died: a refused connection does not leave anything in doubt.
    expect(sum('maybe')).toBeLessThanOrEqual(NAMES.length)
    await driver.close()
  })
})

/** The process of the first node that considers itself a master. */
async function masterOfCluster(url: string): Promise<number> {
  const nodes = await Promise.all(nodesOf(url).map(factsOf))
  return nodes.find(({ master }) => master)!.pid
}

async function masterOfSentinel(url: string): Promise<number> {
  const sentinel = new Redis(nodesOf(url)[0]!)
  const [host, port] = (await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main')) as [string, string]
  sentinel.disconnect()
  return (await factsOf({ host, port: Number(port) })).pid
}

async function factsOf(node: { host: string; port: number }): Promise<{ master: boolean; pid: number }> {
  const client = new Redis(node)
  const info = await client.info()
  client.disconnect()
  return { master: info.includes('role:master'), pid: Number(/process_id:(\d+)/.exec(info)![1]) }
}
