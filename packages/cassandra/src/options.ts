import { KairosError } from '@kairos/core'
import { checkDriverOptions } from '@kairos/core/driver'

/** How many replicas must answer; what each means is Cassandra's. */
export type CassandraConsistency =
  | 'one'
  | 'two'
  | 'three'
  | 'quorum'
  | 'all'
  | 'localQuorum'
  | 'eachQuorum'
  | 'localOne'

export interface CassandraDriverOptions {
  /** Default: the URL's, else `kairos`. It must exist, unless `replication` is given. */
  readonly keyspace?: string
  /** Default: the type's name. At most 40 letters, digits and `_`. Two drivers with different ones share nothing. */
  readonly tableName?: string
  /** Which data center's nodes are talked to; default: that of the node that answers first. For a client that a URL creates. */
  readonly localDataCenter?: string
  /** Default `localQuorum`. Reads and writes that share no replica (`one`) switch folding off, and counts are read slower with time. */
  readonly consistency?:
    | CassandraConsistency
    | { readonly read: CassandraConsistency; readonly write: CassandraConsistency }
  /**
   * Asks for the keyspace to be created where it is missing: a number of replicas in every data center that there is, or by data center.
   * A keyspace that exists stays as it is.
   */
  readonly replication?: number | Readonly<Record<string, number>>
  /** Compaction of the data tables that are created, in Cassandra's own words; default: by time window where all intervals expire alike. */
  readonly compaction?: Readonly<Record<string, string>>
  /** Handed to the client that a URL creates: credentials, `sslOptions`, pooling. */
  readonly clientConfig?: object
}

/** The options, complete and checked. */
export interface CassandraSettings {
  readonly keyspace: string
  readonly tableName: string | undefined
  readonly localDataCenter: string | undefined
  readonly consistency: Consistency
  readonly replication: CassandraDriverOptions['replication']
  readonly compaction: Readonly<Record<string, string>> | undefined
}

export interface Consistency {
  readonly read: number
  readonly write: number
  /** What is written is seen by every later read: without it a fold could lose what it did not see. */
  readonly strong: boolean
}

/** The protocol's numbers. */
const LEVELS: Readonly<Record<CassandraConsistency, number>> = {
  one: 1,
  two: 2,
  three: 3,
  quorum: 4,
  all: 5,
  localQuorum: 6,
  eachQuorum: 7,
  localOne: 10,
}
const MAJORITIES: readonly CassandraConsistency[] = ['quorum', 'localQuorum', 'eachQuorum', 'all']

const KNOWN = ['keyspace', 'tableName', 'localDataCenter', 'consistency', 'replication', 'compaction', 'clientConfig']

/**
 * Checks options; those of a URL (`?replication=3`) stand behind those given.
 * @throws KAIROS_INVALID_CONFIG
 */
export function settingsOf(options: CassandraDriverOptions): CassandraSettings {
  checkDriverOptions(options, KNOWN, 'cassandra')
  return {
    keyspace: identifier(options.keyspace ?? 'kairos', 'keyspace', 48),
    // Names of tables end at 48 characters, and a table that is made anew gets a number behind its name.
    tableName: options.tableName === undefined ? undefined : identifier(options.tableName, 'tableName', 40),
    localDataCenter: options.localDataCenter,
    consistency: consistencyOf(options.consistency ?? 'localQuorum'),
    replication: replicationOf(options.replication),
    compaction: options.compaction,
  }
}

function identifier(name: string, path: string, longest: number): string {
  if (/^[A-Za-z]\w*$/.test(name) && name.length <= longest) return name
  throw invalid(
    path,
    `${path} "${name}" is no name of Cassandra's: want a letter, then letters, digits or _, at most ${longest}`,
  )
}

function consistencyOf(given: NonNullable<CassandraDriverOptions['consistency']>): Consistency {
  const { read, write } = typeof given === 'string' ? { read: given, write: given } : given
  for (const level of [read, write]) {
    if (!Object.hasOwn(LEVELS, level))
      throw invalid('consistency', `consistency "${level}" is not known; known: ${Object.keys(LEVELS).join(', ')}`)
  }
  if (read === 'eachQuorum') throw invalid('consistency', 'Cassandra does not read at eachQuorum; use quorum')
  const majorities = MAJORITIES.includes(read) && MAJORITIES.includes(write)
  return { read: LEVELS[read], write: LEVELS[write], strong: majorities || read === 'all' || write === 'all' }
}

function replicationOf(given: CassandraDriverOptions['replication']): CassandraDriverOptions['replication'] {
  if (given === undefined) return undefined
  const factors = typeof given === 'number' ? [given] : Object.values(given)
  if (factors.length > 0 && factors.every((factor) => Number.isInteger(factor) && factor >= 1)) return given
  throw invalid('replication', 'replication is a whole number of replicas, or an object of them by data center')
}

function invalid(path: string, message: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path, driver: 'cassandra' })
}
