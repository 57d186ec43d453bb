import { invalidOption } from '../internal/invalid-option.ts'
import type { Fields } from './call-options.ts'

/** The options that select a part of what a name holds. */
export const RANGE_OPTIONS: readonly string[] = ['interval', 'start', 'end']

/**
 * Refuses an option that is there and undefined where it selects what is deleted: without it, more would be.
 * @throws KAIROS_INVALID_CONFIG
 */
export function refuseUndefined(options: Fields, selecting: readonly string[]): void {
  for (const key of selecting) {
    if (Object.hasOwn(options, key) && options[key] === undefined)
      throw invalidOption(
        key,
        `${key} must have a value or be left out, not undefined: without it, more would be deleted`,
      )
  }
}
