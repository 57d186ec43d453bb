import { importPeer } from '@kairos/core/driver'
import { clockFinding, type Finding, finding, indexesFinding, isAtLeast, type Probe } from './finding.ts'

/** What is used of mysql2. */
interface Connection {
  query(sql: string): Promise<[readonly Readonly<Record<string, unknown>>[], unknown]>
  end(): Promise<void>
}
interface Mysql {
  readonly default: {
    createConnection(config: object): { promise(): Connection; on(event: 'error', listener: () => void): unknown }
  }
}

/** Looks at a MySQL or MariaDB server and at the tables of Kairos; writes nothing. */
export const probeMysql: Probe = async function* (url, { timeout }) {
  const module = await importPeer({ package: 'mysql2', scheme: 'mysql', from: import.meta.url })
  const { default: mysql } = module as Mysql
  const uri = url.replace(/^[a-z]+:/i, 'mysql:')
  const client = mysql.createConnection({ uri, connectTimeout: timeout })
  // A query reports its own error.
  client.on('error', () => {})
  const connection = client.promise()
  try {
    yield* lookedAt(connection)
  } finally {
    await connection.end()
  }
}

async function* lookedAt(connection: Connection): AsyncGenerator<Finding> {
  async function one(sql: string): Promise<unknown> {
    const [rows] = await connection.query(`select ${sql} as found`)
    return rows[0]!.found
  }
  const version = String(await one('version()'))
  const least = /mariadb/i.test(version) ? [10, 5] : [8, 0]
  yield finding('version', isAtLeast(version, least), version, 'update: older ones are not tested')
  const before = Date.now() / 1000
  yield clockFinding(Number(await one('unix_timestamp(now(6))')), before, Date.now() / 1000)
  const isReadOnly = Number(await one('@@global.read_only')) === 1
  yield finding(
    'role',
    !isReadOnly,
    isReadOnly ? 'read only' : 'can be written',
    'connect to the primary: a replica refuses writes',
  )
  const packet = Number(await one('@@max_allowed_packet'))
  yield finding(
    'packets',
    packet >= 2 ** 22,
    `${(packet / 2 ** 20).toFixed(0)} MiB`,
    'set max_allowed_packet to 16M or more: large cells are one value',
  )
  const [rows] = await connection.query(
    `select distinct table_name as name, index_name as own from information_schema.statistics
      where table_schema = database() and column_name = 'i_time' and index_name <> 'PRIMARY'`,
  )
  const names = rows.map(({ name, own }) => `${name}.${own}`)
  yield indexesFinding(names)
}
