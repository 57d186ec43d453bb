import { importPeer } from '@kairos/core/driver'
import { clockFinding, type Finding, finding, isAtLeast, type Probe, type ProbedPlace } from './finding.ts'

/** What is used of ioredis. */
interface Client {
  connect(): Promise<void>
  call(command: string, ...parameters: readonly (string | number)[]): Promise<unknown>
  on(event: 'error', listener: () => void): unknown
  disconnect(): void
}
interface Ioredis {
  readonly Redis: new (url: string, options: object) => Client
}

/** Keys that are looked at: a part of a large database. */
const LOOKED_AT = 20_000
const PREFIX = 'kairos:'
/** A key with data: place, shard, interval, name, and mostly a bucket. */
const DATA = /^kairos:([^:{]+):\{\d+\}:([^:/]+):[^:]+(?::\d+)?$/
/** A mark of a batch that must not be stored twice. */
const MARK = /^kairos:[^:{]+:\{?\d+\}?!/

/** Looks at a Redis server: its version, clock, memory, durability, and at some of its keys. Writes one key of its own, which it deletes. */
export const probeRedis: Probe = async function* (url, place) {
  const { Redis } = (await importPeer({ package: 'ioredis', scheme: 'redis', from: import.meta.url })) as Ioredis
  const { timeout } = place
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeout,
    commandTimeout: timeout,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    yield* lookedAt(client, place)
  } finally {
    client.disconnect()
  }
}

async function* lookedAt(client: Client, place: ProbedPlace): AsyncGenerator<Finding> {
  const info = fieldsOf(String(await client.call('INFO')))
  const version = info.valkey_version ?? info.redis_version ?? '0'
  yield finding(
    'version',
    isAtLeast(info.redis_version ?? '0', [6, 2]),
    version,
    'update: Kairos needs the commands of Redis 6.2',
  )
  yield* clock(client)
  yield await writing(client)
  yield finding(
    'role',
    info.role !== 'slave',
    info.role ?? 'unknown',
    'connect to the master: a replica refuses writes',
  )
  yield eviction(info)
  const isDurable = info.aof_enabled === '1'
  yield finding(
    'durability',
    isDurable,
    isDurable ? 'append-only file' : 'snapshots only, if any',
    'CONFIG SET appendonly yes, if a crash must not lose what was written since the last snapshot',
  )
  yield* keys(client, place)
}

async function* clock(client: Client): AsyncGenerator<Finding> {
  const before = Date.now() / 1000
  const [seconds, microseconds] = (await client.call('TIME')) as [string, string]
  yield clockFinding(Number(seconds) + Number(microseconds) / 1e6, before, Date.now() / 1000)
}

async function writing(client: Client): Promise<Finding> {
  const key = `${PREFIX}doctor:${crypto.randomUUID()}`
  try {
    await client.call('EVAL', "redis.call('set', KEYS[1], '1', 'px', 1000) return redis.call('del', KEYS[1])", 1, key)
    return finding('permissions', true, 'scripts may write')
  } catch (error) {
    return {
      check: 'permissions',
      state: 'fail',
      found: (error as Error).message,
      todo: `allow this user eval, evalsha, time, @read, @write and @keyspace on ~${PREFIX}*`,
    }
  }
}

function eviction({ maxmemory, maxmemory_policy, evicted_keys, used_memory }: Fields): Finding {
  const limit = Number(maxmemory ?? 0)
  const evicted = Number(evicted_keys ?? 0)
  const used = limit === 0 ? '' : `, ${Math.round((Number(used_memory) / limit) * 100)} % of maxmemory used`
  const found = `${maxmemory_policy}, ${evicted} evicted${used}`
  if (maxmemory_policy === 'noeviction')
    return finding(
      'eviction',
      Number(used_memory) < 0.9 * limit || limit === 0,
      found,
      'raise maxmemory, or keep fewer steps',
    )
  // Where there is no limit, nothing is evicted yet.
  return finding(
    'eviction',
    false,
    found,
    'CONFIG SET maxmemory-policy noeviction: a policy that evicts keys evicts counts',
  )
}

/** Keys of intervals that keep some buckets and yet never expire, and marks of clients that resend. */
async function* keys(client: Client, { kept }: ProbedPlace): AsyncGenerator<Finding> {
  const endless = new Map<string, number>()
  let [cursor, looked, marks] = ['0', 0, 0]
  do {
    const [next, page] = (await client.call('SCAN', cursor, 'MATCH', `${PREFIX}*`, 'COUNT', 1000)) as [string, string[]]
    cursor = next
    looked += page.length
    marks += page.filter((key) => MARK.test(key)).length
    const data = page.flatMap((key) => intervalOf(key, kept) ?? [])
    const lives = await Promise.all(data.map(({ key }) => client.call('PTTL', key)))
    for (const [index, { place }] of data.entries())
      if (lives[index] === -1) endless.set(place, (endless.get(place) ?? 0) + 1)
  } while (cursor !== '0' && looked < LOOKED_AT)
  const part = cursor === '0' ? `all ${looked} keys` : `the first ${looked} keys`
  const found = Array.from(endless, ([place, count]) => `${count} of ${place}`).join(', ')
  yield finding(
    'keys without TTL',
    endless.size === 0,
    found === '' ? `none that should have one, of ${part}` : found,
    'they were written before steps was set: new data deletes them step by step, or delete what is old',
  )
  yield finding(
    'clients that resend',
    marks === 0,
    marks === 0 ? `no marks among ${part}` : `${marks} marks among ${part}`,
    'fine for writes with once; else set autoResendUnfulfilledCommands: false and maxRetriesPerRequest: 0 in your own ioredis client',
  )
}

function intervalOf(key: string, kept: ProbedPlace['kept']): { key: string; place: string } | undefined {
  const [, place = '', interval = ''] = DATA.exec(key) ?? []
  const steps = kept.get(place)?.[decoded(interval)]
  return steps === undefined || steps === null ? undefined : { key, place: `${place} ${interval}` }
}

/** `%` and four hexadecimal digits are a character. */
function decoded(interval: string): string {
  return interval.replace(/%([0-9a-f]{4})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

type Fields = Readonly<Record<string, string | undefined>>

function fieldsOf(info: string): Fields {
  return Object.fromEntries(Array.from(info.matchAll(/^([a-z_0-9]+):(.*?)\r?$/gm), ([, key, value]) => [key!, value!]))
}
