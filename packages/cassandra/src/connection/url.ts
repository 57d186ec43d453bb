import { KairosError } from '@kairos/core'
import type { CassandraConsistency, CassandraDriverOptions } from '../options.ts'

/** What a URL says: `cassandra://user:password@host:9042,host:9042/keyspace?localDataCenter=dc1&replication=3`. */
export interface ParsedUrl {
  readonly scheme: string
  /** `host:port`, the port always there. */
  readonly hosts: readonly string[]
  readonly port: number
  readonly credentials: { readonly username: string; readonly password: string } | undefined
  readonly options: CassandraDriverOptions
}

const DEFAULT_PORT = 9042
const SHAPE = /^(cassandra|cql):\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/([^/?]*))?(?:\?(.*))?$/i
const PARAMETERS = ['tableName', 'localDataCenter', 'consistency', 'replication']

/** @throws KAIROS_INVALID_CONFIG */
export function parseUrl(url: string): ParsedUrl {
  const match = SHAPE.exec(url)
  // The URL may hold a password: it is not repeated.
  if (match === null) throw invalid('want a URL like cassandra://host:9042,host:9042/keyspace')
  const [, scheme = '', login, hostList = '', keyspace = '', query = ''] = match
  const hosts = hostList.split(',').map(withPort)
  return {
    scheme: scheme.toLowerCase(),
    hosts,
    port: Number(/:(\d+)$/.exec(hosts[0]!)![1]),
    credentials: login === undefined ? undefined : credentialsOf(login),
    options: { ...(keyspace !== '' && { keyspace: decodeURIComponent(keyspace) }), ...optionsOf(query) },
  }
}

function withPort(host: string): string {
  if (!/^(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.test(host)) throw invalid(`"${host}" is no host`)
  return /:\d+$/.test(host.replace(/^\[.*\]/, '')) ? host : `${host}:${DEFAULT_PORT}`
}

function credentialsOf(login: string): { username: string; password: string } {
  const [username = '', ...rest] = login.split(':')
  return { username: decodeURIComponent(username), password: decodeURIComponent(rest.join(':')) }
}

function optionsOf(query: string): CassandraDriverOptions {
  const parameters = new URLSearchParams(query)
  for (const key of parameters.keys()) {
    if (!PARAMETERS.includes(key)) throw invalid(`"${key}" is not known in it; known: ${PARAMETERS.join(', ')}`)
  }
  const { replication, consistency, ...texts } = Object.fromEntries(parameters)
  return {
    ...texts,
    ...(consistency !== undefined && { consistency: consistency as CassandraConsistency }),
    ...(replication !== undefined && { replication: replicationOf(replication) }),
  }
}

/** `3`, or by data center: `dc1:3,dc2:2`. */
function replicationOf(text: string): number | Record<string, number> {
  if (!text.includes(':')) return Number(text)
  return Object.fromEntries(
    text.split(',').map((part) => [part.replace(/:[^:]*$/, ''), Number(/:([^:]*)$/.exec(part)?.[1])]),
  )
}

function invalid(reason: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', `the Cassandra URL makes no sense: ${reason}`, {
    path: 'store',
    driver: 'cassandra',
  })
}
