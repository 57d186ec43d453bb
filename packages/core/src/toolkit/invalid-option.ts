import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'

/** What is wrong with an option. */
export interface InvalidOption {
  /** The driver's id; left out by packages that are not drivers. */
  readonly driver?: string
  /** Where the option is: `timeout`, `replication.dc1`. */
  readonly path: string
  /** Completes "must be …". */
  readonly expected: string
  readonly value: unknown
  /** What to do, where it does not follow from the rest: a clause without a full stop. */
  readonly remedy?: string
}

/**
 * KAIROS_INVALID_CONFIG for an invalid option: `<path> must be <expected>, not <value>; <remedy>`.
 * @example `throw invalidOption({ driver: 'redis', path: 'prefix', expected: 'a string', value: options.prefix })`
 */
export function invalidOption({ driver, path, expected, value, remedy }: InvalidOption): KairosError {
  const end = remedy === undefined ? '' : `; ${remedy}`
  return new KairosError('KAIROS_INVALID_CONFIG', `${path} must be ${expected}, not ${describe(value)}${end}`, {
    ...(driver !== undefined && { driver }),
    path,
    value,
  })
}
