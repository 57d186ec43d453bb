import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Fault, startFaultProxy } from '@kairos/driver-tests'
import { expect, it as test } from 'vitest'
import { freePorts, stopProcesses } from '../../../scripts/servers/processes.ts'
import { redis as installed, startRedis } from '../../../scripts/servers/redis.ts'
import { redisDriver } from '../src/index.ts'
import { careful, REDIS_URL } from './clients.ts'
import { BUCKETS, schema, type WriterTask, type Written, writeWider } from './widening-writer.ts'

const WRITERS = 8
const FAULTS: readonly Fault[] = ['cut-reply', 'cut-request']
const long = process.env.KAIROS_TEST_SIZE === 'long'

/** Each bucket holds what was acknowledged, and at most what may have been applied besides. Returns how much was in doubt. */
async function expectWithinBounds(url: string, prefix: string, all: readonly Written[]): Promise<number> {
  const driver = redisDriver(url, { prefix })
  const { store } = await driver.open(schema)
  const cells = await store.read({ names: ['a'], interval: 'minute', range: { first: 0, last: BUCKETS - 1 } })
  const stored = new Map(cells.map(({ bucket, value }) => [bucket, value as number]))
  let doubtful = 0
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const acknowledged = all.reduce((sum, written) => sum + written.acknowledged[bucket]!, 0)
    const maybe = all.reduce((sum, written) => sum + written.maybe[bucket]!, 0)
    const found = stored.get(bucket) ?? 0
    if (found < acknowledged || found > acknowledged + maybe)
      expect.fail(`bucket ${bucket} holds ${found}, not ${acknowledged} to ${acknowledged + maybe}`)
    doubtful += maybe
  }
  await driver.close()
  return doubtful
}

/** How wide the numbers of the chunk are by now. */
async function bytesOfNumbers(url: string, prefix: string): Promise<number | undefined> {
  const redis = careful(url)
  const [key] = await redis.keys(`${prefix}count:*:a:0`)
  const bytes = await redis.getBuffer(key!)
  redis.disconnect()
  return bytes?.[0]
}

/** A proxy that cuts one in `often` script calls. */
async function proxyTo(url: string, often: number) {
  const { hostname: host, port } = new URL(url)
  let turn = 0
  const decide = (data: Uint8Array): Fault | null => {
    if (!/evalsha/i.test(Buffer.from(data).toString('latin1', 0, 200))) return null
    return ++turn % often === 0 ? FAULTS[(turn / often) % 2]! : null
  }
  return startFaultProxy({ target: { host, port: Number(port) }, decide })
}

test.skipIf(REDIS_URL === undefined)(
  'a chunk that is rewritten wider loses nothing while connections are cut',
  async () => {
    const prefix = `widening-${process.pid}:`
    const proxy = await proxyTo(REDIS_URL!, 9)
    const url = `redis://${proxy.host}:${proxy.port}`
    const written = await Promise.all(
      Array.from({ length: WRITERS }, (_, index) => writeWider({ url, prefix, seed: index + 1, rounds: 12 })),
    )
    await proxy.close()
    expect(await expectWithinBounds(REDIS_URL!, prefix, written)).toBeGreaterThan(0)
    expect(await bytesOfNumbers(REDIS_URL!, prefix)).toBe(8)
    const redis = careful(REDIS_URL!)
    await redis.unlink(await redis.keys(`${prefix}*`))
    redis.disconnect()
  },
)

const inLongSize = long ? test.skipIf((await installed.prepare()) !== null) : () => {}

inLongSize(
  'of eight processes, whose connections are cut and whose server is killed, no acknowledged count is lost',
  { timeout: 600_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-widening-'))
    const [port] = await freePorts(1)
    // What is acknowledged is on disk.
    const start = () => startRedis(folder, port!, ['--appendonly', 'yes', '--appendfsync', 'always'])
    let pid = await start()
    const url = `redis://127.0.0.1:${port}`
    const proxy = await proxyTo(url, 40)
    const written: Written[] = []
    const ends = Array.from({ length: WRITERS }, (_, index) => {
      const task: WriterTask = {
        url: `redis://${proxy.host}:${proxy.port}`,
        prefix: 'w:',
        seed: index + 1,
        rounds: 600,
      }
      const child = fork(fileURLToPath(new URL('./widening-writer.ts', import.meta.url)), [JSON.stringify(task)], {
        execArgv: ['--conditions=@kairos/source', '--disable-warning=ExperimentalWarning'],
      })
      child.on('message', (message) => written.push(message as Written))
      return new Promise<void>((resolve) => child.on('exit', () => resolve()))
    })
    const working = Promise.all(ends)
    let kills = 0
    while ((await Promise.race([working.then(() => true), sleep(700).then(() => false)])) === false) {
      if (kills === 6) continue
      process.kill(pid, 'SIGKILL')
      kills++
      await sleep(50)
      pid = await start()
    }
    await proxy.close()
    expect(written).toHaveLength(WRITERS)
    expect(kills).toBeGreaterThan(0)
    expect(await expectWithinBounds(url, 'w:', written)).toBeGreaterThan(0)
    expect(await bytesOfNumbers(url, 'w:')).toBe(8)
    await stopProcesses([pid], folder)
    rmSync(folder, { recursive: true, force: true })
  },
)
