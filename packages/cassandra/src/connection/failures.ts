import { failedStore, messageOf, type StoreFailure } from '@kairos/core/driver'
import { faultOf } from './lost-answers.ts'

/** A client's error as core expects it. */
export function storeFailure(error: unknown): StoreFailure {
  return failedStore(reasonOf(error), faultOf(error).retry, error)
}

/** The client's message names only one of the nodes it tried; this one gives every node with its reason. */
function reasonOf(error: unknown): string {
  const { innerErrors } = (error ?? {}) as { innerErrors?: Readonly<Record<string, unknown>> | null }
  const tried = Object.entries(innerErrors ?? {})
  if (tried.length === 0) return messageOf(error)
  return `no node answered: ${tried.map(([node, reason]) => `${node}: ${messageOf(reason)}`).join('; ')}`
}

/** What a write rejects with if it is not known to be stored. */
export interface RequestFailure extends StoreFailure {
  /** Some node may have applied it. */
  readonly inDoubt: boolean
}

export function requestFailure(error: unknown, inDoubt: boolean): RequestFailure {
  return Object.assign(storeFailure(error), { inDoubt })
}

/** Whether trying again may help: what the error itself says, or what follows from its kind. */
export function retryOf(error: unknown): StoreFailure['retry'] {
  return error instanceof Error && 'retry' in error ? (error.retry as StoreFailure['retry']) : faultOf(error).retry
}
