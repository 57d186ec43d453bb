import { importPeer } from '@kairos/core/driver'
import type { RedisClient } from './client.ts'
import { isOfReplica } from './failures.ts'
import { ioredisClient } from './ioredis.ts'
import type { CommandClass } from './ioredis-command.ts'
import type { IoredisLike } from './ioredis-types.ts'
import type { RedisAddress } from './url.ts'

type Constructor = new (...parameters: unknown[]) => IoredisLike & { on(event: 'error', listener: () => void): unknown }

interface Ioredis {
  readonly Redis: Constructor
  readonly Cluster: Constructor
  readonly Command: CommandClass
}

/** The options of ioredis that are read here. */
interface ClientConfig {
  readonly redisOptions?: object
  readonly sentinelUsername?: string
  readonly sentinelPassword?: string
  readonly sentinelTLS?: object
}

/**
 * An ioredis client that never resends and never hangs: it rejects a command whose answer is lost, does not queue one that it cannot send, and
 * closes a connection that has gone silent.
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
    // Commands in flight when a connection ends are rejected at once.
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
    // If the master has become a replica, the address or Sentinel may lead to another server by now. Each command in flight is refused, but one refusal ends
    // the connection: every further one would add a listener to it.
    reconnectOnError: (error: Error) => isOfReplica(error) && client.stream?.writable !== false,
  }
  const { redisOptions, ...options } = clientConfig as ClientConfig
  const client = (() => {
    if (scheme === 'redis+cluster') {
      return new Cluster(hosts, {
        lazyConnect: true,
        // The only way to keep a cluster client from resending: autoResendUnfulfilledCommands alone does not.
        retryDelayOnFailover: 0,
        ...options,
        redisOptions: { ...careful, ...redisOptions },
      })
    }
    if (scheme === 'redis+sentinel') {
      // Without it, the client would wait without end for a Sentinel that accepts the connection and does not answer.
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
  // Calls report their own errors; without a listener, ioredis would print them.
  client.on('error', () => {})
  return ioredisClient(client, { probe, Command })
}

async function ioredis(scheme: string): Promise<Ioredis> {
  return (await importPeer({ package: 'ioredis', scheme, from: import.meta.url })) as Ioredis
}
