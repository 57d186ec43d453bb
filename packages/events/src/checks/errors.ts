import { KairosError, type KairosErrorCode, type KairosErrorDetails } from '@kairos/core'
import { describe } from '@kairos/core/driver'

/** What is wrong with an option or a value. */
export interface Mistake {
  /** Where it is: `background.interval`, `@time`. */
  readonly path: string
  /** Completes "must be …". */
  readonly expected: string
  /** What was given. Leave it out, and neither the message nor the error shows it: for secrets. */
  readonly value?: unknown
  /** The value as the message shows it, where `describe` would not do. */
  readonly found?: string
  /** What to do about it, where that does not follow: a sentence without its full stop. */
  readonly remedy?: string
  readonly details?: KairosErrorDetails
}

/** The one grammar of this package's errors: `<path> must be <expected>, not <found>; <remedy>`. */
export function explain({ path, expected, found, remedy, ...rest }: Mistake): string {
  const shown = found ?? ('value' in rest ? describe(rest.value) : undefined)
  const instead = shown === undefined ? '' : `, not ${shown}`
  return `${path} must be ${expected}${instead}${remedy === undefined ? '' : `; ${remedy}`}`
}

/** KAIROS_INVALID_CONFIG: of an option, of a constructor or a call. */
export function invalidOption(mistake: Mistake): KairosError {
  return invalid('KAIROS_INVALID_CONFIG', mistake)
}

/** KAIROS_INVALID_VALUE: of an event, a time, an id, a stream's name, a field of a request. */
export function invalidValue(mistake: Mistake): KairosError {
  return invalid('KAIROS_INVALID_VALUE', mistake)
}

function invalid(code: KairosErrorCode, mistake: Mistake): KairosError {
  const { path, details } = mistake
  return new KairosError(code, explain(mistake), {
    path,
    ...('value' in mistake ? { value: mistake.value } : {}),
    ...details,
  })
}
