import { KairosError } from '@kairos/core'
import { checkDriverOptions, describe, isRecord, LEASE_TIME } from '@kairos/core/driver'

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
  /** Longest time for connecting, and for any request, in milliseconds; default 10,000. */
  readonly timeout?: number
  /**
   * How long a process goes by the records of its configuration before it looks at them again, in milliseconds; default 5,000. The same in every
   * process: who changes a configuration waits as long before it is replaced.
   */
  readonly lease?: number
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
  readonly timeout: number
  readonly lease: number
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

const KNOWN = [
  ...['keyspace', 'tableName', 'localDataCenter', 'consistency', 'replication', 'compaction', 'timeout', 'lease'],
  'clientConfig',
]
const TIMEOUT = 10_000
/** What a timer takes. */
const LONGEST = 0x7fff_ffff

/**
 * Checks options, of which those of a URL (`?replication=3`) are the defaults.
 * @throws KAIROS_INVALID_CONFIG
 */
export function settingsOf(given: CassandraDriverOptions, ofUrl: CassandraDriverOptions = {}): CassandraSettings {
  checkDriverOptions(given, KNOWN, 'cassandra')
  const options = { ...ofUrl, ...given }
  checkText(options.localDataCenter, 'localDataCenter')
  checkObject(options.compaction, 'compaction')
  checkObject(options.clientConfig, 'clientConfig')
  return {
    keyspace: identifier(options.keyspace ?? 'kairos', 'keyspace', 48),
    // Names of tables end at 48 characters, and a table that is made anew gets a number behind its name.
    tableName: options.tableName === undefined ? undefined : identifier(options.tableName, 'tableName', 40),
    localDataCenter: options.localDataCenter,
    consistency: consistencyOf(options.consistency ?? 'localQuorum'),
    replication: replicationOf(options.replication),
    compaction: options.compaction,
    timeout: milliseconds(options.timeout ?? TIMEOUT, 'timeout'),
    lease: milliseconds(options.lease ?? LEASE_TIME, 'lease'),
  }
}

function milliseconds(given: number, path: string): number {
  if (typeof given === 'number' && given > 0 && given <= LONGEST) return given
  throw invalid(path, `${path} must be a number of milliseconds above 0, not ${describe(given)}`)
}

function checkText(given: unknown, path: string): void {
  if (given !== undefined && typeof given !== 'string')
    throw invalid(path, `${path} must be a string, not ${describe(given)}`)
}

function checkObject(given: unknown, path: string): void {
  if (given !== undefined && !isRecord(given)) throw invalid(path, `${path} must be an object, not ${describe(given)}`)
}

function identifier(name: string, path: string, longest: number): string {
  if (typeof name === 'string' && /^[A-Za-z]\w*$/.test(name) && name.length <= longest) return name
  throw invalid(
    path,
    `${path} must be a letter and then letters, digits or _, at most ${longest} together, not ${describe(name)}`,
  )
}

function consistencyOf(given: NonNullable<CassandraDriverOptions['consistency']>): Consistency {
  if (typeof given !== 'string' && !isRecord(given))
    throw invalid('consistency', `consistency must be a level, or { read, write }, not ${describe(given)}`)
  const { read, write } = typeof given === 'string' ? { read: given, write: given } : given
  for (const level of [read, write]) {
    if (!Object.hasOwn(LEVELS, level))
      throw invalid(
        'consistency',
        `consistency must be one of ${Object.keys(LEVELS).join(', ')}, not ${describe(level)}`,
      )
  }
  if (read === 'eachQuorum') throw invalid('consistency', 'Cassandra does not read at eachQuorum; use quorum')
  const majorities = MAJORITIES.includes(read) && MAJORITIES.includes(write)
  return { read: LEVELS[read], write: LEVELS[write], strong: majorities || read === 'all' || write === 'all' }
}

function replicationOf(given: CassandraDriverOptions['replication']): CassandraDriverOptions['replication'] {
  if (given === undefined) return undefined
  const factors = isRecord(given) ? Object.values(given) : [given]
  if (factors.length > 0 && factors.every((factor) => Number.isInteger(factor) && factor >= 1)) return given
  throw invalid(
    'replication',
    `replication must be a whole number of replicas from 1 on, or an object of them by data center, not ${describe(given)}`,
  )
}

function invalid(path: string, message: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path, driver: 'cassandra' })
}
