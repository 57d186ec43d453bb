import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer } from 'node:tls'
import { createTimeseries, KairosError } from '@kairos/core'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StartedServer } from '../../../scripts/servers/kind.ts'
import { findProgram, freePorts, stopProcesses } from '../../../scripts/servers/processes.ts'
import { redis } from '../../../scripts/servers/redis.ts'
import { startRedisSentinel } from '../../../scripts/servers/redis-sentinel.ts'
import { redisDriver } from '../src/index.ts'
import { type Certificates, makeCertificates } from './certificates.ts'
import { nodesOf } from './clients.ts'

const TIMESTAMP = 1_700_000_000
const config = { type: 'count', intervals: { day: { step: 86_400 } }, now: () => TIMESTAMP } as const
const LOGIN = { sentinelUsername: 'guide', sentinelPassword: 'of sentinels' }

interface Node {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly password?: string
}

const missing = await redis.prepare()

describe.skipIf(missing !== null)(
  'behind Sentinels that want a login, as the server does',
  { timeout: 120_000 },
  () => {
    let folder: string
    let servers: StartedServer
    let url: string

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'kairos-sentinel-'))
      servers = await startRedisSentinel(folder)
      url = servers.url.replace('//', '//app:of%20the%20server@')
      const sentinels = nodesOf(servers.url)
      for (const sentinel of sentinels)
        await command(sentinel, 'ACL', 'SETUSER', 'guide', 'on', '>of sentinels', '&*', '+@all')
      // What they tell each other by, too.
      for (const sentinel of sentinels) {
        await command(sentinel, 'SENTINEL', 'CONFIG', 'SET', 'sentinel-user', 'guide')
        await command(sentinel, 'SENTINEL', 'CONFIG', 'SET', 'sentinel-pass', 'of sentinels')
      }
      for (const sentinel of sentinels) await command(sentinel, 'ACL', 'SETUSER', 'default', 'off')
      const node = await master()
      for (const each of [node, await replicaOf(node)])
        await command(each, 'ACL', 'SETUSER', 'app', 'on', '>of the server', '~kairos:*', '+@all')
    }, 90_000)
    afterAll(async () => {
      await stopProcesses(servers.pids, folder)
      rmSync(folder, { recursive: true, force: true })
    }, 30_000)

    const sentinel = (...words: string[]) =>
      command({ ...nodesOf(servers.url)[0]!, username: 'guide', password: 'of sentinels' }, 'SENTINEL', ...words)
    const master = async (): Promise<Node> => {
      const [host, port] = (await sentinel('GET-MASTER-ADDR-BY-NAME', 'main')) as [string, string]
      return { host, port: Number(port) }
    }
    const failureOf = async (address: string, clientConfig: object) => {
      const driver = redisDriver(address, { clientConfig })
      const started = performance.now()
      const error = await createTimeseries(driver, config)
        .insert('a')
        .then(
          () => expect.unreachable(),
          (reason: unknown) => reason,
        )
      await driver.close()
      return { error, milliseconds: performance.now() - started }
    }

    it('both logins are used, from the URL and from the options', async () => {
      const driver = redisDriver(url, { clientConfig: LOGIN })
      const counts = createTimeseries(driver, config)
      await counts.insert('login', 2)
      expect([...(await counts.get('login', 'day')).values()]).toEqual([2])
      await driver.close()
    })

    it.each([
      ['no login', {}, /NOAUTH/],
      ['a wrong one', { ...LOGIN, sentinelPassword: 'no' }, /WRONGPASS/],
    ])('%s for the Sentinels ends the opening at once, and names them', async (_which, clientConfig, reason) => {
      const { error, milliseconds } = await failureOf(url, clientConfig)
      expect(error).toMatchObject({
        code: 'KAIROS_STORE_FAILED',
        retryable: false,
        message: expect.stringMatching(reason),
        notApplied: [{ name: 'a' }],
        maybeApplied: [],
      })
      for (const { host, port } of nodesOf(servers.url)) expect(String(error)).toContain(`${host}:${port}: `)
      expect(milliseconds).toBeLessThan(15_000)
    })

    it('a client leaves a master that became a replica without closing its connections', async () => {
      const driver = redisDriver(url, { clientConfig: LOGIN })
      const counts = await createTimeseries(driver, config).open()
      const before = await master()
      const other = await replicaOf(before)
      let acknowledged = 0
      let maybe = 0
      let stopped = false
      const writer = async (): Promise<void> => {
        while (!stopped) {
          try {
            await counts.insert('swapped')
            acknowledged++
          } catch (error) {
            if (!KairosError.is(error)) throw error
            maybe += error.maybeApplied?.length ?? 0
          }
          await sleep(2)
        }
      }
      const writers = [writer(), writer(), writer()]
      while (acknowledged < 100) await sleep(10)
      // Demoted by hand first, so that the Sentinels have nothing left to do on the old master, and do not end its connections.
      await command(before, 'REPLICAOF', other.host, String(other.port))
      await sleep(500)
      const atRest = acknowledged
      await sleep(500)
      expect(acknowledged).toBe(atRest)
      await command(other, 'REPLICAOF', 'NO', 'ONE')
      await sentinel('FAILOVER', 'main')
      while (acknowledged < atRest + 100) await sleep(10)
      stopped = true
      await Promise.all(writers)

      expect(await master()).toEqual(other)
      expect(maybe).toBe(0)
      expect([...(await counts.get('swapped', 'day')).values()]).toEqual([acknowledged])
      await driver.close()
    })

    it.skipIf(findProgram('openssl') === null)('everything over TLS', async () => {
      const certificates = await makeCertificates(folder)
      const tls = { ca: readFileSync(certificates.authority) }
      const sentinelProxy = await startTlsProxy(nodesOf(servers.url)[0]!, certificates)
      const node = await master()
      const masterProxy = await startTlsProxy(node, certificates)
      const natMap = { [`${node.host}:${node.port}`]: { host: 'localhost', port: masterProxy.port } }
      const address = `redis+sentinel://app:of%20the%20server@localhost:${sentinelProxy.port}/main`
      const driver = redisDriver(address, {
        clientConfig: {
          ...LOGIN,
          sentinelTLS: tls,
          tls,
          enableTLSForSentinelMode: true,
          updateSentinels: false,
          natMap,
        },
      })
      const counts = createTimeseries(driver, config)
      await counts.insert('secret', 3)
      expect([...(await counts.get('secret', 'day')).values()]).toEqual([3])
      await driver.close()
      expect(sentinelProxy.connections()).toBeGreaterThan(0)
      expect(masterProxy.connections()).toBeGreaterThan(0)
      sentinelProxy.close()
      masterProxy.close()
    })

    it('an unreachable master is named, and not the Sentinel that failed before', async () => {
      const [deadSentinel, deadMaster] = await freePorts(2)
      const { host, port } = await master()
      const natMap = { [`${host}:${port}`]: { host, port: deadMaster } }
      const driver = redisDriver(url.replace('@', `@127.0.0.1:${deadSentinel},`), {
        clientConfig: { ...LOGIN, natMap, updateSentinels: false },
      })
      const error: Error = await driver
        .open({ type: 'count', valueType: 'float', record: '', facts: '{}', intervals: {} })
        .then(
          () => expect.unreachable(),
          (reason) => reason,
        )
      expect(error.message).toBe(`the connection could not be made: connect ECONNREFUSED ${host}:${deadMaster}`)
      await driver.close()
    })

    it('a master that they do not know is reported as unknown', async () => {
      const driver = redisDriver(url.replace(/main$/, 'other'), { clientConfig: LOGIN })
      const opening = driver.open({ type: 'count', valueType: 'float', record: '', facts: '{}', intervals: {} })
      await expect(opening).rejects.toThrow(/No such master/)
      await driver.close()
    })
  },
)

/** A port with TLS in front of a server without it. */
async function startTlsProxy(target: Node, { certificate, key }: Certificates) {
  let connections = 0
  const proxy = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (socket) => {
    connections++
    const behind = connect(target.port, target.host)
    socket.pipe(behind).pipe(socket)
    for (const [one, another] of [
      [socket, behind],
      [behind, socket],
    ] as const)
      one.on('error', () => {}).on('close', () => another.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return {
    port: (proxy.address() as { port: number }).port,
    connections: () => connections,
    close: () => proxy.close(),
  }
}

async function replicaOf(master: Node): Promise<Node> {
  const [, host, port] = /slave0:ip=(.*),port=(\d+)/.exec(String(await command(master, 'INFO', 'replication')))!
  return { host: host!, port: Number(port) }
}

async function command(node: Node, name: string, ...parameters: string[]): Promise<unknown> {
  const client = new Redis({ ...node, retryStrategy: null }).on('error', () => {})
  try {
    return await client.call(name, parameters)
  } finally {
    client.disconnect()
  }
}
