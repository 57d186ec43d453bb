import { KairosError } from '@kairos/core'
import { checkKeys, checkMilliseconds, invalidOption, isRecord, LEASE_TIME } from '@kairos/core/driver'
import { refuseKeyPrefix } from './connection/key-prefix.ts'
import { keyPrefix } from './schema/keys.ts'

/**
 * Options of `redisDriver`.
 * @example
 * const options: RedisDriverOptions = { prefix: 'metrics', timeout: 2_000 }
 */
export interface RedisDriverOptions {
  /** The start of every key; default `kairos:`. A colon is added if it does not end with one. */
  readonly prefix?: string | undefined
  /**
   * Over how many slots the names of one type are spread, 1 to 16,384; default 256, which suits up to a dozen masters. It is recorded when a
   * prefix is first used, and fixed from then on.
   */
  readonly shards?: number | undefined
  /** How long a request waits for a connection, and then for its answer, in milliseconds; default 10,000. */
  readonly timeout?: number | undefined
  /**
   * How long a process trusts the configuration that it read last, in milliseconds; default 5,000, at most an hour. It must be the same in every
   * process with this prefix: one that replaces a configuration waits that long, and a second more.
   */
  readonly lease?: number | undefined
  /** Options of the ioredis client that is made for a URL: of `Redis`, or of `Cluster` for `redis+cluster:`. */
  readonly clientConfig?: object | undefined
}

/** Checked options, with their defaults. */
export interface Settings {
  /** The prefix as keys spell it. */
  readonly prefix: string
  readonly shards: number | undefined
  readonly timeout: number
  readonly lease: number
  readonly clientConfig: object | undefined
}

export const MOST_SHARDS = 16_384
const LONGEST_LEASE = 3_600_000

/** @throws KAIROS_INVALID_CONFIG */
export function settingsOf(options: RedisDriverOptions, fromUrl: boolean): Settings {
  checkKeys(options, ['prefix', 'shards', 'timeout', 'lease', 'clientConfig'], { driver: 'redis' })
  const { prefix = 'kairos:', shards, timeout = 10_000, lease = LEASE_TIME, clientConfig } = options
  if (typeof prefix !== 'string' || !prefix.isWellFormed())
    throw invalid('prefix', 'a string of well-formed Unicode', prefix)
  if (shards !== undefined && !isShards(shards))
    throw invalid('shards', `a whole number from 1 to ${MOST_SHARDS}`, shards)
  checkMilliseconds('redis', 'timeout', timeout)
  checkMilliseconds('redis', 'lease', lease, LONGEST_LEASE)
  if (clientConfig !== undefined) {
    if (!fromUrl) throw clientConfigOfClient()
    if (!isRecord(clientConfig)) throw invalid('clientConfig', 'an object with options of ioredis', clientConfig)
    const { redisOptions } = clientConfig
    refuseKeyPrefix('clientConfig.keyPrefix', clientConfig.keyPrefix)
    if (isRecord(redisOptions)) refuseKeyPrefix('clientConfig.redisOptions.keyPrefix', redisOptions.keyPrefix)
  }
  return { prefix: keyPrefix(prefix), shards, timeout, lease, clientConfig }
}

export function isShards(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= MOST_SHARDS
}

function invalid(path: string, expected: string, value: unknown): KairosError {
  return invalidOption({ driver: 'redis', path, expected, value })
}

/** Does not carry the value, which may hold a password. */
function clientConfigOfClient(): KairosError {
  return new KairosError(
    'KAIROS_INVALID_CONFIG',
    'clientConfig must be left out when a client is given; set its options where you make the client',
    { path: 'clientConfig', driver: 'redis' },
  )
}
