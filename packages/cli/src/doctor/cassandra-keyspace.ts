import { type Finding, finding } from './finding.ts'

export type Row = Readonly<Record<string, unknown>>

/** A keyspace as `system_schema` shows it, and at which level it is read and written. */
export interface Keyspace {
  readonly keyspace: string
  readonly own: Row
  readonly tables: readonly Row[]
  readonly consistency: string
}

/** In seconds: how long a node keeps for another what that has missed. */
const HINTS = 3 * 3_600
const MAJORITIES: readonly string[] = ['quorum', 'localQuorum', 'eachQuorum', 'all']

/** Settings that lose data, or bring back what was deleted. */
export function* keyspaceFindings({ keyspace, own, tables, consistency }: Keyspace): Generator<Finding> {
  const replicas = replicasOf(own.replication)
  const least = Math.min(...replicas.map(([, count]) => count))
  yield finding(
    'replication',
    least >= 3,
    replicas.map(([center, count]) => `${count} in ${center}`).join(', '),
    least === 1
      ? `ALTER KEYSPACE "${keyspace}" with 3 replicas, then nodetool repair: if the node is lost, so is its data`
      : `ALTER KEYSPACE "${keyspace}" with 3 replicas, then nodetool repair: the majority of two is both`,
  )
  yield finding(
    'durability',
    own.durable_writes !== false,
    own.durable_writes === false ? 'no commit log' : 'commit log',
    `ALTER KEYSPACE "${keyspace}" WITH durable_writes = true: without it a node that dies loses what it had not flushed`,
  )
  yield finding(
    'consistency',
    least === 1 || MAJORITIES.includes(consistency),
    consistency,
    'use localQuorum: otherwise a read may miss what was acknowledged, and deltas of counts are never folded',
  )
  yield* deletions(tables, least)
  const expiring = tables
    .filter((table) => Number(table.default_time_to_live) > 0)
    .map((table) => String(table.table_name))
  yield finding(
    'expiry',
    expiring.length === 0,
    expiring.length === 0 ? 'only that of steps' : `default_time_to_live of ${expiring.join(', ')}`,
    'ALTER TABLE … WITH default_time_to_live = 0: it also expires data of intervals without steps',
  )
}

/** How long tombstones are kept: a replica that has missed a delete for longer brings the data back. */
function* deletions(tables: readonly Row[], replicas: number): Generator<Finding> {
  if (tables.length === 0) return
  const [first] = [...tables].sort((one, other) => Number(one.gc_grace_seconds) - Number(other.gc_grace_seconds))
  const shortest = Number(first!.gc_grace_seconds)
  yield finding(
    'deletes',
    replicas === 1 || shortest >= HINTS,
    `gc_grace_seconds ${shortest}${shortest >= HINTS ? '' : ` of ${first!.table_name}`}`,
    `ALTER TABLE … WITH gc_grace_seconds = 864000, and repair more often than that: otherwise deleted data comes back from a node that was down`,
  )
}

/** Data centers, or all of them, and how many replicas there are in each. */
function replicasOf(replication: unknown): [center: string, count: number][] {
  const settings = replication instanceof Map ? Object.fromEntries(replication) : { ...(replication as object) }
  return Object.entries(settings)
    .filter(([key]) => key !== 'class')
    .map(([key, count]) => [key === 'replication_factor' ? 'all' : key, Number(count)])
}
