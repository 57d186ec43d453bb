import { KairosError } from '@kairos/core'

interface HostPort {
  readonly host: string
  readonly port: number
}

/** The parts of a URL. */
export interface RedisAddress {
  readonly scheme: 'redis' | 'rediss' | 'redis+cluster' | 'redis+sentinel'
  readonly hosts: readonly HostPort[]
  /** The name under which Sentinel knows the master. */
  readonly master?: string
  readonly database: number
  readonly username?: string
  readonly password?: string
}

const LAST_PORT = 65_535
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
      'redis://host:port/database, rediss://…, redis+cluster://h:p,h:p or redis+sentinel://h:p,h:p/master-name',
    )
  const scheme = match[1]!.toLowerCase() as RedisAddress['scheme']
  const [user, ...secret] = (match[2] ?? '').split(':')
  const path = (match[4] ?? '').split('/').filter((part) => part !== '')
  const master = scheme === 'redis+sentinel' ? path.shift() : undefined
  if (scheme === 'redis+sentinel' && master === undefined)
    throw invalid('redis+sentinel://h:p,h:p/master-name, with the name of the master')
  const [database = '0', ...more] = path
  if (!/^\d{1,5}$/.test(database) || more.length > 0) throw invalid('a URL whose path is the number of a database')
  if (scheme === 'redis+cluster' && database !== '0')
    throw invalid('a URL without a database, since a cluster has only database 0')
  const hosts = (match[3] || 'localhost').split(',').map((host) => hostPort(host, DEFAULT_PORTS[scheme]))
  if (hosts.length > 1 && !scheme.includes('+'))
    throw invalid(`a URL with one host; for several hosts, use redis+cluster: or redis+sentinel:`)
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
  const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text)
  if (match === null) throw invalid('a URL with hosts written as host or host:port; put an IPv6 address in brackets')
  const given = match[3] === undefined ? port : Number(match[3])
  if (given < 1 || given > LAST_PORT) throw invalid(`a URL with ports from 1 to ${LAST_PORT}, not ${given}`)
  return { host: (match[1] ?? match[2])!, port: given }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('a percent-encoded URL; write a % in a name or password as %25')
  }
}

/** Does not show the URL, which may hold a password. */
function invalid(expected: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', `store must be ${expected}`, {
    path: 'store',
    driver: 'redis',
  })
}
