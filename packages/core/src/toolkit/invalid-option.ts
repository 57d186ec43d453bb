import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'

/** What is wrong with an option. */
export interface InvalidOption {
  /** The driver's id. */
  readonly driver: string
  /** Where the option is: `timeout`, `replication.dc1`. */
  readonly path: string
  /** Completes "must be …". */
  readonly expected: string
  readonly value: unknown
  /** What to do, where that does not follow: a sentence without its end. */
  readonly remedy?: string
}

/** The error of an option that cannot be: KAIROS_INVALID_CONFIG, `<path> must be <expected>, not <value>; <remedy>`. */
export function invalidOption({ driver, path, expected, value, remedy }: InvalidOption): KairosError {
  const end = remedy === undefined ? '' : `; ${remedy}`
  return new KairosError('KAIROS_INVALID_CONFIG', `${path} must be ${expected}, not ${describe(value)}${end}`, {
    driver,
    path,
    value,
  })
}
