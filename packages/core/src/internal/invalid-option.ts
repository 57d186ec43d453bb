import { KairosError } from '../errors.ts'
import { describe } from './describe.ts'

/**
 * The error of an option of a configuration or a call, with a message in full. The toolkit's of the same name, for drivers, puts the message together.
 */
export function invalidOption(path: string, message: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path })
}

/**
 * Refuses an option that is not as expected.
 * @throws KAIROS_INVALID_CONFIG: `<path> must be <expected>, not <value>`, and the rest of the sentence; `subject`: what it begins with instead
 */
export function must(
  fits: boolean,
  path: string,
  expected: string,
  value: unknown,
  remedy = '',
  subject: string = path,
): asserts fits {
  if (!fits) throw invalidOption(path, `${subject} must be ${expected}, not ${describe(value)}${remedy}`)
}
