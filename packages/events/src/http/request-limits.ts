import { invalidOption } from '../checks/errors.ts'
import { checkCount, LONGEST_TIMER } from '../checks/options.ts'

/** What one request, and all of them together, may cost the server. Requests beyond a limit get the status that is given with it. */
export interface RequestLimits {
  /** Bytes of a request's body: 413. Default 16,000,000. */
  readonly maxBodyBytes: number
  /** Milliseconds in which a body must arrive: 408. Default 30,000. */
  readonly bodyTimeout: number
  /**
   * Bytes held for all requests together: bodies that are arriving or being processed, and parts of responses that clients have not taken. At the
   * limit, new requests get 503 and responses wait. At least `maxBodyBytes`; default 64,000,000.
   */
  readonly maxBufferedBytes: number
  /** Requests in progress, until their responses have ended: 503. Default 200. */
  readonly maxRequests: number
  /** Events of one put, in all its streams: 413, and none is stored. Default 100,000. */
  readonly maxEvents: number
  /** Streams of one put, including those with invalid names: 413. Default 1,000. */
  readonly maxStreams: number
  /** Ids of one delete: 413. Default 10,000. */
  readonly maxIds: number
  /** Errors of one put that the response shows, up to 64,000 characters; further ones are only counted. Default 100. */
  readonly maxErrors: number
  /** Characters of the events that a schema is inferred from, always including the whole newest event. Default 1,000,000. */
  readonly maxSchemaBytes: number
  /** Members that a schema may name in total; further ones are left out. Default 10,000. */
  readonly maxSchemaParts: number
}

/** The limits whose defaults depend on no other. */
type PlainLimit = Exclude<keyof RequestLimits, 'maxBufferedBytes'>

const DEFAULTS: Readonly<Record<PlainLimit, number>> = {
  maxBodyBytes: 16_000_000,
  bodyTimeout: 30_000,
  maxRequests: 200,
  maxEvents: 100_000,
  maxStreams: 1_000,
  maxIds: 10_000,
  maxErrors: 100,
  maxSchemaBytes: 1_000_000,
  maxSchemaParts: 10_000,
}
const MAX_BUFFERED_BYTES = 64_000_000

const PLAIN = Object.keys(DEFAULTS) as PlainLimit[]

export const LIMITS: readonly (keyof RequestLimits)[] = [...PLAIN, 'maxBufferedBytes']

/** @throws KAIROS_INVALID_CONFIG */
export function checkLimits(given: Partial<RequestLimits>): RequestLimits {
  const limits: Record<PlainLimit, number> = { ...DEFAULTS }
  for (const name of PLAIN) {
    const most = name === 'bodyTimeout' ? LONGEST_TIMER : Number.MAX_SAFE_INTEGER
    const { [name]: limit = DEFAULTS[name] } = given
    limits[name] = checkCount(limit, name, 1, most)
  }
  const { maxBodyBytes } = limits
  const { maxBufferedBytes = Math.max(MAX_BUFFERED_BYTES, maxBodyBytes) } = given
  checkCount(maxBufferedBytes, 'maxBufferedBytes', 1)
  if (maxBufferedBytes < maxBodyBytes) {
    throw invalidOption({
      path: 'maxBufferedBytes',
      expected: `at least maxBodyBytes, ${maxBodyBytes}`,
      value: maxBufferedBytes,
    })
  }
  return { ...limits, maxBufferedBytes }
}
