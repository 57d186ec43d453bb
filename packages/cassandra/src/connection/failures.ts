import { failedStore, messageOf, type StoreFailure } from '@kairos/core/driver'

/** What an error of the client says of the request that failed. */
export interface Fault {
  /** Certainly not carried out. */
  readonly refused: boolean
  readonly retry: StoreFailure['retry']
}

/** Codes with which a server refuses before anything is written, and whether waiting helps. Any other code leaves doubt. */
const REFUSALS: ReadonlyMap<unknown, StoreFailure['retry']> = new Map([
  [0x1000, 'later'], // unavailable: too few replicas are alive
  [0x1001, 'later'], // overloaded
  [0x1002, 'later'], // bootstrapping
  [0x000a, 'never'], // protocol
  [0x0100, 'never'], // bad credentials
  [0x2000, 'never'], // syntax
  [0x2100, 'never'], // unauthorized
  [0x2200, 'never'], // invalid
  [0x2300, 'never'], // configuration
])

/** Written for the shape of the client's errors, not their classes: two installed copies have different ones. */
export function faultOf(error: unknown): Fault {
  const { code, name, innerErrors, isSocketError, requestNotWritten } = (error ?? {}) as {
    code?: unknown
    name?: unknown
    innerErrors?: Readonly<Record<string, unknown>>
    isSocketError?: boolean
    requestNotWritten?: boolean
  }
  const refusal = REFUSALS.get(code)
  if (refusal !== undefined) return { refused: true, retry: refusal }
  if (typeof code === 'number') return { refused: false, retry: 'later' }
  if (name === 'NoHostAvailableError') return allOf(Object.values(innerErrors ?? {}))
  if (isSocketError === true) return { refused: requestNotWritten === true, retry: 'later' }
  // No connection could be had, or none that takes another request.
  if (name === 'BusyConnectionError' || UNCONNECTED.includes(code)) return { refused: true, retry: 'later' }
  if (name === 'AuthenticationError') return { refused: true, retry: 'never' }
  // What the client refuses to encode was never sent.
  if (error instanceof TypeError || name === 'ArgumentError') return { refused: true, retry: 'never' }
  return { refused: false, retry: 'later' }
}

const UNCONNECTED: readonly unknown[] = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']

/** Each host was tried: one that may have taken the request is enough for doubt. */
function allOf(errors: readonly unknown[]): Fault {
  const faults = errors.map(faultOf)
  return {
    refused: faults.every(({ refused }) => refused),
    retry: faults.length > 0 && faults.every(({ retry }) => retry === 'never') ? 'never' : 'later',
  }
}

/** An error of the client as core is to see it. */
export function storeFailure(error: unknown): StoreFailure {
  return failedStore(messageOf(error), faultOf(error).retry, error)
}

/** Whether trying again may help: as the error says itself, or as what it is of tells. */
export function retryOf(error: unknown): StoreFailure['retry'] {
  return error instanceof Error && 'retry' in error ? (error.retry as StoreFailure['retry']) : faultOf(error).retry
}
