import { invalidOption, must } from '../internal/invalid-option.ts'
import { isRecord } from '../internal/kinds.ts'
import { checkOption, FLAG } from '../internal/rules.ts'

export type Fields = Readonly<Record<string, unknown>>

/**
 * The options of a call, each of which must be known to core or to the driver.
 * @throws KAIROS_INVALID_CONFIG
 */
export function optionsOf(options: unknown, known: readonly string[], driverKnown: readonly string[]): Fields {
  if (options === undefined) return {}
  must(isRecord(options), 'options', 'an object', options)
  for (const key of Object.keys(options)) {
    if (!known.includes(key) && !driverKnown.includes(key)) {
      throw invalidOption(key, `${key} is not an option of this call; known: ${[...known, ...driverKnown].join(', ')}`)
    }
  }
  return options
}

/**
 * An option that is true or false, and false where it is left out.
 * @throws KAIROS_INVALID_CONFIG
 */
export function flagOf(path: string, flag: unknown): boolean {
  checkOption(path, flag, FLAG)
  return flag === true
}
