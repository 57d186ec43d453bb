import { failedStore, messageOf, type StoreFailure } from '@kairos/core/driver'
import { REFUSED, type Verdict } from './verdict.ts'

/** The error that statements reject with. */
export interface SqlFailure extends StoreFailure, Verdict {
  readonly retry: StoreFailure['retry']
}

/** Wraps a client's error. */
export function sqlFailure(cause: unknown, { retry, inDoubt }: Verdict): SqlFailure {
  return Object.assign(failedStore(messageOf(cause), retry, cause), { inDoubt })
}

/** Whether an error is an `SqlFailure`. */
export function isSqlFailure(error: unknown): error is SqlFailure {
  return error instanceof Error && 'inDoubt' in error && 'retry' in error
}

/** The failure of a call whose transaction the caller ended before the call had ended: what it wrote may be stored, in the transaction or outside it. */
export function endedMeanwhile(error: unknown): SqlFailure {
  const cause = isSqlFailure(error) ? error.cause : error
  const advice =
    'the transaction ended while this call was being made in it; await each call before you commit or roll back'
  return Object.assign(failedStore(`${messageOf(cause)}; ${advice}`, REFUSED.retry, cause), { inDoubt: true })
}

/** The failure of a call in a transaction of the caller that has ended. The same call cannot succeed in it. */
export function transactionEnded(error: unknown, problem: string): SqlFailure {
  const cause = isSqlFailure(error) ? error.cause : error
  const { retry, inDoubt } = REFUSED
  const failure = failedStore(`${messageOf(cause)}; ${problem}; begin a new one`, retry, cause)
  return Object.assign(failure, { inDoubt, transactionEnded: true })
}

/** Whether an error is a failure of `transactionEnded`. */
export function hasEndedTransaction(error: unknown): error is SqlFailure {
  return isSqlFailure(error) && error.transactionEnded === true
}
