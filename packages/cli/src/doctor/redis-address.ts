import type { RedisNode } from './redis-client.ts'

/** The parts of a URL that the driver has understood. */
export interface RedisAddress {
  /** With the login of the servers. */
  readonly nodes: readonly RedisNode[]
  /** Of `redis+sentinel:`: the name of the master. */
  readonly master: string
}

const URL_PARTS = /^(rediss?|redis\+cluster|redis\+sentinel):\/\/(?:([^@/]*)@)?([^/]*)\/?([^/]*)(?:\/(.*))?$/i
const PORTS: Readonly<Record<string, number>> = { 'redis+sentinel': 26_379 }

export function redisAddressOf(url: string): RedisAddress {
  const [, scheme = '', login = '', hosts = '', first = '', second = ''] = URL_PARTS.exec(url) ?? []
  const kind = scheme.toLowerCase()
  const [username, ...rest] = login.split(':')
  const password = rest.join(':')
  const database = kind === 'redis+sentinel' ? second : first
  const own = {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(database && { db: Number(database) }),
    ...(kind === 'rediss' && { tls: {} }),
  }
  const nodes = (hosts || 'localhost').split(',').map((text) => ({ ...own, ...hostOf(text, PORTS[kind] ?? 6_379) }))
  return { nodes, master: decodeURIComponent(first) }
}

/** `host`, `host:port` or `[address]:port`. */
export function hostOf(text: string, usual: number): Pick<RedisNode, 'host' | 'port'> {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? []
  return { host: bracketed ?? plain ?? text, port: port === undefined ? usual : Number(port) }
}
