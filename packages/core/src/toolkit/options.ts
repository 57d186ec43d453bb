import { LONGEST_TIMER } from '../calls/patience.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isRecord } from '../internal/kinds.ts'
import { invalidOption } from './invalid-option.ts'

/** Whose keys are checked. Give one: the id of a driver, the name of what takes them as options, or where their object is in a larger one. */
export interface KeysOwner {
  /** `redis` */
  readonly driver?: string
  /** `importPoints` */
  readonly owner?: string
  /** `server.limits` */
  readonly path?: string
}

/**
 * Refuses anything but an object whose keys are all known, so that typos are reported.
 * @throws KAIROS_INVALID_CONFIG
 * @example `checkKeys(options, ['prefix', 'timeout'], { driver: 'redis' })`
 */
export function checkKeys(
  options: unknown,
  known: readonly string[],
  { driver, owner = driver && `the ${driver} driver`, path }: KeysOwner,
): asserts options is Readonly<Record<string, unknown>> {
  const details = driver === undefined ? {} : { driver }
  if (!isRecord(options)) {
    throw new KairosError(
      'KAIROS_INVALID_CONFIG',
      `${path ?? `the options of ${owner}`} must be an object, not ${describe(options)}`,
      { path: path ?? 'options', ...details },
    )
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    const own = path === undefined ? key : `${path}.${key}`
    const of = owner === undefined ? '' : ` of ${owner}`
    throw new KairosError('KAIROS_INVALID_CONFIG', `${own} is not an option${of}; known: ${known.join(', ')}`, {
      path: own,
      known,
      ...details,
    })
  }
}

/**
 * Refuses an option, such as `timeout`, that is not a whole number of milliseconds from 1 to `most`.
 * @throws KAIROS_INVALID_CONFIG
 * @example `checkMilliseconds('redis', 'timeout', options.timeout)`
 */
export function checkMilliseconds(driver: string, path: string, value: unknown, most: number = LONGEST_TIMER): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most) return
  throw invalidOption({ driver, path, expected: `a whole number of milliseconds from 1 to ${most}`, value })
}
