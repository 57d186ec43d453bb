/** The parts of a URL that the driver has understood. */
export interface CassandraAddress {
  readonly hosts: readonly string[]
  readonly port: number
  readonly keyspace: string
  readonly credentials: { readonly username: string; readonly password: string } | undefined
  /** The level that it asks for. */
  readonly consistency: string
}

const URL_PARTS = /^[a-z]+:\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/([^/?]*))?(?:\?(.*))?$/i
const PORT = 9_042

export function cassandraAddressOf(url: string): CassandraAddress {
  const [, login, hosts = '', keyspace = '', query = ''] = URL_PARTS.exec(url) ?? []
  const [username = '', ...rest] = (login ?? '').split(':').map(decodeURIComponent)
  const parameters = new URLSearchParams(query)
  const [first = ''] = hosts.split(',')
  return {
    hosts: hosts.split(','),
    port: Number(/:(\d+)$/.exec(first)?.[1] ?? PORT),
    keyspace: decodeURIComponent(keyspace) || 'kairos',
    credentials: login === undefined ? undefined : { username, password: rest.join(':') },
    consistency: parameters.get('consistency') ?? 'localQuorum',
  }
}
