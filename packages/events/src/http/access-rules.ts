import { KairosError } from '@kairos/core'
import { invalidOption } from '../checks/options.ts'
import { type AllowedOrigins, isAllowed } from './cors.ts'
import { RequestError } from './request-error.ts'

/** Names by which the server may be reached, beside those that are always allowed; `true` is for all. */
export type AllowedHosts = true | readonly string[]

/** Who may make a request. */
export interface AccessRules {
  readonly cors: AllowedOrigins
  readonly hosts: AllowedHosts
  readonly tokens: readonly string[]
}

/**
 * A browser sends the name that it has looked up. One that the server does not go by was led here by a page's own DNS entry, for which this
 * server is the page's own, with no check of its origin.
 * @throws 421
 */
export function checkHost(request: Request, { hosts }: AccessRules): void {
  if (hosts === true) return
  const host = hostOf(request)
  if (isKnownHost(host, hosts)) return
  throw new RequestError(
    421,
    `the server does not go by the name ${JSON.stringify(host.slice(0, 100))}; allow it with hosts`,
  )
}

/**
 * A page may call only from an origin that is listed, or from the server's own. Without this a page of any origin could put and delete: what a
 * form can send is sent without asking, and only the answer is kept from the page.
 * @throws 403
 */
export function checkOrigin(request: Request, rules: AccessRules): void {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  if (origin === null) {
    if (request.method === 'GET' || site === null || site === 'same-origin' || site === 'none') return
    throw new RequestError(403, `requests of a page that does not say its origin are refused`)
  }
  if (isAllowed(origin, rules.cors) || isOwn(origin, request, rules)) return
  throw new RequestError(403, `the origin ${JSON.stringify(origin.slice(0, 100))} is not allowed; list it in cors`)
}

/**
 * Of a browser's requests only those with JSON's content type are taken, which no form can send. Other programs may say what they like, as the
 * original lets them.
 * @throws 415
 */
export function checkContentType({ headers }: Request): void {
  if (headers.get('origin') === null && headers.get('sec-fetch-site') === null) return
  const [type = ''] = (headers.get('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() === 'application/json') return
  throw new RequestError(415, "the content type of a browser's request must be application/json")
}

/** @throws 401 */
export function checkToken({ headers }: Request, { tokens }: AccessRules): void {
  if (tokens.length === 0) return
  const given = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  if (given !== undefined && tokens.filter((token) => isSame(given, token)).length > 0) return
  throw new RequestError(401, 'the server asks for a token: Authorization: Bearer …', { 'www-authenticate': 'Bearer' })
}

/** @throws KAIROS_INVALID_CONFIG */
export function checkHosts(hosts: unknown): void {
  if (hosts === true) return
  if (!Array.isArray(hosts)) throw invalidOption('hosts', hosts, 'a list of host names, or true')
  for (const [index, host] of hosts.entries()) {
    if (typeof host !== 'string' || host === '') throw invalidOption(`hosts[${index}]`, host, 'the name of a host')
  }
}

/**
 * One token or several, as a list. They are not shown in errors.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkTokens(token: unknown): readonly string[] {
  if (token === undefined) return []
  const tokens: readonly unknown[] = Array.isArray(token) ? token : [token]
  if (tokens.length > 0 && tokens.every(isToken)) return tokens
  throw new KairosError(
    'KAIROS_INVALID_CONFIG',
    'token must be a text of visible ASCII characters without spaces, or a list of such texts',
    { path: 'token' },
  )
}

export function isToken(token: unknown): token is string {
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)
}

/** In a time that does not tell how much of it is right. */
function isSame(given: string, token: string): boolean {
  let difference = given.length ^ token.length
  for (let at = 0; at < given.length; at++) difference |= given.charCodeAt(at) ^ token.charCodeAt(at % token.length)
  return difference === 0
}

/** Names that no page can have led here: addresses, and names that are not in the public DNS. */
function isKnownHost(host: string, hosts: readonly string[]): boolean {
  const name = nameOf(host)
  if (name === null) return false
  if (name.startsWith('[') || /^\d+(\.\d+){3}$/.test(name) || !name.includes('.') || name.endsWith('.localhost'))
    return true
  return hosts.some((each) => each.toLowerCase() === name || each.toLowerCase() === host.toLowerCase())
}

function isOwn(origin: string, request: Request, { hosts }: AccessRules): boolean {
  const host = hostOf(request)
  const own = URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
  return own && isKnownHost(host, hosts === true ? [] : hosts)
}

function hostOf(request: Request): string {
  return request.headers.get('host') ?? new URL(request.url).host
}

/** null: it is not a host. */
function nameOf(host: string): string | null {
  if (/[\s@/?#\\]/.test(host) || !URL.canParse(`http://${host}`)) return null
  return new URL(`http://${host}`).hostname.replace(/\.$/, '')
}
