import { checkCount, invalidOption, LONGEST_TIMER } from '../checks/options.ts'

/** What one request, and all of them together, may cost the server. */
export interface RequestLimits {
  /** Of a request's body; a longer one is answered 413. Default 16,000,000. */
  readonly maxBodyBytes: number
  /** Milliseconds in which a body arrives whole; a slower one is answered 408. Default 30,000. */
  readonly bodyTimeout: number
  /**
   * Held for all requests together: bodies that arrive or are worked on, and the parts of answers that clients have not taken. When it is
   * reached, requests are answered 503 and answers wait. At least `maxBodyBytes`; default 64,000,000.
   */
  readonly maxBufferedBytes: number
  /** At once, until their answers have ended; further ones are answered 503. Default 200. */
  readonly maxRequests: number
  /** Of one put, all streams together; more are answered 413, and none is stored. Default 100,000. */
  readonly maxEvents: number
  /** Of one put, also those whose names are refused; more are answered 413. Default 1,000. */
  readonly maxStreams: number
  /** Ids of one delete; more are answered 413. Default 10,000. */
  readonly maxIds: number
  /** Told one by one in the answer to a put, up to 64,000 characters; of the rest their number. Default 100. */
  readonly maxErrors: number
  /** Of the events that a schema is inferred from, but for the first; default 1,000,000. */
  readonly maxSchemaBytes: number
  /** Members that a schema names, in all its objects together; further ones are left out of it. Default 10,000. */
  readonly maxSchemaParts: number
}

const defaults: Readonly<Record<Exclude<keyof RequestLimits, 'maxBufferedBytes'>, number>> = {
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

export const LIMITS: readonly (keyof RequestLimits)[] = [
  ...(Object.keys(defaults) as (keyof typeof defaults)[]),
  'maxBufferedBytes',
]

/** @throws KAIROS_INVALID_CONFIG */
export function checkLimits(given: Partial<RequestLimits>): RequestLimits {
  const limits: Record<string, number> = {}
  for (const [name, value] of Object.entries(defaults)) {
    const most = name === 'bodyTimeout' ? LONGEST_TIMER : Number.MAX_SAFE_INTEGER
    const { [name as keyof RequestLimits]: limit = value } = given
    limits[name] = checkCount(limit, name, 1, most)
  }
  const { maxBodyBytes } = limits as unknown as RequestLimits
  const { maxBufferedBytes = Math.max(MAX_BUFFERED_BYTES, maxBodyBytes) } = given
  checkCount(maxBufferedBytes, 'maxBufferedBytes', 1)
  if (maxBufferedBytes < maxBodyBytes) {
    throw invalidOption('maxBufferedBytes', maxBufferedBytes, `at least maxBodyBytes, ${maxBodyBytes}`)
  }
  return { ...limits, maxBufferedBytes } as unknown as RequestLimits
}
