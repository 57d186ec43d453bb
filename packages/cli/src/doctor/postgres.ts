import { importPeer } from '@kairos/core/driver'
import { clockFinding, type Finding, finding, indexesFinding, isAtLeast, type Probe } from './finding.ts'

/** What is used of pg. */
interface Client {
  connect(): Promise<void>
  query(text: string): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>
  on(event: 'error', listener: () => void): unknown
  end(): Promise<void>
}
interface Pg {
  readonly default: { readonly Client: new (options: object) => Client }
}

/** Looks at a PostgreSQL server and at the tables of Kairos; writes nothing. */
export const probePostgres: Probe = async function* (url, { timeout }) {
  const { default: pg } = (await importPeer({ package: 'pg', scheme: 'postgres', from: import.meta.url })) as Pg
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: timeout, query_timeout: timeout })
  client.on('error', () => {})
  await client.connect()
  try {
    yield* lookedAt(client)
  } finally {
    await client.end()
  }
}

async function* lookedAt(client: Client): AsyncGenerator<Finding> {
  async function one(sql: string): Promise<unknown> {
    const { rows } = await client.query(`select ${sql} as found`)
    return rows[0]!.found
  }
  const version = String(await one(`current_setting('server_version')`))
  yield finding('version', isAtLeast(version, [12]), version, 'update: older ones are not tested')
  const before = Date.now() / 1000
  yield clockFinding(Number(await one('extract(epoch from clock_timestamp())')), before, Date.now() / 1000)
  const mayCreate = await one(`has_schema_privilege(current_schema(), 'create')`)
  yield finding(
    'permissions',
    mayCreate === true,
    mayCreate === true ? 'may create tables' : 'may not create tables',
    'GRANT CREATE ON SCHEMA, or create the tables in a migration and open with manageSchema: false',
  )
  const isReplica = await one('pg_is_in_recovery()')
  yield finding(
    'role',
    isReplica !== true,
    isReplica === true ? 'standby' : 'primary',
    'connect to the primary: a standby refuses writes',
  )
  const [used, most] = [
    Number(await one('(select count(*) from pg_stat_activity)')),
    Number(await one(`current_setting('max_connections')::int`)),
  ]
  yield finding('connections', used < most * 0.8, `${used} of ${most}`, 'raise max_connections, or use a pooler')
  const vacuums = await one(`current_setting('autovacuum')`)
  yield finding(
    'autovacuum',
    vacuums === 'on',
    String(vacuums),
    'switch it on: counts are updated in place, which leaves dead rows',
  )
  const { rows } = await client.query(
    `select indexname from pg_indexes i where schemaname = current_schema() and indexdef like '%i_time%'
      and not exists (select from pg_constraint c where c.conname = i.indexname)`,
  )
  const names = rows.map(({ indexname }) => String(indexname))
  yield indexesFinding(names)
}
