import { KairosError } from '../errors.ts'

/**
 * The error of an option of a configuration or a call, with a message in full. The toolkit's of the same name, for drivers, puts the message together.
 */
export function invalidOption(path: string, message: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path })
}
