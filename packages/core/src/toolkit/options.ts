import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isRecord } from '../internal/kinds.ts'
import { invalidOption } from './invalid-option.ts'

/**
 * Refuses options that a driver does not know, so that typos are reported.
 * @throws KAIROS_INVALID_CONFIG
 * @example `checkDriverOptions(options, ['prefix', 'timeout'], 'redis')`
 */
export function checkDriverOptions(options: object, known: readonly string[], driver: string): void {
  if (!isRecord(options)) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `the options of the ${driver} driver must be an object, not ${describe(options)}`,
      { path: 'options', driver },
    )
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new KairosError(
        'KAIROS_INVALID_CONFIG',
        `option "${key}" is not known to the ${driver} driver; known: ${known.join(', ')}`,
        {
          path: key,
          known,
          driver,
        },
      )
    }
  }
}

/** In milliseconds: no timer waits longer. */
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * Refuses an option, such as `timeout`, that is not a whole number of milliseconds from 1 to `most`.
 * @throws KAIROS_INVALID_CONFIG
 * @example `checkMilliseconds('redis', 'timeout', options.timeout)`
 */
export function checkMilliseconds(driver: string, path: string, value: unknown, most: number = LONGEST_TIMER): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most) return
  throw invalidOption({ driver, path, expected: `a whole number of milliseconds from 1 to ${most}`, value })
}
