import { KairosError } from '@kairos/core'
import { describe, withoutSecrets } from '@kairos/core/driver'
import { isToken } from '../http/access-rules.ts'

/** Where a server is, and what every request to it has. */
export interface ServerAddress {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A server's URL, without the user and password in it: fetch takes none, and puts them into its messages. They become a header, as a token does.
 * Nothing of them is shown in errors.
 * @throws KAIROS_INVALID_CONFIG
 */
export function serverAddress(
  url: unknown,
  headers: Readonly<Record<string, string>>,
  token: string | undefined,
): ServerAddress {
  if (typeof url !== 'string' || !/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    const value = typeof url === 'string' ? withoutSecrets(url) : url
    throw invalid('url', `url must be the URL of a server, http://host:port, not ${describe(value)}`, value)
  }
  const parsed = new URL(url)
  const { username, password } = parsed
  const hasUser = username !== '' || password !== ''
  parsed.username = ''
  parsed.password = ''
  parsed.hash = ''
  checkHeaders(headers)
  const given = [
    hasUser ? 'the user in the URL' : '',
    token === undefined ? '' : 'token',
    new Headers(headers).has('authorization') ? 'headers.authorization' : '',
  ].filter((each) => each !== '')
  if (given.length > 1) throw invalid('token', `there must be one authorization, not ${given.join(' and ')}`)
  return { url: parsed.href, headers: { ...headers, ...authorizationOf({ username, password, hasUser }, token) } }
}

function authorizationOf(
  { username, password, hasUser }: { readonly username: string; readonly password: string; readonly hasUser: boolean },
  token: string | undefined,
): Readonly<Record<string, string>> {
  if (token !== undefined) {
    if (isToken(token)) return { authorization: `Bearer ${token}` }
    throw invalid('token', 'token must be a text of visible ASCII characters without spaces')
  }
  if (!hasUser) return {}
  const bytes = new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`)
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('url', 'the user or the password in the URL has a % that is not part of an escape: write it as %25')
  }
}

/** fetch would show the value that it refuses. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      new Headers([[name, value]])
    } catch {
      throw invalid(`headers.${name}`, `headers.${name} must be a header that HTTP can carry`)
    }
  }
}

function invalid(path: string, message: string, value?: unknown): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path, ...(value === undefined ? {} : { value }) })
}
