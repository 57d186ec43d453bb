import { checkKeys, checkMilliseconds, invalidOption, isRecord, LEASE_TIME } from '@kairos/core/driver'

/** How many replicas must answer a request. The names and their meanings are Cassandra's. */
export type CassandraConsistency =
  | 'one'
  | 'two'
  | 'three'
  | 'quorum'
  | 'all'
  | 'localQuorum'
  | 'eachQuorum'
  | 'localOne'

/** Options of `cassandraDriver`. */
export interface CassandraDriverOptions {
  /** Default: the URL's, else `kairos`. It must exist, unless `replication` is given. */
  readonly keyspace?: string | undefined
  /** Default: the type's name. A letter, then letters, digits or `_`; at most 40. Drivers with different table names share no data. Names
   * like `kairos_names` and `named_count_float`, which Kairos gives to shared tables, are refused. */
  readonly tableName?: string | undefined
  /** The data center whose nodes the driver talks to. Default: that of the node that answers first. Only with a URL. */
  readonly localDataCenter?: string | undefined
  /**
   * Default `localQuorum`. If reads and writes need not share a replica (`one` for both), folding is off, and reads of counts and histograms get
   * slower with every write.
   */
  readonly consistency?:
    | CassandraConsistency
    | { readonly read: CassandraConsistency; readonly write: CassandraConsistency }
    | undefined
  /**
   * Creates the keyspace if it is missing, with this many replicas in every data center, or per data center: `{ dc1: 3 }`. An existing keyspace
   * is not altered.
   */
  readonly replication?: number | Readonly<Record<string, number>> | undefined
  /** Compaction of tables that the driver creates, as CQL options. Default: by time window if all intervals expire at a similar age. */
  readonly compaction?: Readonly<Record<string, string>> | undefined
  /** Time limit for connecting and for every request, in milliseconds. Default 10,000. */
  readonly timeout?: number | undefined
  /**
   * How long a process trusts the recorded configuration before it reads it again, in milliseconds. Default 5,000. Must be the same in every
   * process: changing a configuration waits for all leases to end.
   */
  readonly lease?: number | undefined
  /** Passed to the client that a URL creates: `authProvider`, `sslOptions`, `pooling`. */
  readonly clientConfig?: object | undefined
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

/** Consistency levels, by their numbers in the protocol. */
export interface Consistency {
  readonly read: number
  readonly write: number
  /** Every read sees every write that was acknowledged before. If not, a fold could lose what it did not see. */
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
const DEFAULT_TIMEOUT = 10_000

/**
 * Checks the options; those of the URL (`?replication=3`) are the defaults.
 * @throws KAIROS_INVALID_CONFIG
 */
export function settingsOf(given: CassandraDriverOptions, ofUrl: CassandraDriverOptions = {}): CassandraSettings {
  checkKeys(given, KNOWN, { driver: 'cassandra' })
  // An option that is undefined is not given: the URL's counts.
  const options: CassandraDriverOptions = { ...ofUrl, ...defined(given) }
  checkText(options.localDataCenter, 'localDataCenter')
  checkObject(options.compaction, 'compaction')
  checkObject(options.clientConfig, 'clientConfig')
  const { timeout = DEFAULT_TIMEOUT, lease = LEASE_TIME } = options
  checkMilliseconds('cassandra', 'timeout', timeout)
  checkMilliseconds('cassandra', 'lease', lease)
  return {
    keyspace: identifier(options.keyspace ?? 'kairos', 'keyspace', 48),
    // Cassandra takes 48 characters; a table that replaces another one has a number before its name.
    tableName: options.tableName === undefined ? undefined : tableNameOf(options.tableName),
    localDataCenter: options.localDataCenter,
    consistency: consistencyOf(options.consistency ?? 'localQuorum'),
    replication: replicationOf(options.replication),
    compaction: options.compaction,
    timeout,
    lease,
  }
}

function defined(options: CassandraDriverOptions): CassandraDriverOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function checkText(given: unknown, path: string): void {
  if (given !== undefined && (typeof given !== 'string' || given === ''))
    throw invalid(path, 'a string that is not empty', given)
}

function checkObject(given: unknown, path: string): void {
  if (given !== undefined && !isRecord(given)) throw invalid(path, 'an object', given)
}

function identifier(name: string, path: string, longest: number): string {
  if (typeof name === 'string' && /^[A-Za-z]\w*$/.test(name) && name.length <= longest) return name
  throw invalid(path, `a letter followed by letters, digits or "_", at most ${longest} characters`, name)
}

/** Tables of Kairos itself: those that all drivers of a keyspace share, and those that timeseries with names share. */
const SHARED = /^kairos_|(?:^|_)named_[a-z]+_[a-z\d]+$/

function tableNameOf(given: string): string {
  const tableName = identifier(given, 'tableName', 40)
  if (!SHARED.test(tableName)) return tableName
  throw invalid('tableName', 'a name that Kairos does not give to tables of its own', tableName)
}

function consistencyOf(given: NonNullable<CassandraDriverOptions['consistency']>): Consistency {
  if (typeof given !== 'string' && !isRecord(given)) throw invalid('consistency', 'a level or { read, write }', given)
  const paths = typeof given === 'string' ? ['consistency', 'consistency'] : ['consistency.read', 'consistency.write']
  const { read, write } = typeof given === 'string' ? { read: given, write: given } : given
  for (const [index, level] of [read, write].entries())
    if (!Object.hasOwn(LEVELS, level)) throw invalid(paths[index]!, `one of ${Object.keys(LEVELS).join(', ')}`, level)
  if (read === 'eachQuorum')
    throw invalid(paths[0]!, 'a level that Cassandra reads at', read, 'use quorum to read, eachQuorum only to write')
  const majorities = MAJORITIES.includes(read) && MAJORITIES.includes(write)
  return { read: LEVELS[read], write: LEVELS[write], strong: majorities || read === 'all' || write === 'all' }
}

function replicationOf(given: CassandraDriverOptions['replication']): CassandraDriverOptions['replication'] {
  if (given === undefined) return undefined
  const factors = isRecord(given) ? Object.values(given) : [given]
  if (factors.length > 0 && factors.every((factor) => Number.isInteger(factor) && factor >= 1)) return given
  throw invalid('replication', 'an integer of at least 1, or an object of such integers by data center', given)
}

function invalid(path: string, expected: string, value: unknown, remedy?: string): Error {
  return invalidOption({ driver: 'cassandra', path, expected, value, ...(remedy !== undefined && { remedy }) })
}
