import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { withoutSecrets } from '../internal/message-of.ts'

/**
 * The path in the URL of a store that is a file or a folder. `jsonfiles:data` and `jsonfiles://data` are a path from the working folder,
 * `jsonfiles:/var/data` and `jsonfiles:///var/data` one from the root. `%20` is a space, and a `?` in a path is spelled `%3F`: options after it are
 * refused. Empty where the URL names nothing.
 * @throws KAIROS_INVALID_CONFIG for a `?`, or a `%` without two hexadecimal digits
 * @example pathOfUrl('duckdb:///var/my%20data.db') // '/var/my data.db'
 */
export function pathOfUrl(url: string): string {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:(\/\/)?/i, '')
  if (path.includes('?')) throw invalidPath(path, 'must not have options after "?"; spell a "?" in the path as "%3F"')
  try {
    return decodeURIComponent(path)
  } catch {
    throw invalidPath(path, 'must be percent-encoded UTF-8; spell a "%" in the path as "%25"')
  }
}

function invalidPath(path: string, rule: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', `the store's path ${withoutSecrets(describe(path))} ${rule}`, {
    path: 'store',
  })
}
