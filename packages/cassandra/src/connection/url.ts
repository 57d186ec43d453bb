import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import type { CassandraConsistency, CassandraDriverOptions } from '../options.ts'

/** The parts of a URL like `cassandra://user:password@host:9042,host:9042/keyspace?localDataCenter=dc1&replication=3`. */
export interface ParsedUrl {
  readonly scheme: string
  /** `host:port`, always with the port. */
  readonly hosts: readonly string[]
  readonly port: number
  readonly credentials: { readonly username: string; readonly password: string } | undefined
  readonly options: CassandraDriverOptions
}

const DEFAULT_PORT = 9042
const LAST_PORT = 65_535
const SHAPE = /^(cassandra|cql):\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/([^/?]*))?(?:\?(.*))?$/i
const PARAMETERS = ['tableName', 'localDataCenter', 'consistency', 'replication']

/** @throws KAIROS_INVALID_CONFIG */
export function parseUrl(url: string): ParsedUrl {
  const match = SHAPE.exec(url)
  const [, scheme = '', login, hostList = '', keyspace = '', query = ''] = match ?? []
  if (match === null || keyspace.includes('@'))
    throw invalid(
      'a URL like cassandra://user:password@host:9042,host:9042/keyspace; in a password, write / @ ? as %2F %40 %3F',
    )
  const hosts = hostList.split(',').map(withPort)
  return {
    scheme: scheme.toLowerCase(),
    hosts,
    port: Number(/:(\d+)$/.exec(hosts[0]!)![1]),
    credentials: login === undefined ? undefined : credentialsOf(login),
    options: { ...(keyspace !== '' && { keyspace: decoded(keyspace) }), ...optionsOf(query) },
  }
}

function withPort(host: string): string {
  if (!/^(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.test(host))
    throw invalid('a URL with hosts like host or host:port, separated by commas')
  const [, port] = /:(\d+)$/.exec(host.replace(/^\[.*\]/, '')) ?? []
  if (port === undefined) return `${host}:${DEFAULT_PORT}`
  if (Number(port) < 1 || Number(port) > LAST_PORT)
    throw invalid(`a URL with ports from 1 to ${LAST_PORT}, not ${port}`)
  return host
}

function credentialsOf(login: string): { username: string; password: string } {
  const [username = '', ...rest] = login.split(':')
  return { username: decoded(username), password: decoded(rest.join(':')) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('a percent-encoded URL; write a % in a name or password as %25')
  }
}

function optionsOf(query: string): CassandraDriverOptions {
  const parameters = new URLSearchParams(query)
  for (const key of parameters.keys()) {
    if (!PARAMETERS.includes(key))
      throw invalid(`a URL with no parameters but ${PARAMETERS.join(', ')}, not ${describe(key)}`)
    if (parameters.getAll(key).length > 1) throw invalid(`a URL with each parameter once, not ${key} again`)
  }
  const { replication, consistency, ...texts } = Object.fromEntries(parameters)
  return {
    ...texts,
    ...(consistency !== undefined && { consistency: consistency as CassandraConsistency }),
    ...(replication !== undefined && { replication: replicationOf(replication) }),
  }
}

/** `3`, or per data center: `dc1:3,dc2:2`. */
function replicationOf(text: string): number | Record<string, number> {
  if (/^\d+$/.test(text)) return Number(text)
  const centers = text.split(',').map((part) => /^(.+):(\d+)$/.exec(part))
  if (centers.includes(null)) throw invalid(`a URL with a replication like 3 or dc1:3,dc2:2, not ${describe(text)}`)
  return Object.fromEntries(centers.map((center) => [center![1], Number(center![2])]))
}

/** The URL may contain a password, so the message repeats nothing of it. */
function invalid(expected: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', `store must be ${expected}`, {
    path: 'store',
    driver: 'cassandra',
  })
}
