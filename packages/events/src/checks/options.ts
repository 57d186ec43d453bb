import { checkKeys, isRecord } from '@kairos/core/driver'
import { invalidOption } from './errors.ts'

/**
 * Checks that options are an object with known keys only, so that typos are reported. `owner` is what takes them.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkOptions(options: unknown, known: readonly string[], owner: string): void {
  checkKeys(options, known, { owner })
  const { signal } = options as { readonly signal?: unknown }
  if (signal !== undefined && !isSignal(signal)) {
    throw invalidOption({ path: 'signal', expected: 'an AbortSignal', value: signal })
  }
}

function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
}

/** The longest wait that a timer takes, in milliseconds; it would end a longer one at once. */
export const LONGEST_TIMER: number = 2 ** 31 - 1

/**
 * Checks for a whole number from `least` to `most`, and returns it.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkCount(value: unknown, path: string, least = 0, most: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  throw invalidOption({ path, expected: `a whole number ${range}`, value })
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkFlag(value: unknown, path: string): void {
  if (typeof value !== 'boolean') throw invalidOption({ path, expected: 'true or false', value })
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkText(value: unknown, path: string): void {
  if (typeof value !== 'string') throw invalidOption({ path, expected: 'a string', value })
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkFunction(value: unknown, path: string): void {
  if (typeof value !== 'function') throw invalidOption({ path, expected: 'a function', value })
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkRecord(value: unknown, path: string): void {
  if (!isRecord(value)) throw invalidOption({ path, expected: 'an object', value })
}
