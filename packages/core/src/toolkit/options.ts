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
export function checkKeys(options: unknown, known: readonly string[], { driver, owner, path }: KeysOwner): void {
  const whose = driver === undefined ? owner : `the ${driver} driver`
  const details = driver === undefined ? {} : { driver }
  if (!isRecord(options)) {
    const message = `${path ?? `the options of ${whose}`} must be an object, not ${describe(options)}`
    throw new KairosError('KAIROS_INVALID_CONFIG', message, { ...details, path: path ?? 'options' })
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown === undefined) return
  const at = path === undefined ? unknown : `${path}.${unknown}`
  const message = `${at} is not an option${whose === undefined ? '' : ` of ${whose}`}; known: ${known.join(', ')}`
  throw new KairosError('KAIROS_INVALID_CONFIG', message, { ...details, path: at, known })
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
