import type { StoreFailure } from '@kairos/core/driver'

/** What a client's error says about the request that failed. */
export interface Fault {
  /** Certainly not applied. */
  readonly notApplied: boolean
  readonly retry: StoreFailure['retry']
}

const UNSENT: Fault = { notApplied: true, retry: 'later' }

/** Error code of a request that the server's schema does not allow. */
const INVALID = 0x2200
/**
 * A table that another process has just created: it is in the system tables a moment before a node accepts requests for it, and reaches other nodes
 * even later.
 */
const UNKNOWN_TABLE = /table .* does not exist|unconfigured table/i

/** Error codes of requests that a server rejects before writing anything, and whether waiting helps. After any other code the request is in doubt. */
const REJECTIONS: ReadonlyMap<unknown, StoreFailure['retry']> = new Map([
  [0x1000, 'later'], // unavailable: too few replicas are alive
  [0x1001, 'later'], // overloaded
  [0x1002, 'later'], // bootstrapping
  [0x000a, 'never'], // protocol
  [0x0100, 'never'], // bad credentials
  [0x2000, 'never'], // syntax
  [0x2100, 'never'], // unauthorized
  [INVALID, 'never'],
  [0x2300, 'never'], // configuration
])

/** Goes by the shape of the client's errors, not by their classes, which differ between two installed copies of the client. */
export function faultOf(error: unknown): Fault {
  // The client gives a string, not an error, for a node that it did not ask.
  if (typeof error === 'string') return UNSENT
  const { code, name, message, innerErrors, isSocketError, requestNotWritten } = (error ?? {}) as {
    code?: unknown
    name?: unknown
    message?: unknown
    innerErrors?: Readonly<Record<string, unknown>>
    isSocketError?: boolean
    requestNotWritten?: boolean
  }
  if (code === INVALID && typeof message === 'string' && UNKNOWN_TABLE.test(message)) return UNSENT
  const rejection = REJECTIONS.get(code)
  if (rejection !== undefined) return { notApplied: true, retry: rejection }
  if (typeof code === 'number') return { notApplied: false, retry: 'later' }
  if (name === 'NoHostAvailableError') return allOf(Object.values(innerErrors ?? {}))
  if (isSocketError === true) return { notApplied: requestNotWritten === true, retry: 'later' }
  // No connection was open, or none had room for another request.
  if (name === 'BusyConnectionError' || UNCONNECTED.includes(code) || message === NO_CONNECTION) return UNSENT
  if (name === 'AuthenticationError') return { notApplied: true, retry: 'never' }
  // The client could not encode it, so it was never sent.
  if (error instanceof TypeError || name === 'ArgumentError') return { notApplied: true, retry: 'never' }
  return { notApplied: false, retry: 'later' }
}

const UNCONNECTED: readonly unknown[] = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']

/** The message of a pool without a connection; this error has no class or code of its own. */
const NO_CONNECTION = 'No connection available'

/** All hosts were tried: if one of them may have applied the request, it is in doubt. */
function allOf(errors: readonly unknown[]): Fault {
  const faults = errors.map(faultOf)
  return {
    notApplied: faults.every(({ notApplied }) => notApplied),
    retry: faults.length > 0 && faults.every(({ retry }) => retry === 'never') ? 'never' : 'later',
  }
}
