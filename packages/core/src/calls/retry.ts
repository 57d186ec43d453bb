import type { StoreFailure } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { textOf } from '../internal/describe.ts'
import { isObject } from '../internal/kinds.ts'
import { abortable } from './abortable.ts'
import { pause } from './pause.ts'

/** How long core goes on trying one call, from its first failure on, in milliseconds. */
const PATIENCE = 30_000
const IMMEDIATE_ATTEMPTS = 3
const SHORTEST_PAUSE = 5
const LONGEST_PAUSE = 1_000

/** The pauses between the attempts of one call: exponential, with jitter, so that writers who collided do not collide again. */
export function createBackoff(): {
  pause(retry: StoreFailure['retry'], signal: AbortSignal | undefined): Promise<boolean>
} {
  const started = performance.now()
  let attempts = 0
  return {
    /** Resolves to whether to try again. */
    async pause(retry, signal) {
      if (retry === 'never' || performance.now() - started > PATIENCE) return false
      attempts++
      if (retry === 'now' && attempts <= IMMEDIATE_ATTEMPTS) return true
      const longest = Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** Math.min(attempts, 10))
      await pause(longest * (0.5 + Math.random() / 2), signal)
      return true
    },
  }
}

export function retryOf(error: unknown): StoreFailure['retry'] {
  const retry = error instanceof Error && 'retry' in error ? error.retry : 'never'
  return retry === 'now' || retry === 'later' ? retry : 'never'
}

/** Whether a store was opened under a record that another process has replaced. */
export function isConfigChanged(error: unknown): boolean {
  return isObject(error) && 'configChanged' in error && error.configChanged === true
}

export function aborted(signal: AbortSignal): KairosError {
  return new KairosError('KAIROS_ABORTED', 'the call was aborted by its signal', {}, signal.reason)
}

/**
 * What others also wait for, until the signal aborts.
 * @throws KAIROS_ABORTED
 */
export async function waitFor<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await abortable(promise, signal)
  } catch (error) {
    throw signal?.aborted ? aborted(signal) : error
  }
}

/**
 * One call that changes nothing when it is made again: repeated while its failure says that this may help.
 * @throws KAIROS_STORE_FAILED, KAIROS_ABORTED, and what the driver throws as a KairosError
 */
export async function callStore<T>(
  driver: string,
  operation: string,
  call: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  let backoff: ReturnType<typeof createBackoff> | undefined
  for (;;) {
    if (signal?.aborted) throw aborted(signal)
    try {
      return await abortable(call(), signal)
    } catch (error) {
      if (signal?.aborted) throw aborted(signal)
      if (KairosError.is(error)) throw error
      backoff ??= createBackoff()
      const retry = retryOf(error)
      if (!(await backoff.pause(retry, signal).catch(() => false))) {
        if (signal?.aborted) throw aborted(signal)
        throw storeFailed(driver, operation, retry, error)
      }
    }
  }
}

function storeFailed(driver: string, operation: string, retry: StoreFailure['retry'], cause: unknown): KairosError {
  return new KairosError(
    'KAIROS_STORE_FAILED',
    `${operation} failed in the ${driver} store: ${messageOf(cause)}`,
    { driver, operation, retryable: retry !== 'never' },
    cause,
  )
}

/** What was thrown as a text, whatever it is: an error's message, of any realm, a text itself, or what else it is. */
export function messageOf(error: unknown): string {
  return textOf(isObject(error) && 'message' in error ? error.message : error)
}
