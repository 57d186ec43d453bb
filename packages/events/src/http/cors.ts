import { invalidOption } from '../checks/options.ts'

/** Which origins may call from a browser: texts are compared whole, patterns must match the whole origin; `true` is for all of them. */
export type AllowedOrigins = true | readonly (string | RegExp)[]

/** @throws KAIROS_INVALID_CONFIG */
export function checkOrigins(cors: unknown): void {
  if (cors === true) return
  if (!Array.isArray(cors)) throw invalidOption('cors', cors, 'a list of origins, or true')
  for (const [index, origin] of cors.entries()) {
    if (typeof origin !== 'string' && !(origin instanceof RegExp)) {
      throw invalidOption(`cors[${index}]`, origin, 'a string or a RegExp')
    }
  }
}

const HEADERS = 'Accept, Content-Type, Origin, X-Requested-With'

/**
 * The headers that tell a browser that it may. An origin that is listed is named, and may send its cookies; where all may, none sends any:
 * whoever is logged in at a proxy before the server would lend that to every page.
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
