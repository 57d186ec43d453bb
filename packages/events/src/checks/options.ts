import { KairosError } from '@kairos/core'
import { describe, isRecord } from '@kairos/core/driver'

/**
 * Options of a call or a constructor, with no key that is not known: a typo is never silent.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkOptions(options: unknown, known: readonly string[], what: string): void {
  if (!isRecord(options)) {
    throw new KairosError('KAIROS_INVALID_CONFIG', `${what} takes an object of options, not ${describe(options)}`, {
      path: what,
    })
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new KairosError('KAIROS_INVALID_CONFIG', `${what} has no option "${key}"; known: ${known.join(', ')}`, {
        path: key,
        known,
      })
    }
  }
  const { signal } = options
  if (signal !== undefined && !isSignal(signal)) throw invalidOption('signal', signal, 'an AbortSignal')
}

function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
}

/** What a timer takes: a longer wait it would end at once. */
export const LONGEST_TIMER: number = 2 ** 31 - 1

/**
 * A whole number from `least` to `most`.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkCount(value: unknown, path: string, least = 0, most: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
  const end = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`
  throw invalidOption(path, value, `a whole number from ${least} ${end}`)
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkFlag(value: unknown, path: string): void {
  if (typeof value !== 'boolean') throw invalidOption(path, value, 'true or false')
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkText(value: unknown, path: string): void {
  if (typeof value !== 'string') throw invalidOption(path, value, 'a string')
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkFunction(value: unknown, path: string): void {
  if (typeof value !== 'function') throw invalidOption(path, value, 'a function')
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkRecord(value: unknown, path: string): void {
  if (!isRecord(value)) throw invalidOption(path, value, 'an object')
}

/** An option that makes no sense. */
export function invalidOption(path: string, value: unknown, want: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', `${path} is ${describe(value)}; want ${want}`, { path, value })
}
