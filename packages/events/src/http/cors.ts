import { invalidOption } from '../checks/errors.ts'

/** Which origins may call from a browser: a string is the whole origin, a pattern must match the whole origin; `true` allows every origin. */
export type AllowedOrigins = true | readonly (string | RegExp)[]

/**
 * Checks the option `cors`.
 * @example checkOrigins(['https://dashboard.example'])
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkOrigins(cors: unknown): void {
  if (cors === true) return
  if (!Array.isArray(cors)) throw invalidOption({ path: 'cors', expected: 'a list of origins, or true', value: cors })
  for (const [index, origin] of cors.entries()) {
    if (typeof origin !== 'string' && !(origin instanceof RegExp)) {
      throw invalidOption({ path: `cors[${index}]`, expected: 'a string or a RegExp', value: origin })
    }
    if (typeof origin === 'string' && isNoOrigin(origin)) {
      throw invalidOption({
        path: `cors[${index}]`,
        expected: 'an origin as browsers send it, such as https://dashboard.example',
        value: origin,
        remedy: 'a RegExp allows several, and cors: true every origin',
      })
    }
  }
}

/**
 * Whether no page has this origin, so that it would silently allow nothing. Or every page has it: all send `null` from a frame that they have
 * sandboxed.
 */
function isNoOrigin(origin: string): boolean {
  if (origin.includes('*') || !/^[a-z][a-z0-9+.-]*:/i.test(origin)) return true
  return /^https?:/i.test(origin) && !(URL.canParse(origin) && new URL(origin).origin === origin)
}

const HEADERS = 'Accept, Content-Type, Origin, X-Requested-With'

/**
 * The headers that tell a browser that its page may call. A listed origin is named, and may send cookies. If every origin is allowed, none may send
 * cookies: otherwise every page could act as a user who is logged in to a proxy in front of the server.
 * @example const headers = corsHeaders(request, cors, { method: 'POST', takesToken: false })
 */
export function corsHeaders(
  request: Request,
  allowed: AllowedOrigins,
  { method, takesToken }: { readonly method: string; readonly takesToken: boolean },
): Record<string, string> {
  const origin = request.headers.get('origin')
  if (origin === null || !isAllowed(origin, allowed)) return {}
  const headers: Record<string, string> =
    allowed === true
      ? { 'access-control-allow-origin': '*' }
      : { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' }
  if (request.method !== 'OPTIONS') return headers
  return {
    ...headers,
    'access-control-allow-headers': takesToken ? `${HEADERS}, Authorization` : HEADERS,
    'access-control-allow-methods': method,
  }
}

export function isAllowed(origin: string, allowed: AllowedOrigins): boolean {
  if (allowed === true) return true
  return allowed.some((each) =>
    typeof each === 'string'
      ? each === origin
      : new RegExp(`^(?:${each.source})$`, each.flags.replace('g', '')).test(origin),
  )
}
