import { failedStore, messageOf, type StoreFailure } from '@kairos/core/driver'

/** What an error of the client says of the request that failed. */
export interface Fault {
  /** Certainly not carried out. */
  readonly notApplied: boolean
  readonly retry: StoreFailure['retry']
}

const UNSENT: Fault = { notApplied: true, retry: 'later' }

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
  // What the client says, in place of an error, of a node that it did not ask.
  if (typeof error === 'string') return UNSENT
  const { code, name, message, innerErrors, isSocketError, requestNotWritten } = (error ?? {}) as {
    code?: unknown
    name?: unknown
    message?: unknown
    innerErrors?: Readonly<Record<string, unknown>>
    isSocketError?: boolean
    requestNotWritten?: boolean
  }
  const refusal = REFUSALS.get(code)
  if (refusal !== undefined) return { notApplied: true, retry: refusal }
  if (typeof code === 'number') return { notApplied: false, retry: 'later' }
  if (name === 'NoHostAvailableError') return allOf(Object.values(innerErrors ?? {}))
  if (isSocketError === true) return { notApplied: requestNotWritten === true, retry: 'later' }
  // There was no connection, or none that takes another request.
  if (name === 'BusyConnectionError' || UNCONNECTED.includes(code) || message === NO_CONNECTION) return UNSENT
  if (name === 'AuthenticationError') return { notApplied: true, retry: 'never' }
  // What the client refuses to encode was never sent.
  if (error instanceof TypeError || name === 'ArgumentError') return { notApplied: true, retry: 'never' }
  return { notApplied: false, retry: 'later' }
}

const UNCONNECTED: readonly unknown[] = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']

/** An error without a class or code of its own: a pool that has lost its last connection. */
const NO_CONNECTION = 'No connection available'

/** Each host was tried: one that may have taken the request is enough for doubt. */
function allOf(errors: readonly unknown[]): Fault {
  const faults = errors.map(faultOf)
  return {
    notApplied: faults.every(({ notApplied }) => notApplied),
    retry: faults.length > 0 && faults.every(({ retry }) => retry === 'never') ? 'never' : 'later',
  }
}

/** An error of the client as core is to see it. */
export function storeFailure(error: unknown): StoreFailure {
  return failedStore(reasonOf(error), faultOf(error).retry, error)
}

/** The client names one of the nodes that it tried; here each stands with its reason. */
function reasonOf(error: unknown): string {
  const { innerErrors } = (error ?? {}) as { innerErrors?: Readonly<Record<string, unknown>> | null }
  const tried = Object.entries(innerErrors ?? {})
  if (tried.length === 0) return messageOf(error)
  return `no node answered: ${tried.map(([node, reason]) => `${node}: ${messageOf(reason)}`).join('; ')}`
}

/** What a write rejects with that is not known to be stored. */
export interface RequestFailure extends StoreFailure {
  /** Some node may have carried it out. */
  readonly inDoubt: boolean
}

export function requestFailure(error: unknown, inDoubt: boolean): RequestFailure {
  return Object.assign(storeFailure(error), { inDoubt })
}

/** Whether trying again may help: as the error says itself, or as what it is of tells. */
export function retryOf(error: unknown): StoreFailure['retry'] {
  return error instanceof Error && 'retry' in error ? (error.retry as StoreFailure['retry']) : faultOf(error).retry
}
