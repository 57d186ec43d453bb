import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'

export const REDIS_URL: string | undefined = process.env.KAIROS_TEST_REDIS_URL
export const CLUSTER_URL: string | undefined = process.env.KAIROS_TEST_REDIS_CLUSTER_URL

/** The URL of a single server, from the environment; undefined if there is none. */
export interface TestServer {
  readonly name: string
  readonly url: string | undefined
}

/** Servers other than the installed Redis. */
const OTHER_SERVERS: readonly TestServer[] = [
  { name: 'Redis 6.2', url: process.env.KAIROS_TEST_REDIS6_URL },
  { name: 'Redis 8', url: process.env.KAIROS_TEST_REDIS8_URL },
  { name: 'Valkey', url: process.env.KAIROS_TEST_VALKEY_URL },
]

export const SERVERS: readonly TestServer[] = [{ name: 'the installed Redis', url: REDIS_URL }, ...OTHER_SERVERS]

/** Of one of these, by its name. */
export function urlOf(name: string): string | undefined {
  return SERVERS.find((server) => server.name === name)?.url
}

/** Host and port of each node in a `redis+cluster:` or `redis:` URL. */
export function nodesOf(url: string): { host: string; port: number }[] {
  return url
    .slice(url.indexOf('://') + 3)
    .split('/')[0]!
    .split(',')
    .map((node) => {
      const [host, port] = node.split(':')
      return { host: host!, port: Number(port) }
    })
}

/** Clients that a test makes, as an application would, and closes. */
export function careful(url: string, login: Login = {}): Redis {
  return new Redis(url, { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0, ...login })
}

export function carefulCluster(url: string, login: Login = {}): Cluster {
  return new Cluster(nodesOf(url), { retryDelayOnFailover: 0, redisOptions: login })
}

interface Login {
  readonly username?: string
  readonly password?: string
}

export async function nodeRedis(url: string) {
  return createClient({ url })
    .on('error', () => {})
    .connect()
}

export async function nodeRedisOfCluster(url: string) {
  const rootNodes = nodesOf(url).map(({ host, port }) => ({ url: `redis://${host}:${port}` }))
  return createCluster({ rootNodes })
    .on('error', () => {})
    .connect()
}
