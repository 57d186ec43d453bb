import { KairosError } from '@kairos/core'
import { describe, isRecord } from '@kairos/core/driver'

/**
 * Options of a call or a constructor, with no key that is not known: a typo is never silent.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkOptions(options: unknown, known: readonly string[], what: string): void {
  if (!isRecord(options)) {
    throw new KairosError('KAIROS_INVALID_CONFIG', `${what} takes an object of options, not ${describe(options)}`)
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new KairosError('KAIROS_INVALID_CONFIG', `${what} has no option "${key}"; known: ${known.join(', ')}`, {
        path: key,
        known,
      })
    }
  }
}

/**
 * A whole number from `least` on.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkCount(value: unknown, path: string, least = 0): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    `${path} is ${describe(value)}; want a whole number from ${least} on`,
    {
      path,
      value,
    },
  )
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkFlag(value: unknown, path: string): void {
  if (typeof value === 'boolean') return
  throw new KairosError('KAIROS_INVALID_CONFIG', `${path} is ${describe(value)}; want true or false`, { path, value })
}
