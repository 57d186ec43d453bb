import { KairosError } from '@kairos/core'
import { checkDriverOptions } from '@kairos/core/driver'
import type { RedisDriverOptions } from './public-types.ts'
import { keyPrefix } from './schema/keys.ts'

/** Checked options. */
export interface Settings {
  /** As it stands in keys. */
  readonly prefix: string
  readonly shards: number | undefined
  readonly timeout: number
  readonly clientConfig: object | undefined
}

const MOST_SHARDS = 16_384
const LONGEST_TIMEOUT = 2 ** 31 - 1

/** @throws KAIROS_INVALID_CONFIG */
export function settingsOf(options: RedisDriverOptions, fromUrl: boolean): Settings {
  checkDriverOptions(options, ['prefix', 'shards', 'timeout', 'clientConfig'], 'redis')
  const { prefix = 'kairos:', shards, timeout = 10_000, clientConfig } = options
  if (typeof prefix !== 'string' || !prefix.isWellFormed())
    throw invalid('prefix', 'want a string of well-formed Unicode')
  if (shards !== undefined) checkWhole('shards', shards, MOST_SHARDS)
  checkWhole('timeout', timeout, LONGEST_TIMEOUT)
  if (clientConfig !== undefined && !fromUrl)
    throw invalid('clientConfig', 'it is for the client that a URL makes; yours is made already')
  return { prefix: keyPrefix(prefix), shards, timeout, clientConfig }
}

function checkWhole(option: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw invalid(option, `want a whole number from 1 to ${most}, not ${String(value)}`)
}

function invalid(option: string, reason: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', `option "${option}" of redisDriver: ${reason}`, {
    path: option,
    driver: 'redis',
  })
}
