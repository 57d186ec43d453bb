import { textOf } from './describe.ts'
import { isObject } from './kinds.ts'

/**
 * What was thrown as a text, whatever it is: an error's message, of any realm; of several that failed together, each one's; a text itself, or
 * what else it is. Without the user and password of a URL.
 */
export function messageOf(error: unknown): string {
  return withoutSecrets(spell(error, []))
}

function spell(error: unknown, within: readonly unknown[]): string {
  if (!isObject(error) || !('message' in error)) return textOf(error)
  const message = textOf(error.message)
  // A name that stands for several addresses fails with one error for each. Texts, as an HTTP server's, are in the message already.
  const errors = 'errors' in error && Array.isArray(error.errors) && !within.includes(error) ? error.errors : []
  const parts = errors.filter(isObject).map((each) => spell(each, [...within, error]))
  if (parts.length > 0) return message === '' ? parts.join('; ') : `${message} (${parts.join('; ')})`
  if (message !== '') return message
  return 'code' in error ? textOf(error.code) : 'name' in error ? textOf(error.name) : message
}

/** What stands before the `@` of a URL, also of one that is mistyped: all that has no space in it. */
const USER_INFO = /[^\s"'`<>]*:[^\s"'`<>]*@/g
/** Parameters that drivers take passwords and keys by. */
const PARAMETER = /([?&;][^\s=&;"'`]*(?:pass|pwd|secret|token|key|auth)[^\s=&;"'`]*=)[^\s&;"'`]*/gi

/** A text in which the URLs keep neither users nor passwords. */
export function withoutSecrets(text: string): string {
  return text
    .replace(USER_INFO, (found) => `${/^(?:[\w-]+=)?[a-z][a-z0-9+.-]*:\/\//i.exec(found)?.[0] ?? ''}***@`)
    .replace(PARAMETER, '$1***')
}
/** A store's URL as a message may show it, be it mistyped: no user, no password, no options. */
export function describeUrl(url: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/|)(.*)$/is.exec(url) ?? []
  const place = rest.slice(rest.lastIndexOf('@') + 1).replace(/\?.*$/s, '?***')
  return JSON.stringify(`${scheme}${rest.includes('@') ? '***@' : ''}${place}`)
}
