import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isRecord } from '../internal/kinds.ts'

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
