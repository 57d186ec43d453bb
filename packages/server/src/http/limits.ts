import { invalidOption } from '@kairos/core/driver'

/** What one request, and all of them together, may cost. Requests beyond a limit get the status that is given with it. */
export interface ServerLimits {
  /** Bytes of a request's body: 413. Default 16,000,000. */
  readonly maxBodyBytes: number
  /** Milliseconds in which a body must arrive: 408. Default 30,000. */
  readonly bodyTimeout: number
  /** Bytes of all bodies together, and of all answers that clients have not taken: 503; of one answer: 400. Default 64,000,000. */
  readonly maxBufferedBytes: number
  /** Bytes of a line of Carbon's or StatsD's; of a longer one, the rest is passed over. Also characters of a value that is a text. At most 65,536, by default 4,096. */
  readonly maxLineBytes: number
  /** Bytes of a name. Default 1,000. */
  readonly maxNameBytes: number
  /** Bytes of one message of Carbon's pickles; a longer one closes its connection. Default 1,048,576, as Carbon's. */
  readonly maxPickleBytes: number
  /** Milliseconds in which something must arrive over a connection to Carbon's or StatsD's port, else it is closed. Default 600,000. */
  readonly idleTimeout: number
  /** Requests that are being answered, beside those for how the server is: 503. Default 200. */
  readonly maxRequests: number
  /** Connections of each port at a time; further ones are closed at once. Default 1,000. */
  readonly maxConnections: number
  /** Names that a pattern or a list of tags may match: 400. Default 10,000. */
  readonly maxNames: number
  /** Names that a request may look through for that: 400. Default 200,000. */
  readonly maxNamesRead: number
  /** Points of an answer, of all its series together: 400. Default 1,000,000. */
  readonly maxPoints: number
  /**
   * Numbers, and characters of names, that the functions of a request to `/render` may work through, and what matching its patterns takes, in other
   * requests too: 400; functions of all requests together twice as many: 503. Default 50,000,000.
   */
  readonly maxFunctionCost: number
}

const DEFAULTS: ServerLimits = {
  maxBodyBytes: 16_000_000,
  bodyTimeout: 30_000,
  maxBufferedBytes: 64_000_000,
  maxLineBytes: 4_096,
  maxNameBytes: 1_000,
  maxPickleBytes: 1_048_576,
  idleTimeout: 600_000,
  maxRequests: 200,
  maxConnections: 1_000,
  maxNames: 10_000,
  maxNamesRead: 200_000,
  maxPoints: 1_000_000,
  maxFunctionCost: 50_000_000,
}

/** What timers, and buffers of a fixed size, can hold. */
const MOST: Readonly<Record<string, number>> = {
  bodyTimeout: 2 ** 31 - 1,
  idleTimeout: 2 ** 31 - 1,
  maxLineBytes: 65_536,
}

export const LIMITS: readonly string[] = Object.keys(DEFAULTS)

/** @throws KAIROS_INVALID_CONFIG */
export function limitsOf(given: Partial<ServerLimits>): ServerLimits {
  const limits = { ...DEFAULTS, ...given }
  for (const [name, value] of Object.entries(limits)) {
    const most = MOST[name] ?? Number.MAX_SAFE_INTEGER
    if (!Number.isSafeInteger(value) || value < 1 || value > most)
      throw invalidOption({ path: `server.limits.${name}`, expected: `a whole number from 1 to ${most}`, value })
  }
  return limits
}
