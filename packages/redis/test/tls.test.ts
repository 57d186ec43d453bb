import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram, freePorts, runToEnd, stopProcesses } from '../../../scripts/servers/processes.ts'
import { redis, startRedis } from '../../../scripts/servers/redis.ts'
import { redisDriver } from '../src/index.ts'
import { makeCertificates } from './certificates.ts'

const TIMESTAMP = 1_700_000_000
const config = { type: 'count', intervals: { day: { step: 86_400 } }, now: () => TIMESTAMP } as const

// The test starts its own servers. Not every build of Redis has TLS; the client that comes with it shows whether this one does.
const served = (await redis.prepare()) === null && (await runToEnd('redis-cli', ['--help'])).includes('--tls')
const missing = !served || findProgram('openssl') === null

describe.skipIf(missing)('over TLS', () => {
  let folder: string
  const pids: number[] = []
  /** Ports of a server that accepts any client, of one that requires a certificate, and of a cluster. */
  let open: number
  let strict: number
  let cluster: number
  let ca: string
  let cert: string
  let key: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kairos-tls-'))
    const certificates = await makeCertificates(folder)
    ca = readFileSync(certificates.authority, 'utf8')
    cert = readFileSync(certificates.certificate, 'utf8')
    key = readFileSync(certificates.key, 'utf8')
    const start = async (...parameters: string[]): Promise<number> => {
      const [port, tlsPort] = await freePorts(2, 10_000)
      const own = join(folder, String(port))
      mkdirSync(own)
      const { authority, certificate, key } = certificates
      const tls = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', authority]
      pids.push(await startRedis(own, port!, ['--tls-port', String(tlsPort), ...tls, ...parameters]))
      return tlsPort!
    }
    open = await start('--tls-auth-clients', 'no')
    strict = await start('--tls-auth-clients', 'yes')
    cluster = await start('--tls-auth-clients', 'no', '--cluster-enabled', 'yes', '--tls-cluster', 'yes')
    const command = (...words: string[]) =>
      runToEnd('redis-cli', [
        '-h',
        'localhost',
        '-p',
        String(cluster),
        '--tls',
        '--cacert',
        certificates.authority,
        ...words,
      ])
    command('CONFIG', 'SET', 'cluster-announce-ip', '127.0.0.1')
    command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  })
  afterAll(async () => {
    await stopProcesses(pids, folder)
    rmSync(folder, { recursive: true, force: true })
  })

  const expectWorks = async (driver: ReturnType<typeof redisDriver>) => {
    const counts = createTimeseries(driver, config)
    await counts.deleteAll()
    await counts.insert('a', 2)
    expect([...(await counts.get('a', 'day')).values()]).toEqual([2])
    await driver.close()
  }
  /** A write must be refused in far less than the half minute for which a store that cannot be reached is tried. */
  const expectRefused = async (driver: ReturnType<typeof redisDriver>, reason: RegExp) => {
    const started = performance.now()
    await expect(createTimeseries(driver, config).insert('a')).rejects.toMatchObject({
      code: 'KAIROS_STORE_FAILED',
      retryable: false,
      message: expect.stringMatching(reason),
      notApplied: [{ name: 'a' }],
      maybeApplied: [],
    })
    expect(performance.now() - started).toBeLessThan(15_000)
    await driver.close()
  }

  it('writes and reads, given the authority', async () => {
    await expectWorks(redisDriver(`rediss://localhost:${open}`, { clientConfig: { tls: { ca } } }))
  })

  it('shows a certificate to a server that requires one', async () => {
    await expectWorks(redisDriver(`rediss://localhost:${strict}`, { clientConfig: { tls: { ca, cert, key } } }))
  })

  it('an unknown authority is refused at once', async () => {
    await expectRefused(redisDriver(`rediss://localhost:${open}`), /certificate/)
  })

  it('a server whose name is not in its certificate is refused at once', async () => {
    await expectRefused(redisDriver(`rediss://127.0.0.1:${open}`, { clientConfig: { tls: { ca } } }), /altnames/)
  })

  it('a server that requires a certificate refuses a client without one at once', async () => {
    const driver = redisDriver(`rediss://localhost:${strict}`, { clientConfig: { tls: { ca } } })
    await expectRefused(driver, /certificate required/)
  })

  it("a cluster's nodes are trusted by the same rules", async () => {
    const checkServerIdentity = () => undefined
    const tls = { ca, checkServerIdentity }
    const url = `redis+cluster://localhost:${cluster}`
    await expectWorks(redisDriver(url, { clientConfig: { redisOptions: { tls } } }))
    const refused = redisDriver(url, { clientConfig: { redisOptions: { tls: { checkServerIdentity } } } })
    await expectRefused(refused, new RegExp(`:${cluster}: .*certificate`))
  })

  it('a client that the application has made brings its own connection', async () => {
    const client = await createClient({ url: `rediss://localhost:${open}`, socket: { tls: true, ca } }).connect()
    await expectWorks(redisDriver(client))
    client.destroy()
  })
})
