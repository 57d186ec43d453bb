import { invalidOption } from '../checks/errors.ts'
import { isToken } from '../checks/token.ts'
import { type AllowedOrigins, isAllowed } from './cors.ts'
import { RequestError } from './request-error.ts'

/** A name of DNS has at most 253 characters; of a longer one, every other alphabet would be looked up first. */
const LONGEST_HOST = 300

/** Further names by which clients may reach the server, beside those that are always allowed; `true` allows every name. */
export type AllowedHosts = true | readonly string[]

/** Who may make a request. */
export interface AccessRules {
  readonly cors: AllowedOrigins
  readonly hosts: AllowedHosts
  readonly tokens: readonly string[]
}

/**
 * Checks the name by which the server was reached. A foreign name means that a page has pointed its own DNS entry at this server (DNS rebinding):
 * the browser then takes the server for the page's own, and does not check its origin.
 * @example checkHost(request, { cors: [], hosts: ['events.example.com'], tokens: [] })
 * @throws 421
 */
export function checkHost(request: Request, { hosts }: AccessRules): void {
  if (hosts === true) return
  const host = hostOf(request)
  if (isKnownHost(host, hosts)) return
  throw new RequestError(421, `the host ${JSON.stringify(host.slice(0, 100))} is not allowed; list it in hosts`)
}

/**
 * Checks that a page calls from a listed origin or from the server's own. Otherwise any page could put and delete events: a browser sends what a
 * form can send without asking first, and only keeps the response from the page.
 * @example checkOrigin(request, { cors: ['https://dashboard.example'], hosts: [], tokens: [] })
 * @throws 403
 */
export function checkOrigin(request: Request, rules: AccessRules): void {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  if (origin === null) {
    if (site === null || site === 'same-origin' || site === 'none' || isPublic(request, rules)) return
    throw new RequestError(403, 'requests from a page without an origin are not allowed')
  }
  if (isAllowed(origin, rules.cors) || isOwn(origin, request, rules)) return
  throw new RequestError(403, `the origin ${JSON.stringify(origin.slice(0, 100))} is not allowed; list it in cors`)
}

/**
 * Checks that a browser's request has JSON's content type, which no form can send. Other programs may send any content type, as with the original.
 * @throws 415
 */
export function checkContentType({ headers }: Request): void {
  if (headers.get('origin') === null && headers.get('sec-fetch-site') === null) return
  const [type = ''] = (headers.get('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() === 'application/json') return
  throw new RequestError(415, "the content type of a browser's request must be application/json")
}

/**
 * Checks that a request has one of the tokens, if there are any.
 * @example checkToken(request, { cors: [], hosts: [], tokens: ['secret'] })
 * @throws 401
 */
export function checkToken({ headers }: Request, { tokens }: AccessRules): void {
  if (tokens.length === 0) return
  const given = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  if (given !== undefined && tokens.filter((token) => isSame(given, token)).length > 0) return
  throw new RequestError(401, 'the server requires a token: Authorization: Bearer …', { 'www-authenticate': 'Bearer' })
}

/**
 * Checks the option `hosts`.
 * @example checkHosts(['events.example.com'])
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkHosts(hosts: unknown): void {
  if (hosts === true) return
  if (!Array.isArray(hosts))
    throw invalidOption({ path: 'hosts', expected: 'a list of host names, or true', value: hosts })
  for (const [index, host] of hosts.entries()) {
    if (typeof host !== 'string' || host.includes('*') || nameOf(host) === null) {
      throw invalidOption({ path: `hosts[${index}]`, expected: 'the name of a host', value: host })
    }
  }
}

/**
 * One token or several, as a list. No error shows them.
 * @example const tokens = checkTokens(process.env.TOKEN)
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkTokens(token: unknown): readonly string[] {
  if (token === undefined) return []
  const tokens: readonly unknown[] = Array.isArray(token) ? token : [token]
  if (tokens.length > 0 && tokens.every(isToken)) return tokens
  throw invalidOption({
    path: 'token',
    expected: 'a string of visible ASCII characters without spaces, or a list of such strings',
  })
}

/** Compares in a time that does not depend on how much of the token is right. */
function isSame(given: string, token: string): boolean {
  let difference = given.length ^ token.length
  for (let at = 0; at < given.length; at++) difference |= given.charCodeAt(at) ^ token.charCodeAt(at % token.length)
  return difference === 0
}

/** Whether a name is listed, or cannot be rebound by a page: an address, or a name outside the public DNS. */
function isKnownHost(host: string, hosts: readonly string[]): boolean {
  const name = nameOf(host)
  if (name === null) return false
  if (name.startsWith('[') || /^\d+(\.\d+){3}$/.test(name) || !name.includes('.') || name.endsWith('.localhost'))
    return true
  return hosts.some((each) => nameOf(each) === name && ['', portOf(host)].includes(portOf(each)))
}

/** A link may be followed from anywhere. A picture or a script that a foreign page names would be asked for as often as that page wants. */
function isPublic({ method, headers }: Request, { cors }: AccessRules): boolean {
  return method === 'GET' && (cors === true || headers.get('sec-fetch-mode') === 'navigate')
}

function isOwn(origin: string, request: Request, { hosts }: AccessRules): boolean {
  const host = hostOf(request)
  const own = URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
  return own && isKnownHost(host, hosts === true ? [] : hosts)
}

function hostOf(request: Request): string {
  return request.headers.get('host') ?? new URL(request.url).host
}

function portOf(host: string): string {
  return new URL(`http://${host}`).port
}

/** The name in a Host header, or null if it is not valid. */
function nameOf(host: string): string | null {
  if (host.length > LONGEST_HOST || /[\s@/?#\\]/.test(host) || !URL.canParse(`http://${host}`)) return null
  return new URL(`http://${host}`).hostname.replace(/\.$/, '')
}
