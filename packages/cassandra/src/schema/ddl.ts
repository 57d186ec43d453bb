import { createHash } from 'node:crypto'
import { KairosError } from '@kairos/core'
import { pause } from '@kairos/core/driver'
import type { CassandraClientLike, CassandraRow } from '../connection/client.ts'
import { storeFailure } from '../connection/failures.ts'
import type { CassandraSettings } from '../options.ts'
import { type Column, refuseForeign } from './foreign-table.ts'
import type { TableDefinition } from './table-definition.ts'

const LOCAL_QUORUM = 6
/** Longest wait for the nodes to agree on the schema, in milliseconds; nodes that are down never do. */
const AGREEMENT_TIMEOUT = 15_000
const POLL_INTERVAL = 200

/**
 * Creates the keyspace if it is missing.
 * @throws KAIROS_INVALID_CONFIG if it is missing and `replication` is not given
 * @throws StoreFailure
 */
export async function ensureKeyspace(client: CassandraClientLike, settings: CassandraSettings): Promise<void> {
  const { keyspace, replication } = settings
  const query = 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?'
  const found = await select(client, query, [Buffer.from(keyspace)])
  if (found.length > 0) return
  if (replication === undefined) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `keyspace "${keyspace}" does not exist; create it, or set the option replication to have it created`,
      { path: 'keyspace', driver: 'cassandra' },
    )
  }
  const factors = typeof replication === 'number' ? { replication_factor: replication } : replication
  const strategy = mapOf({ class: 'NetworkTopologyStrategy', ...factors })
  await alterSchema(client, `CREATE KEYSPACE IF NOT EXISTS "${keyspace}" WITH replication = ${strategy}`)
  await awaitSchemaAgreement(client)
}

/**
 * Creates missing tables and waits until every node has them: a node that does not know a table yet rejects its writes or loses them. Safe in many
 * processes at once: a table's id follows from its name, so all create the same one. (Otherwise two nodes asked at the same time create two tables of
 * one name, and one of them wins later.)
 * @throws KAIROS_INVALID_CONFIG if there is a table of that name that Kairos did not create, or that was altered
 * @throws StoreFailure
 */
export async function ensureTables(
  client: CassandraClientLike,
  definitions: readonly TableDefinition[],
): Promise<void> {
  let created = false
  for (const definition of definitions) {
    const columns = await columnsOf(client, definition)
    if (columns.length > 0) {
      refuseForeign(definition, columns)
      continue
    }
    await alterSchema(client, createTable(definition))
    created = true
  }
  if (created || !(await hasSchemaAgreement(client))) await awaitSchemaAgreement(client)
}

/**
 * Whether the table exists.
 * @throws StoreFailure
 */
export async function tableExists(
  client: CassandraClientLike,
  { keyspace, table }: Pick<TableDefinition, 'keyspace' | 'table'>,
): Promise<boolean> {
  return (await columnsOf(client, { keyspace, table })).length > 0
}

/** A table's columns; empty if there is no such table. */
async function columnsOf(
  client: CassandraClientLike,
  { keyspace, table }: Pick<TableDefinition, 'keyspace' | 'table'>,
): Promise<Column[]> {
  const query = `SELECT column_name, type, kind, position, clustering_order FROM system_schema.columns
    WHERE keyspace_name = ? AND table_name = ?`
  const rows = await select(client, query, [Buffer.from(keyspace), Buffer.from(table)])
  return rows.map(({ column_name, type, kind, position, clustering_order }) => ({
    name: column_name as string,
    type: type as string,
    kind: kind as string,
    position: position as number,
    order: clustering_order as string,
  }))
}

/** Drops a table if it exists. */
export async function dropTable(client: CassandraClientLike, keyspace: string, table: string): Promise<void> {
  await alterSchema(client, `DROP TABLE IF EXISTS "${keyspace}"."${table}"`)
}

function createTable({ keyspace, table, columns, key, compaction }: TableDefinition): string {
  const options = [
    `ID = ${idOf(keyspace, table)}`,
    ...(compaction === undefined ? [] : [`compaction = ${mapOf(compaction)}`]),
  ]
  return `CREATE TABLE IF NOT EXISTS "${keyspace}"."${table}" (${columns.join(', ')}, PRIMARY KEY (${key})) WITH ${options.join(' AND ')}`
}

/** A UUID of version 5 (RFC 9562): the same in every process. */
function idOf(keyspace: string, table: string): string {
  const hash = createHash('sha1').update(`kairos ${keyspace}.${table}`).digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

/** A map as a CQL literal: table options cannot be bound. */
function mapOf(entries: Readonly<Record<string, string | number>>): string {
  const quote = (text: string | number): string => `'${String(text).replaceAll("'", "''")}'`
  return `{${Object.entries(entries)
    .map(([key, value]) => `${quote(key)}: ${quote(value)}`)
    .join(', ')}}`
}

/** Waits until all nodes show one schema version, twice in a row: another process's change may still be on its way. */
async function awaitSchemaAgreement(client: CassandraClientLike): Promise<void> {
  const deadline = Date.now() + AGREEMENT_TIMEOUT
  for (let agreed = 0; agreed < 2 && Date.now() < deadline; ) {
    const versions = await schemaVersions(client)
    agreed = versions.distinct === 1 ? agreed + 1 : 0
    if (versions.nodes === 1) return
    if (agreed < 2) await pause(POLL_INTERVAL)
  }
}

async function hasSchemaAgreement(client: CassandraClientLike): Promise<boolean> {
  return (await schemaVersions(client)).distinct === 1
}

async function schemaVersions(client: CassandraClientLike): Promise<{ nodes: number; distinct: number }> {
  const own = await select(client, 'SELECT schema_version FROM system.local', [])
  const peers = await select(client, 'SELECT schema_version FROM system.peers', [])
  const versions = [...own, ...peers].map(({ schema_version }) => String(schema_version))
  return { nodes: versions.length, distinct: new Set(versions).size }
}

async function select(client: CassandraClientLike, query: string, values: Buffer[]): Promise<readonly CassandraRow[]> {
  // A client may be configured to read less at a time; what is beyond the first page would count as missing.
  const options = { prepare: true, consistency: LOCAL_QUORUM, isIdempotent: true, fetchSize: 5_000 } as const
  return client.execute(query, values, options).then(
    ({ rows = [] }) => rows,
    (error: unknown) => {
      throw storeFailure(error)
    },
  )
}

/** Schema changes bind no values and run once: preparing them would only fill the servers' caches. */
async function alterSchema(client: CassandraClientLike, statement: string): Promise<void> {
  const options = { prepare: false, consistency: LOCAL_QUORUM, isIdempotent: true } as const
  await client.execute(statement, [], options).catch((error: unknown) => {
    throw storeFailure(error)
  })
}
