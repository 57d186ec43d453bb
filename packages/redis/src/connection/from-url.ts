import { KairosError } from '@kairos/core'
import { importPeer } from '@kairos/core/driver'
import type { RedisClient } from './client.ts'
import { isOfReplica } from './failures.ts'
import { type IoredisLike, ioredisClient } from './ioredis.ts'
import type { CommandClass } from './ioredis-command.ts'

interface HostPort {
  readonly host: string
  readonly port: number
}

/** What a URL says. */
export interface RedisAddress {
  readonly scheme: 'redis' | 'rediss' | 'redis+cluster' | 'redis+sentinel'
  readonly hosts: readonly HostPort[]
  /** Of Sentinel's master. */
  readonly master?: string
  readonly database: number
  readonly username?: string
  readonly password?: string
}

const DEFAULT_PORTS = { redis: 6379, rediss: 6379, 'redis+cluster': 6379, 'redis+sentinel': 26379 } as const

/**
 * Reads `redis://[user:password@]host[:port][/database]`, the same with `rediss:` over TLS, `redis+cluster://host:port,host:port` and
 * `redis+sentinel://host:port,host:port/master-name[/database]`.
 * @throws KAIROS_INVALID_CONFIG
 */
export function parseRedisUrl(url: string): RedisAddress {
  const match = /^(rediss?|redis\+cluster|redis\+sentinel):\/\/(?:([^@/]*)@)?([^/?#]*)(?:\/([^?#]*))?$/i.exec(url)
  if (match === null)
    throw invalid(
      'want redis://host:port/database, rediss:, redis+cluster://h:p,h:p or redis+sentinel://h:p,h:p/master-name',
    )
  const scheme = match[1]!.toLowerCase() as RedisAddress['scheme']
  const [user, ...secret] = (match[2] ?? '').split(':')
  const path = (match[4] ?? '').split('/').filter((part) => part !== '')
  const master = scheme === 'redis+sentinel' ? path.shift() : undefined
  if (scheme === 'redis+sentinel' && master === undefined)
    throw invalid('redis+sentinel: needs the name of the master: redis+sentinel://h:p,h:p/master-name')
  const [database = '0', ...more] = path
  if (!/^\d{1,5}$/.test(database) || more.length > 0) throw invalid('the path is the number of the database')
  if (scheme === 'redis+cluster' && database !== '0') throw invalid('a cluster has only database 0')
  const hosts = (match[3] || 'localhost').split(',').map((host) => hostPort(host, DEFAULT_PORTS[scheme]))
  if (hosts.length > 1 && !scheme.includes('+'))
    throw invalid(`${scheme}: takes one host; for several use redis+cluster: or redis+sentinel:`)
  return {
    scheme,
    hosts,
    database: Number(database),
    ...(master !== undefined && { master: decode(master) }),
    ...(user && { username: decode(user) }),
    ...(secret.length > 0 && { password: decode(secret.join(':')) }),
  }
}

function hostPort(text: string, port: number): HostPort {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text)
  if (match === null) throw invalid('want host or host:port, an IPv6 address in brackets')
  return { host: (match[1] ?? match[2])!, port: match[3] === undefined ? port : Number(match[3]) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('a % in a name or password is written %25')
  }
}

/** The URL itself is left out: it may hold a password. */
function invalid(reason: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', `the URL is not one of Redis: ${reason}`, {
    path: 'url',
    driver: 'redis',
  })
}

type Constructor = new (...parameters: unknown[]) => IoredisLike & { on(event: 'error', listener: () => void): unknown }

interface Ioredis {
  readonly Redis: Constructor
  readonly Cluster: Constructor
  readonly Command: CommandClass
}

/** Those of ioredis' options that are looked at here. */
interface ClientConfig {
  readonly redisOptions?: object
  readonly sentinelUsername?: string
  readonly sentinelPassword?: string
  readonly sentinelTLS?: object
}

/**
 * An ioredis client that sends nothing twice and lets nothing hang: a command whose answer is lost is rejected, one that cannot be sent is not
 * queued, and a connection that falls silent is given up.
 * @throws KAIROS_DRIVER_MISSING
 */
export async function clientFromUrl(
  address: RedisAddress,
  timeout: number,
  clientConfig: object = {},
): Promise<RedisClient> {
  const { Redis, Cluster, Command } = await ioredis(address.scheme)
  const { scheme, hosts, master, database, username, password } = address
  const login = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) }
  const careful = {
    ...login,
    autoResendUnfulfilledCommands: false,
    // Whatever is in flight when a connection ends is rejected at once.
    maxRetriesPerRequest: 0,
    connectTimeout: timeout,
    socketTimeout: timeout,
  }
  const retryStrategy = (attempt: number): number => Math.min(10 * 2 ** (attempt - 1), 1_000)
  const alone = {
    ...careful,
    db: database,
    enableOfflineQueue: false,
    lazyConnect: true,
    retryStrategy,
    // Where the master became a replica, the address, or Sentinel, may lead to another one by now.
    reconnectOnError: isOfReplica,
  }
  const { redisOptions, ...options } = clientConfig as ClientConfig
  const client = (() => {
    if (scheme === 'redis+cluster') {
      return new Cluster(hosts, {
        lazyConnect: true,
        // The only way to keep a cluster client from sending again what it lost: also with autoResendUnfulfilledCommands off it would.
        retryDelayOnFailover: 0,
        ...options,
        redisOptions: { ...careful, ...redisOptions },
      })
    }
    if (scheme === 'redis+sentinel') {
      // One that takes the connection and says nothing would be waited for without an end.
      const sentinels = { sentinels: hosts, name: master, sentinelCommandTimeout: timeout }
      return new Redis({ ...alone, ...sentinels, ...clientConfig })
    }
    return new Redis({ ...alone, ...hosts[0], ...(scheme === 'rediss' && { tls: {} }), ...clientConfig })
  })()
  const { sentinelUsername, sentinelPassword, sentinelTLS } = options
  const access =
    scheme === 'redis+sentinel'
      ? { username: sentinelUsername, password: sentinelPassword, tls: sentinelTLS }
      : { ...login, ...redisOptions }
  const probe = (guide: string): IoredisLike => {
    const [, host, port] = /^(.*):(\d+)$/.exec(guide)!
    return new Redis({
      ...access,
      host,
      port: Number(port),
      connectTimeout: timeout,
      lazyConnect: true,
      retryStrategy: null,
    })
  }
  // What goes wrong is told by the calls it concerns; without a listener ioredis prints it.
  client.on('error', () => {})
  return ioredisClient(client, { probe, ...(scheme === 'redis+cluster' && { Command }) })
}

async function ioredis(scheme: string): Promise<Ioredis> {
  return (await importPeer({ package: 'ioredis', scheme, from: import.meta.url })) as Ioredis
}
