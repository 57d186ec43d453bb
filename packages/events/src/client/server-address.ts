import { withoutSecrets } from '@kairos/core/driver'
import { invalidOption } from '../checks/errors.ts'
import { isToken } from '../checks/token.ts'

/** Where a server is, and the headers of every request to it. */
export interface ServerAddress {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A server's URL without its user and password, which fetch does not accept and would show in its messages. They become a header, as a token does.
 * No error shows any of them.
 * @throws KAIROS_INVALID_CONFIG
 */
export function serverAddress(
  url: unknown,
  headers: Readonly<Record<string, string>>,
  token: string | undefined,
): ServerAddress {
  if (typeof url !== 'string' || !/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    const value = typeof url === 'string' ? withoutSecrets(url) : url
    throw invalidOption({ path: 'url', expected: 'the URL of a server, such as http://host:port', value })
  }
  const parsed = new URL(url)
  const { username, password } = parsed
  const hasUser = username !== '' || password !== ''
  parsed.username = ''
  parsed.password = ''
  parsed.hash = ''
  if (parsed.search !== '') {
    const remedy = 'a token goes into the option token'
    throw invalidOption({ path: 'url', expected: "a server's URL without parameters", remedy })
  }
  checkHeaders(headers)
  const given = [
    hasUser ? 'the user in the URL' : '',
    token === undefined ? '' : 'token',
    new Headers(headers).has('authorization') ? 'headers.authorization' : '',
  ].filter((each) => each !== '')
  if (given.length > 1) {
    throw invalidOption({ path: 'token', expected: 'the only authorization', found: `one of ${given.join(' and ')}` })
  }
  return { url: parsed.href, headers: { ...headers, ...authorizationOf({ username, password, hasUser }, token) } }
}

function authorizationOf(
  { username, password, hasUser }: { readonly username: string; readonly password: string; readonly hasUser: boolean },
  token: string | undefined,
): Readonly<Record<string, string>> {
  if (token !== undefined) {
    if (isToken(token)) return { authorization: `Bearer ${token}` }
    throw invalidOption({ path: 'token', expected: 'a string of visible ASCII characters without spaces' })
  }
  if (!hasUser) return {}
  const bytes = new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`)
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    const expected = 'percent-encoded in its user and password'
    throw invalidOption({ path: 'url', expected, remedy: 'spell a "%" there as "%25"' })
  }
}

/** fetch would show the value that it refuses. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      new Headers([[name, value]])
    } catch {
      throw invalidOption({ path: `headers.${name}`, expected: 'a valid HTTP header' })
    }
  }
}
