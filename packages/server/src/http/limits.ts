import { invalidOption } from '@kairos/core/driver'

/** What one request, and all of them together, may cost. Requests beyond a limit get the status that is given with it. */
export interface ServerLimits {
  /** Bytes of a request's body: 413. Default 16,000,000. */
  readonly maxBodyBytes: number
  /** Milliseconds in which a body must arrive: 408. Default 30,000. */
  readonly bodyTimeout: number
  /** Bytes of all bodies together: 503. Default 64,000,000. */
  readonly maxBufferedBytes: number
  /** Requests that are being answered: 503. Default 200. */
  readonly maxRequests: number
  /** Connections at a time; further ones are closed at once. Default 1,000. */
  readonly maxConnections: number
  /** Names that a pattern or a list of tags may match: 400. Default 10,000. */
  readonly maxNames: number
  /** Names that a request may look through for that: 400. Default 200,000. */
  readonly maxNamesRead: number
  /** Points of an answer, of all its series together: 400. Default 1,000,000. */
  readonly maxPoints: number
  /** Numbers that the functions of a request to `/render` may work through: 400. Default 50,000,000. */
  readonly maxFunctionCost: number
}

const DEFAULTS: ServerLimits = {
  maxBodyBytes: 16_000_000,
  bodyTimeout: 30_000,
  maxBufferedBytes: 64_000_000,
  maxRequests: 200,
  maxConnections: 1_000,
  maxNames: 10_000,
  maxNamesRead: 200_000,
  maxPoints: 1_000_000,
  maxFunctionCost: 50_000_000,
}

export const LIMITS: readonly string[] = Object.keys(DEFAULTS)

/** @throws KAIROS_INVALID_CONFIG */
export function limitsOf(given: Partial<ServerLimits>): ServerLimits {
  const limits = { ...DEFAULTS, ...given }
  for (const [name, value] of Object.entries(limits)) {
    const most = name === 'bodyTimeout' ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER
    if (!Number.isSafeInteger(value) || value < 1 || value > most)
      throw invalidOption({ path: `server.limits.${name}`, expected: `a whole number from 1 to ${most}`, value })
  }
  return limits
}
