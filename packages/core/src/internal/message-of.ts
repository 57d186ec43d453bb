import { isObject } from './kinds.ts'
import { textOf } from './text-of.ts'

/**
 * The message of anything that was thrown: an error of any realm, an AggregateError with each of its messages, a string, or any other value.
 * Users and passwords in URLs are removed.
 * @example `catch (error) { throw failedStore(messageOf(error), 'later', error) }`
 */
export function messageOf(error: unknown): string {
  return withoutSecrets(spell(error, []))
}

function spell(error: unknown, within: readonly unknown[]): string {
  if (!isObject(error) || !('message' in error)) return textOf(error)
  const message = textOf(error.message)
  // A host with several addresses fails with one error for each. Strings, such as an HTTP server's, are in the message already.
  const errors = 'errors' in error && Array.isArray(error.errors) && !within.includes(error) ? error.errors : []
  const parts = errors.filter(isObject).map((each) => spell(each, [...within, error]))
  if (parts.length > 0) return message === '' ? parts.join('; ') : `${message} (${parts.join('; ')})`
  if (message !== '') return message
  if ('code' in error) return textOf(error.code)
  const name = 'name' in error ? error.name : message
  // Classes of some clients leave their errors the name of the class above.
  return textOf(name === 'Error' ? (error.constructor?.name ?? name) : name)
}

/** Everything before the `@` of a URL, even a mistyped one, up to a space. */
const USER_INFO = /[^\s"'`<>]*:[^\s"'`<>]*@/g
/** URL parameters that carry passwords and keys. */
const PARAMETER = /([?&;][^\s=&;"'`]*(?:pass|pwd|secret|token|key|auth)[^\s=&;"'`]*=)[^\s&;"'`]*/gi

/**
 * The text without the users and passwords of its URLs.
 * @example `withoutSecrets('no answer from redis://app:secret@host') // 'no answer from redis://***@host'`
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(USER_INFO, (found) => `${/^(?:[\w-]+=)?[a-z][a-z0-9+.-]*:\/\//i.exec(found)?.[0] ?? ''}***@`)
    .replace(PARAMETER, '$1***')
}
