import { KairosError } from '@kairos/core'
import { checkDriverOptions, describe, isRecord, LEASE_TIME } from '@kairos/core/driver'
import { keyPrefix } from './schema/keys.ts'

/** Options of `redisDriver`. */
export interface RedisDriverOptions {
  /** What stands before every key; default `kairos:`. A colon is put behind it when missing. */
  readonly prefix?: string
  /**
   * Over how many slots the names of one type are spread; default 256, which suits up to a dozen masters. Recorded when a prefix is first used,
   * and then fixed.
   */
  readonly shards?: number
  /** How long a connection, and then an answer, is waited for, in milliseconds; default 10,000. */
  readonly timeout?: number
  /**
   * How long a process goes by the configuration that it saw last, in milliseconds; default 5,000. The same in every process that opens the
   * place: who replaces a configuration waits so long, and a second more.
   */
  readonly lease?: number
  /** Options of the ioredis client that a URL makes: of `Redis`, or of `Cluster` for `redis+cluster:`. */
  readonly clientConfig?: object
}

/** Checked options. */
export interface Settings {
  /** As it stands in keys. */
  readonly prefix: string
  readonly shards: number | undefined
  readonly timeout: number
  readonly lease: number
  readonly clientConfig: object | undefined
}

const MOST_SHARDS = 16_384
const LONGEST_TIMEOUT = 2 ** 31 - 1
const LONGEST_LEASE = 3_600_000

/** @throws KAIROS_INVALID_CONFIG */
export function settingsOf(options: RedisDriverOptions, fromUrl: boolean): Settings {
  checkDriverOptions(options, ['prefix', 'shards', 'timeout', 'lease', 'clientConfig'], 'redis')
  const { prefix = 'kairos:', shards, timeout = 10_000, lease = LEASE_TIME, clientConfig } = options
  if (typeof prefix !== 'string' || !prefix.isWellFormed())
    throw invalid('prefix', 'a string of well-formed Unicode', prefix)
  if (shards !== undefined) checkWhole('shards', shards, MOST_SHARDS)
  checkWhole('timeout', timeout, LONGEST_TIMEOUT)
  checkWhole('lease', lease, LONGEST_LEASE)
  if (clientConfig !== undefined) {
    if (!fromUrl) throw invalid('clientConfig', 'left out where a client is given, which is made already', clientConfig)
    if (!isRecord(clientConfig)) throw invalid('clientConfig', 'an object of options of ioredis', clientConfig)
  }
  return { prefix: keyPrefix(prefix), shards, timeout, lease, clientConfig }
}

function checkWhole(option: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw invalid(option, `a whole number from 1 to ${most}`, value)
}

function invalid(option: string, expected: string, found: unknown): KairosError {
  return new KairosError(
    'KAIROS_INVALID_CONFIG',
    `option "${option}" of redisDriver must be ${expected}, not ${describe(found)}`,
    { path: option, driver: 'redis' },
  )
}
